"""One call in progress: its deadline, and whether any byte of it has left this machine."""

import os
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar
from enum import StrEnum
from time import monotonic
from types import TracebackType
from typing import Self

_GRACE = 0.25


class Phase(StrEnum):
    """How far a request got."""

    NOT_SENT = "not_sent"  # no byte of it was handed to a socket
    MAYBE_SENT = "maybe_sent"  # the provider may have seen it


class DeadlinePassed(Exception):
    """The deadline passed before anything was sent."""


class CallInProgress:
    """Ends a call at its deadline, in any phase.

    A socket's timeout counts from one byte to the next, so a server that sends byte by byte never
    exceeds it; shutting the socket down ends any wait.
    """

    def __init__(self, *, seconds: float) -> None:
        """`seconds` count from now."""
        self.phase = Phase.NOT_SENT
        self._ends_at = monotonic() + seconds
        self._lock = threading.Lock()
        self._guarded: dict[int, socket.socket] = {}
        self._cut = False
        self._timer = threading.Timer(max(seconds, 0.0), self._cut_off)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._ends_at - monotonic()

    @property
    def patience(self) -> float:
        """The socket's timeout in seconds: a little longer, so that the shutdown comes first."""
        return max(self.left, 0.0) + _GRACE

    @property
    def was_cut(self) -> bool:
        """Whether sockets were shut down: an end of data may then be a truncation."""
        return self._cut

    @property
    def may_be_sent(self) -> bool:
        """Whether the provider may have seen any byte of it."""
        return self.phase is Phase.MAYBE_SENT

    def start_over(self) -> None:
        """Prepare a retry of the same request within the time that is left."""
        self.phase = Phase.NOT_SENT

    def guard(self, connection: socket.socket) -> None:
        """Shut this connection down at the deadline."""
        # The inode is the connection's: the same for the socket and for TLS around it.
        inode = os.fstat(connection.fileno()).st_ino
        if inode in self._guarded:
            return
        # A duplicate: TLS takes the descriptor over, and a closed one may be reused.
        copy = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._guarded[inode] = copy
            if self._cut:
                _shut_down(copy)

    def mark_sent(self) -> None:
        """Note that a byte is about to be sent. Raises DeadlinePassed if it would be too late."""
        if self.phase is Phase.NOT_SENT and self.left <= 0:
            raise DeadlinePassed
        self.phase = Phase.MAYBE_SENT

    def __enter__(self) -> Self:
        self._timer.start()
        self._token = _in_progress.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _in_progress.reset(self._token)
        self._timer.cancel()
        with self._lock:
            for copy in self._guarded.values():
                copy.close()
            self._guarded.clear()

    def _cut_off(self) -> None:
        with self._lock:
            self._cut = True
            for copy in self._guarded.values():
                _shut_down(copy)


_in_progress: ContextVar[CallInProgress] = ContextVar("couponbus_call_in_progress")


def call_in_progress() -> CallInProgress:
    """Return the call that this thread is making. Raises LookupError outside of one."""
    return _in_progress.get()


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):  # not connected any more: nothing waits on it
        connection.shutdown(socket.SHUT_RDWR)
