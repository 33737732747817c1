"""Serve the page on 127.0.0.1 until Ctrl-C, without an access log."""

import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from couponbus_cli.app.failing import UNREACHABLE, Failed

HOST = "127.0.0.1"
ENDING = 1  # seconds that open connections are given at the end
ENDS = (signal.SIGINT, signal.SIGTERM)


def serve(*, port: int, app_at: Callable[[int], ASGIApp], opened: Callable[[int], None]) -> None:
    """Serve the app of the port until Ctrl-C or SIGTERM; port 0 takes a free one.

    `opened` is called when the port accepts connections. Raises Failed.
    """
    with _listening(port) as listener:
        taken = listener.getsockname()[1]
        server = server_of(app_at(taken))
        with _ended_by_signal(server):
            opened(taken)
            server.run(sockets=[listener])


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return a server that writes nothing: a log would hold what was searched for, and data."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="critical",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=ENDING,
        )
    )


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except OSError as error:
            raise _not_opened(port, error) from None
        yield listener


def _not_opened(port: int, error: OSError) -> Failed:
    if error.errno == errno.EADDRINUSE:
        text = (
            f"port {port} is taken by another program: choose another --port, or 0 for a free one"
        )
        return Failed(text, kind="port_taken", code=UNREACHABLE)
    text = f"port {port} cannot be opened: {error.strerror}"
    return Failed(text, kind="port_refused", code=UNREACHABLE)


@contextlib.contextmanager
def _ended_by_signal(server: uvicorn.Server) -> Iterator[None]:
    """End the server quietly by a signal that comes before its own handlers are there.

    When it has ended by one of its own, it repeats the signal for these.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {each: signal.signal(each, end) for each in ENDS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
