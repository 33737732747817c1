"""Responses of which only the head is read, within a limit of bytes."""

import io
import socket
from http.client import HTTPException, RemoteDisconnected

from couponbus.providers.http.framing import FinalAnswer

HEAD_MAX_BYTES = 64 * 1024


class HeadOnly(FinalAnswer):
    """Reads no more than a head needs; the largest that http.client accepts takes 50 MB."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        """Read from this socket, up to HEAD_MAX_BYTES in all."""
        super().__init__(sock, debuglevel, method, url)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), most=HEAD_MAX_BYTES))


class _BoundedReader(io.RawIOBase):
    """Reads up to `most` bytes; an end of data is a broken connection, as a head ends by itself."""

    def __init__(self, source: io.RawIOBase, *, most: int) -> None:
        self._source = source
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        if self._left <= 0:
            raise HTTPException("the head of the answer is too long")
        count = self._source.readinto(buffer)
        if count == 0:
            raise RemoteDisconnected("the head of the answer ended early")
        self._left -= count or 0
        return count

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()
