"""A value that many viewers share: one thread reads it, and only while a viewer asks."""

import time
from collections.abc import Callable
from threading import Event, Lock, Thread

REST = 15.0  # seconds from one reading to the next
PATIENCE = 5.0  # a viewer then gets the last reading, or learns that the first one goes on


class SharedReading[Value]:
    """Calls `read` when a viewer asks and the last value is older than REST, one call at a time.

    `read` must not raise.
    """

    def __init__(
        self, read: Callable[[], Value], *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = Lock()
        self._under_way: Event | None = None
        self._latest: Value | None = None
        self._read_at: float | None = None

    def latest(self, *, patience: float | None = PATIENCE) -> Value | None:
        """Return the newest value; None while the first takes longer than `patience`."""
        under_way = self._begun()
        if under_way is not None:
            under_way.wait(patience)
        return self._latest

    def _begun(self) -> Event | None:
        """Return the reading to wait for, started here where it was time."""
        with self._lock:
            if self._under_way is None and self._is_old():
                self._under_way = Event()
                # A daemon: a provider that hangs does not keep the command from its end.
                Thread(target=self._refresh, args=(self._under_way,), daemon=True).start()
            return self._under_way

    def _is_old(self) -> bool:
        return self._read_at is None or self._seconds() - self._read_at >= REST

    def _refresh(self, done: Event) -> None:
        try:
            self._latest = self._read()
        finally:
            with self._lock:
                self._read_at, self._under_way = self._seconds(), None
            done.set()
