"""Run an ASGI application on 127.0.0.1 in a thread, with access to its connections' sockets."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
TRANSPORT = "transport"
"""Key of the connection's transport in the `state` of an ASGI scope."""


class PortTakenError(Exception):
    """The port cannot be listened on, mostly because another program does."""


class RunningServer:
    """A server in its thread; `call` gives safe access to what its application owns."""

    def __init__(self, *, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self._loop = loop

    def call[T](self, work: Callable[[], T]) -> T:
        """Run `work` between two requests, in the server's thread, and return what it returns."""
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as problem:
                done.set_exception(problem)

        self._loop.call_soon_threadsafe(run)
        return done.result(timeout=10)


@contextmanager
def serve(app: ASGIApp, *, port: int = 0) -> Iterator[RunningServer]:
    """Serve until the block ends; port 0 takes a free one.

    Raises PortTakenError.
    """
    listener = _listen(port=port)
    server = _Server(_config(app))
    ready: Future[asyncio.AbstractEventLoop] = Future()

    async def run() -> None:
        ready.set_result(asyncio.get_running_loop())
        await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="sandbox", daemon=True)
    thread.start()
    try:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        yield RunningServer(url=url, loop=ready.result(timeout=10))
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def _listen(*, port: int) -> socket.socket:
    # Asyncio spares a connection Nagle's delay only if its socket names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as problem:
        listener.close()
        raise PortTakenError(f"cannot listen on {HOST}:{port}: {problem}") from problem
    # Connections made before the loop runs wait in the backlog, so the port is ready now.
    listener.listen(256)
    return listener


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        workers=1,  # else an environment variable decides, which need not be a number
        proxy_headers=False,
        http=_Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,  # a simulator has a clock of its own
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )


class _Protocol(H11Protocol):
    """Uvicorn's HTTP protocol, which gives each request access to its transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """Uvicorn's server, which does not wait for the slow answers of a fault when it stops."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)
