"""A stand-in for Coniq in a process of its own: real HTTP, no rules, as little work as possible."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@contextmanager
def provider() -> Iterator[str]:
    """Run it until the block ends; gives its URL."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()  # it ends when nobody holds the other end any more


class Exchange(asyncio.Protocol):
    """Requests over one connection, one after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(HEAD_END)
        length = int(head.lower().partition(LENGTH)[2].split(b"\r\n", 1)[0]) if end else 0
        if not end or len(body) < length:
            return
        self._received = body[length:]
        answer = answered(body[:length])
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
        )


def answered(body: bytes) -> bytes:
    """Return a barcode for each request: all nine fields, as Coniq has them."""
    wishes = json.loads(body)
    if isinstance(wishes, list):
        return json.dumps([barcode(wish) for wish in wishes]).encode()
    return json.dumps(barcode(wishes)).encode()


def barcode(wish: dict[str, object]) -> dict[str, object]:
    return {
        **wish,
        "barcode_number": f"9900{int(str(wish['customer_id'])):012}",
        "image_url": "https://images.example/barcode.png",
        "active": True,
        "expiry_date": "2027-01-31",
        "created_datetime_utc": "2026-01-31T12:00:00Z",
    }


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Exchange, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
