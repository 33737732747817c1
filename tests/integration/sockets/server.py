"""A server on 127.0.0.1 that follows a script for each connection, even an invalid one."""

import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
LONGEST_PAUSE = 20.0


@dataclass(slots=True, kw_only=True)
class Visit:
    """An accepted connection, and what the script needs to misbehave on it."""

    connection: socket.socket
    stopping: threading.Event

    def read_request(self) -> bytes:
        """Return one whole request, empty when the caller hangs up without one."""
        received = b""
        while b"\r\n\r\n" not in received:
            more = self.connection.recv(65536)
            if not more:
                return b""
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        while len(body) < _content_length(head):
            body += self.connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.connection.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait, and return whether there is any use in going on."""
        return not self.stopping.wait(seconds)

    def reset(self) -> None:
        """Hang up with RST instead of FIN."""
        linger_not = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
        self.connection.close()


type Script = Callable[[Visit], None]


@dataclass(slots=True, kw_only=True)
class FaultyServer:
    """The requests received; `connections` counts the accepted ones."""

    port: int
    scheme: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://{HOST}:{self.port}"


@contextmanager
def faulty_server(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
    """Serve the first connection by the first script and so on; the last one serves the rest."""
    listener = socket.create_server((HOST, 0))
    stopping = threading.Event()
    scheme = "http" if tls is None else "https"
    server = FaultyServer(port=listener.getsockname()[1], scheme=scheme)
    threads: list[threading.Thread] = []
    open_connections: list[socket.socket] = []

    def visit(connection: socket.socket, script: Script) -> None:
        connection.settimeout(LONGEST_PAUSE)
        with suppress(OSError):
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                open_connections.append(connection)
                script(_Recorded(connection=connection, stopping=stopping, server=server))

    def accept() -> None:
        while not stopping.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                script = scripts[min(server.connections, len(scripts) - 1)]
                server.connections += 1
                threads.append(threading.Thread(target=visit, args=(connection, script)))
                threads[-1].start()

    listener.settimeout(0.1)
    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield server
    finally:
        # A caller that gave up early counts too; on a busy machine it may not be accepted yet.
        while select.select([listener], [], [], 0)[0]:
            time.sleep(0.001)
        stopping.set()
        with suppress(OSError):  # where a listener cannot be shut down, it is left after a moment
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_connections:
            with suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(timeout=5)


@dataclass(slots=True, kw_only=True)
class _Recorded(Visit):
    server: FaultyServer

    def read_request(self) -> bytes:
        request = Visit.read_request(self)
        if request:
            self.server.requests.append(request)
        return request


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
