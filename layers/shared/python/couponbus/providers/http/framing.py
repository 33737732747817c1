"""Where an answer begins and ends: the rules of HTTP that every client here keeps (RFC 9112, 6)."""

import io
import re
import socket
from contextlib import suppress
from http.client import HTTPException, HTTPResponse

from couponbus.providers.http.deadline import LimitedReader

_SWITCHING = 101
_INTERIM = range(102, 200)
_WITHOUT_BODY = (204, 304)
_HTTP_1_0 = 10
_LENGTH_DIGITS_MAX = 18
_LINE_MAX = 8192
_TRAILER_LINES_MAX = 100
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?\r?\n", re.DOTALL)
_LINE_ENDS = (b"\r\n", b"\n")


class FramingBroken(HTTPException):
    """An answer whose end is uncertain; the text repeats nothing of it."""


class FinalAnswer(HTTPResponse):
    """The final answer to one request; its connection is of use again only if it ended there.

    http.client and urllib3 would take the first of two lengths, numbers as Python writes them, and
    any two bytes for the end of a chunk; chunks are therefore read here.
    """

    chunk_left: int | None

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        """Read from this socket, within the deadline of the call in progress."""
        super().__init__(sock, debuglevel, method, url)
        self.fp = io.BufferedReader(LimitedReader(self.fp.detach(), connection=sock))
        self._socket = sock
        self._ended = False

    def begin(self) -> None:
        """Read the head of the final answer (RFC 9110, 15.2). Raises FramingBroken.

        If an interim answer is taken for the final one, the final one stays on the connection
        and is read as the answer to the next request.
        """
        try:
            self._read_head()
        except BaseException:
            self.length = None  # it may be that of an interim answer
            self.close()  # nothing else would, and its socket stays open as long as it is
            raise

    def _read_head(self) -> None:
        super().begin()
        while self.status in _INTERIM:
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        if self.status == _SWITCHING:
            raise FramingBroken("another protocol follows, for which nothing asked")
        lengths = self.headers.get_all("Content-Length")
        codings = self.headers.get_all("Transfer-Encoding")
        length = None if lengths is None else _single(lengths)
        if codings is not None:
            self._refuse_unknown(codings, lengths=lengths)
        if self.status not in _WITHOUT_BODY:
            self.length = length
            return
        self.chunked = False
        if codings or length:
            self.will_close = True  # whether a body follows is uncertain, and it is never read

    def _refuse_unknown(self, codings: list[str], *, lengths: list[str] | None) -> None:
        if lengths is not None:
            raise FramingBroken("both a length and chunks")
        if len(codings) > 1 or codings[0].strip().lower() != "chunked":
            raise FramingBroken("a coding that is not understood")
        if self.version <= _HTTP_1_0:
            raise FramingBroken("chunks of a version that has none")
        del self.headers["Transfer-Encoding"]  # urllib3 would read the chunks itself

    def _get_chunk_left(self) -> int | None:
        left = self.chunk_left
        if left:
            return left
        if left is not None and self._line() not in _LINE_ENDS:
            raise FramingBroken("a chunk does not end where its size says")
        size = _CHUNK_SIZE.fullmatch(self._line())
        if size is None:
            raise FramingBroken("a chunk without a size")
        self.chunk_left = int(size[1], 16) or None
        if self.chunk_left is None:
            self._pass_trailer()
            self._ended = True
            self._close_conn()
        return self.chunk_left

    def _pass_trailer(self) -> None:
        for _ in range(_TRAILER_LINES_MAX):
            line = self._line()
            if line in _LINE_ENDS:
                return
            if not line.endswith(b"\n"):
                break
        raise FramingBroken("the end of the last chunk is missing")

    def _line(self) -> bytes:
        return self.fp.readline(_LINE_MAX)

    def _close_conn(self) -> None:
        if self.fp is not None and not self.will_close and not self._is_at_its_end():
            with suppress(OSError):  # it is closed already
                self._socket.shutdown(socket.SHUT_RDWR)
        super()._close_conn()  # type: ignore[misc]

    def _is_at_its_end(self) -> bool:
        """Whether all of the answer was read, and nothing came behind it."""
        if not (self._ended or self.length == 0):
            return False
        patience = self._socket.gettimeout()
        try:
            self._socket.settimeout(0)
            return not self.fp.peek(1)
        except OSError:  # TLS says so that nothing is there
            return True
        except HTTPException:  # no more may be read
            return False
        finally:
            with suppress(OSError):
                self._socket.settimeout(patience)


class WholeAnswer(FinalAnswer):
    """An answer whose body is read: each line of its head has to be understood."""

    def _read_head(self) -> None:
        super()._read_head()
        if self.headers.defects:  # what follows such a line was not read, be it a length
            raise FramingBroken("a line of the head is no header")


def _single(lengths: list[str]) -> int:
    found = {each.strip() for line in lengths for each in line.split(",")}
    length = found.pop()
    if found or not (length.isascii() and length.isdecimal()):
        raise FramingBroken("no single length")
    if len(length) > _LENGTH_DIGITS_MAX:
        raise FramingBroken("a length beyond any use")
    return int(length)
