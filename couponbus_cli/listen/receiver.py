"""An HTTP server for webhooks on 127.0.0.1: bounded body and time, one request a connection."""

import contextlib
import errno
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from couponbus_cli.app.failing import Failed
from couponbus_cli.listen.arrival import SUCCESS, Arrival, Verifier

HOST = "127.0.0.1"
BODY_MAX = 256 * 1024
SECONDS = 15.0  # for a whole request; a sender of webhooks waits no longer
BACKLOG = 128

DIGITS = 9  # of a Content-Length; a longer one is too large anyway

type Show = Callable[[Arrival], None]
type Opened = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen; `retry_after` is sent with answers other than 2xx."""

    port: int
    path: str
    retry_after: int | None


@contextlib.contextmanager
def receiving(
    address: Address, *, verifier: Verifier, opened: Opened, show: Show
) -> Iterator[None]:
    """Listen while the block runs; `opened` gets the URL before the first webhook.

    Raises Failed.
    """
    try:
        server = _Server(address, verifier=verifier, show=show)
    except OSError as error:
        raise _not_opened(address.port, error) from None
    with server:
        opened(f"http://{HOST}:{server.server_port}{address.path}")
        listener = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        listener.start()
        try:
            yield
        finally:
            server.shutdown()
            listener.join()


def _not_opened(port: int, error: OSError) -> Failed:
    if error.errno == errno.EADDRINUSE:
        text = (
            f"port {port} is taken by another program: choose another --port, or 0 for a free one"
        )
        return Failed(text, kind="port_taken")
    return Failed(f"port {port} cannot be opened: {error.strerror}", kind="port_refused")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = BACKLOG

    def __init__(self, address: Address, *, verifier: Verifier, show: Show) -> None:
        self.address = address
        self.verifier = verifier
        self._show = show
        self._show_lock = threading.Lock()
        super().__init__((HOST, address.port), _Handler)

    def server_bind(self) -> None:
        """Open the port without a DNS look-up of this machine's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def show(self, arrival: Arrival) -> None:
        """Show one at a time."""
        with self._show_lock:
            self._show(arrival)

    def handle_error(self, request: object, client_address: object) -> None:
        """Do not print a traceback for clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "couponbus"
    sys_version = ""
    timeout = SECONDS  # of a single read; the watchdog limits the whole request

    def setup(self) -> None:
        """Start the watchdog."""
        super().setup()
        self._watchdog = threading.Timer(SECONDS, self._hang_up)
        self._watchdog.daemon = True
        self._watchdog.start()

    def finish(self) -> None:
        """Stop the watchdog."""
        self._watchdog.cancel()
        super().finish()

    def do_POST(self) -> None:
        """Verify a webhook, show it, answer."""
        if self.path.partition("?")[0] != self.server.address.path:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        size = self.headers.get("Content-Length", "")
        if not size.isascii() or not size.isdigit():
            self._answer(HTTPStatus.LENGTH_REQUIRED)
            return
        if len(size) > DIGITS or int(size) > BODY_MAX:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(size))
        if len(body) < int(size):
            return  # the client hung up, or was too slow
        headers = {name.lower(): value for name, value in self.headers.items()}
        arrival = self.server.verifier.verify(headers, body)
        # Shown first: a sender that gets the answer can rely on the line being written.
        self.server.show(arrival)
        self._answer(arrival.answered)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: the screen shows each webhook."""

    def _answer(self, status: int) -> None:
        self.send_response(status)
        pause = self.server.address.retry_after
        if pause is not None and status not in SUCCESS:
            self.send_header("Retry-After", str(pause))
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
