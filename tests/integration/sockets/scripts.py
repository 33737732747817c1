"""The behaviours of a faulty server, one function each."""

import gzip
from collections.abc import Iterator
from functools import cache

from tests.integration.sockets.server import Script, Visit

CHUNK = b"x" * 65536


def answer(body: bytes = b"[]", *, status: str = "200 OK", headers: tuple[str, ...] = ()) -> Script:
    """Answer as a server should, then close."""
    return raw(whole(body, status=status, headers=headers))


def answers_kept_open(*bodies: bytes) -> Script:
    """Answer request after request on the same connection, then close it."""

    def script(visit: Visit) -> None:
        for body in bodies:
            if not visit.read_request():
                return
            visit.send(whole(body))

    return script


def answers_announced(interim: str, *bodies: bytes, status: str = "200 OK") -> Script:
    """Answer as `answers_kept_open` does, each time with an interim answer a moment before."""

    def script(visit: Visit) -> None:
        for body in bodies:
            if not visit.read_request():
                return
            visit.send(f"HTTP/1.1 {interim}\r\nLink: </style.css>\r\n\r\n".encode())
            visit.pause(0.05)
            visit.send(whole(body, status=status))

    return script


def whole(body: bytes, *, status: str = "200 OK", headers: tuple[str, ...] = ()) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def raw(data: bytes) -> Script:
    """Read the request, send these bytes, close."""

    def script(visit: Visit) -> None:
        if visit.read_request():
            visit.send(data)

    return script


def drip(data: bytes, *, at_once: int, seconds: float) -> Script:
    """Send the first bytes at once and each other byte after a pause."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(data[:at_once])
        for byte in data[at_once:]:
            if not visit.pause(seconds):
                return
            visit.send(bytes([byte]))

    return script


def stream(head: bytes, pieces: Iterator[bytes]) -> Script:
    """Send a head, then pieces for as long as the caller takes them."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(head)
        for piece in pieces:
            if visit.stopping.is_set():
                return
            visit.send(piece)

    return script


def silence(visit: Visit) -> None:
    """Read the request and send nothing."""
    visit.read_request()
    visit.pause(15)


def silent_from_the_start(visit: Visit) -> None:
    """Accept the connection and neither read nor write."""
    visit.pause(15)


def reset_unread(visit: Visit) -> None:
    """Reset the connection before reading anything."""
    visit.reset()


def reset_after_request(visit: Visit) -> None:
    """Read the request, then reset."""
    visit.read_request()
    visit.reset()


def reset_after_headers(visit: Visit) -> None:
    """Send the head of an answer, then reset."""
    visit.read_request()
    visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    visit.pause(0.1)
    visit.reset()


def close_after_request(visit: Visit) -> None:
    """Read the request, then close in order."""
    visit.read_request()


def million_continues() -> Script:
    return stream(b"", (b"HTTP/1.1 100 Continue\r\n\r\n" * 100 for _ in range(1_000_000)))


def hundred_megabytes() -> Script:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    return stream(head, (CHUNK for _ in range(1600)))


def endless_chunks() -> Script:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return stream(head, (b"10000\r\n" + CHUNK + b"\r\n" for _ in range(1600)))


def gzip_bomb() -> Script:
    def script(visit: Visit) -> None:
        answer(_bomb(), headers=("Content-Encoding: gzip",))(visit)

    return script


@cache
def _bomb() -> bytes:
    return gzip.compress(b"0" * 50_000_000)
