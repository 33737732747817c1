"""Uniqodo as a process of its own: real HTTP, always the same answer, after a delay.

It does as little work as possible, so that the poller is what is measured; `slow_provider` runs it.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

HEAD_END = b"\r\n\r\n"
ANSWER = json.dumps(
    {
        "result": "success",
        "data": {
            "redemption": {"total": 0, "records": []},
            "offer": {
                "offer_id": 4883,
                "offer_description": "Ten per cent off",
                "merchant_id": 1,
                "merchant_name": "A shop",
                "code": "MASTER",
                "code_remaining": 90_000,
                "redemption_per_code": 1,
                "code_type": "unique",
                "start_date": "2026-01-01 00:00:00",
                "end_date": "2026-12-31 23:59:59",
                "code_issue_date": "2026-03-01 10:00:00",
                "code_expiry": "2026-12-31 23:59:59",
                "status": "live",
            },
        },
        "errors": [],
    }
).encode()
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(ANSWER),
    ANSWER,
)


@contextmanager
def slow_provider(*, latency: float) -> Iterator[str]:
    """Run it until the block ends; gives its URL."""
    command = [sys.executable, "-m", __name__, str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()  # it ends when no process holds the other end any more


class Exchange(asyncio.Protocol):
    """Requests over one connection, one after the other."""

    def __init__(self, *, latency: float) -> None:
        self._latency = latency
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(HEAD_END):
            self._received.clear()
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, RESPONSE)


async def serve(latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Exchange(latency=latency), "127.0.0.1", 0, backlog=512
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
