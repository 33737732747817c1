"""A piece of ordinary synchronous code that can be suspended in the middle and resumed."""

from collections.abc import Callable

from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped]


class Coroutine:
    """Runs `work` until it pauses; the caller goes on when it pauses or ends."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._inner = greenlet(work)

    def resume(self) -> None:
        """Go on from where it paused; the caller goes on afterwards."""
        self._inner.parent = getcurrent()
        self._inner.switch()

    def pause(self) -> None:
        """Give control back to the caller of `resume`; to be called from within."""
        self._inner.parent.switch()

    def drop(self) -> None:
        """End it where it stands."""
        if self._inner:
            self._inner.throw(GreenletExit)
