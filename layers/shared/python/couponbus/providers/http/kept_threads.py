"""Threads for work that cannot be interrupted; one that is done serves the next work."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue

type _Inbox = SimpleQueue[Callable[[], None]]

_idle: list[_Inbox] = []


def result_within[R](seconds: float, work: Callable[[], R]) -> R:
    """Return the result, or leave the thread behind until it has one. Raises TimeoutError.

    Work that hangs delays no other: there is always a thread, if need be a new one.
    """
    result: Future[R] = Future()
    try:
        inbox = _idle.pop()
    except IndexError:
        inbox = SimpleQueue()
        threading.Thread(target=_serve, args=(inbox,), name="kept", daemon=True).start()

    def done() -> None:
        try:
            end = partial(result.set_result, work())
        except BaseException as problem:
            end = partial(result.set_exception, problem)
        _idle.append(inbox)  # first: the caller may have more work as soon as it has the result
        end()

    inbox.put(done)
    return result.result(timeout=max(seconds, 0.0))


def _serve(inbox: _Inbox) -> None:
    while True:
        work = inbox.get()
        work()
        del work  # what it knows is not kept
