"""Ctrl-C and SIGTERM end a command of the sandbox alike: once, and cleaning up is not disturbed."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
AGAIN_SECONDS = 0.5


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Raise KeyboardInterrupt in the block at the first of these signals and ignore the rest.

    Extension modules may drop it or turn it into an error of their own (pydantic does while it
    builds a schema): it is raised again where it was dropped, and takes the place of an error.
    """
    stop = _Stop()
    before = {number: signal.signal(number, stop.begin) for number in SIGNALS}
    try:
        yield
    except Exception as failure:
        if stop.has_begun:
            raise KeyboardInterrupt from failure
        raise
    finally:
        stop.end()
        for number, handler in before.items():
            signal.signal(number, handler)


class _Stop:
    """The handlers of one block."""

    def __init__(self) -> None:
        self.has_begun = False
        self._handler = signal.getsignal(signal.SIGALRM)
        self._timer = (0.0, 0.0)

    def begin(self, _number: int, _frame: FrameType | None) -> None:
        self.has_begun = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, self.again)
        self._timer = signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
        raise KeyboardInterrupt

    def end(self) -> None:
        if self.has_begun:
            signal.setitimer(signal.ITIMER_REAL, *self._timer)
            signal.signal(signal.SIGALRM, self._handler)

    def again(self, _number: int, _frame: FrameType | None) -> None:
        """Raise it where no code is cleaning up on its behalf."""
        if not _is_stopping(sys.exception()):
            raise KeyboardInterrupt


def _is_stopping(handled: BaseException | None) -> bool:
    while handled is not None:
        if isinstance(handled, KeyboardInterrupt):
            return True
        handled = handled.__context__
    return False
