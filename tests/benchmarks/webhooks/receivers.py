"""Receivers of webhooks as a process of its own: good ones, slow ones, and some that hang.

It reports when each webhook arrived that it means to answer; `receivers` runs it. A path is the
kind of a receiver and its number.
"""

import asyncio
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, cast

HEAD_END = b"\r\n\r\n"
TAKEN = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
REFUSED = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
MONITORED = "/well/0"


class Kind(StrEnum):
    """What a receiver does with a request."""

    WELL = "well"  # takes it after a little while
    SLOW = "slow"  # takes it after a long while
    DEAD = "dead"  # takes the connection, and never answers
    FLAPPING = "flapping"  # leaves every second request without an answer
    REFUSING = "refusing"  # refuses the request


class Arrivals:
    """When webhooks arrived at the first good receiver, by id, in seconds of the system's clock."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._moments: dict[str, float] = {}

    def url(self, kind: Kind, number: int) -> str:
        """Return the URL of a receiver."""
        return f"{self._base}/{kind}/{number}"

    def listen(self, lines: IO[bytes]) -> None:
        """Read the lines of the process until it ends."""
        for line in lines:
            message_id, moment = line.decode().split()
            self._moments.setdefault(message_id, float(moment))

    @property
    def number(self) -> int:
        """Return the number of webhooks that arrived there and were accepted."""
        return len(self._moments)

    def of(self, message_id: str) -> float | None:
        """Return when a webhook first arrived, None if it has not."""
        return self._moments.get(message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How long an answer takes, in seconds, and the file with key and certificate for TLS.

    Of the requests to the measured receiver, number `refuses` is refused.
    """

    well: float = 0.0
    slow: float = 0.0
    refuses: int = 0
    certificate: str = ""


@contextmanager
def receivers(manners: Manners) -> Iterator[Arrivals]:
    """Run them until the block ends."""
    arguments = (str(manners.well), str(manners.slow), str(manners.refuses), manners.certificate)
    command = [sys.executable, "-m", __name__, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        scheme = "https" if manners.certificate else "http"
        arrivals = Arrivals(f"{scheme}://127.0.0.1:{int(process.stdout.readline())}")
        listener = threading.Thread(target=arrivals.listen, args=(process.stdout,))
        listener.start()
        try:
            yield arrivals
        finally:
            process.stdin.close()  # it ends when no process holds the other end any more
            listener.join()


class Exchange(asyncio.Protocol):
    """One request over one connection."""

    def __init__(self, *, manners: Manners, asked: Counter[str]) -> None:
        self._manners = manners
        self._asked = asked
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(HEAD_END)
        if end < 0:
            return
        first, *lines = bytes(self._received[:end]).decode().split("\r\n")
        parts = (line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in parts}
        if len(self._received) >= end + len(HEAD_END) + int(headers["content-length"]):
            self._take(first.split()[1], headers["webhook-id"])

    def _take(self, path: str, message_id: str) -> None:
        kind = Kind(path.split("/")[1])
        self._asked[path] += 1
        is_refused = path == MONITORED and self._asked[path] == self._manners.refuses
        if path == MONITORED and not is_refused:
            sys.stdout.write(f"{message_id} {time.monotonic()}\n")
            sys.stdout.flush()
        if kind is Kind.DEAD or (kind is Kind.FLAPPING and self._asked[path] % 2 == 0):
            return
        pause = self._manners.slow if kind is Kind.SLOW else self._manners.well
        answer = REFUSED if is_refused or kind is Kind.REFUSING else TAKEN
        asyncio.get_running_loop().call_later(pause, self._answer, answer)

    def _answer(self, answer: bytes) -> None:
        self._transport.write(answer)
        self._transport.close()


def _tls(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def serve(manners: Manners) -> None:
    loop = asyncio.get_running_loop()
    asked: Counter[str] = Counter()
    server = await loop.create_server(
        lambda: Exchange(manners=manners, asked=asked),
        "127.0.0.1",
        0,
        backlog=1024,
        ssl=_tls(manners.certificate) if manners.certificate else None,
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    well, slow, refuses, certificate = sys.argv[1:]
    asyncio.run(
        serve(
            Manners(
                well=float(well), slow=float(slow), refuses=int(refuses), certificate=certificate
            )
        )
    )
