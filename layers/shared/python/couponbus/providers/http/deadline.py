"""One call in progress: its deadline, and whether any byte of it has left this machine."""

import io
import socket
from contextvars import ContextVar
from enum import StrEnum
from time import monotonic
from types import TracebackType
from typing import Self


class Phase(StrEnum):
    """How far a request got."""

    NOT_SENT = "not_sent"  # no byte of it was handed to a socket
    MAYBE_SENT = "maybe_sent"  # the provider may have seen it


class DeadlinePassed(Exception):
    """The deadline passed before anything was sent."""


class CallInProgress:
    """Ends a call at its deadline, in any phase.

    A socket's timeout counts from one byte to the next, so a server that sends byte by byte never
    exceeds it: it is set anew, to what is left of the call, before each time a socket may wait.
    """

    def __init__(self, *, seconds: float) -> None:
        """`seconds` count from now."""
        self.phase = Phase.NOT_SENT
        self._ends_at = monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._ends_at - monotonic()

    @property
    def may_be_sent(self) -> bool:
        """Whether the provider may have seen any byte of it."""
        return self.phase is Phase.MAYBE_SENT

    def start_over(self) -> None:
        """Prepare a retry of the same request within the time that is left."""
        self.phase = Phase.NOT_SENT

    def limit(self, connection: socket.socket, *, most: float | None = None) -> None:
        """Let its next wait last for what is left, or for `most`. Raises TimeoutError."""
        seconds = self.left if most is None else min(self.left, most)
        if seconds <= 0:
            raise TimeoutError
        connection.settimeout(seconds)

    def mark_sent(self) -> None:
        """Note that a byte is about to be sent. Raises DeadlinePassed if it would be too late."""
        if self.phase is Phase.NOT_SENT and self.left <= 0:
            raise DeadlinePassed
        self.phase = Phase.MAYBE_SENT

    def __enter__(self) -> Self:
        self._token = _in_progress.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _in_progress.reset(self._token)


_in_progress: ContextVar[CallInProgress] = ContextVar("couponbus_call_in_progress")


def call_in_progress() -> CallInProgress:
    """Return the call that this thread is making. Raises LookupError outside of one."""
    return _in_progress.get()


class LimitedReader(io.RawIOBase):
    """Reads from a connection until the deadline of the call that this thread is making."""

    def __init__(self, source: io.RawIOBase, *, connection: socket.socket) -> None:
        """`source` reads from `connection`."""
        self._call = call_in_progress()
        self._source = source
        self._connection = connection

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        """Read what is there, or wait for it. Raises TimeoutError."""
        if self._connection.gettimeout() != 0:  # else nothing waits
            self._call.limit(self._connection)
        return self._source.readinto(buffer)

    def close(self) -> None:
        """Close what it reads from as well."""
        if not self.closed:
            self._source.close()
        super().close()
