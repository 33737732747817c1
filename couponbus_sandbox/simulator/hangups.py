"""Answers that break the connection or outlast the caller's timeout, as Starlette responses."""

import asyncio
import socket
import struct
from typing import Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from couponbus_sandbox.simulator.server import TRANSPORT

Ending = Literal["fin", "rst"]


class HangUp(Response):
    """Close the connection without an answer: in order (FIN) or with a reset (RST)."""

    def __init__(self, *, ending: Ending) -> None:
        super().__init__()
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hang up and wait until the server has seen it."""
        await _hang_up(scope, receive, ending=self._ending)


class Cut(Response):
    """Promise the whole body, send a part of it, and close the connection."""

    def __init__(self, *, content: bytes, status_code: int, media_type: str, sent: int) -> None:
        super().__init__(content, status_code=status_code, media_type=media_type)
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head with the length of the whole, then the part."""
        await _start(self, send)
        part = bytes(self.body)[: self._sent]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await _hang_up(scope, receive, ending="fin")


class Drip(Response):
    """Send the body byte by byte."""

    def __init__(
        self, *, content: bytes, status_code: int, media_type: str, seconds_per_byte: float
    ) -> None:
        super().__init__(content, status_code=status_code, media_type=media_type)
        self._pause = seconds_per_byte

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head, then one byte per pause, until all is sent or the caller has left."""
        await _start(self, send)
        for byte in bytes(self.body):
            if await gone_within(receive, seconds=self._pause):
                return
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Announced(Response):
    """Send an interim answer before the final one, as a proxy does."""

    def __init__(self, *, content: bytes, status_code: int, media_type: str, interim: int) -> None:
        super().__init__(content, status_code=status_code, media_type=media_type)
        self._interim = interim

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send both; the first goes past Uvicorn, which does not know interim answers."""
        transport: asyncio.Transport = scope["state"][TRANSPORT]
        transport.write(f"HTTP/1.1 {self._interim} Interim\r\nLink: </style.css>\r\n\r\n".encode())
        await super().__call__(scope, receive, send)


async def gone_within(receive: Receive, *, seconds: float) -> bool:
    """Wait for `seconds`; return true at once if the caller disconnects meanwhile."""
    try:
        await asyncio.wait_for(_gone(receive), timeout=seconds)
    except TimeoutError:
        return False
    return True


async def _start(response: Response, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )


async def _hang_up(scope: Scope, receive: Receive, *, ending: Ending) -> None:
    transport: asyncio.Transport = scope["state"][TRANSPORT]
    if ending == "rst":
        _linger_not(transport)
        transport.abort()
    transport.close()
    # Uvicorn treats a return without an answer as an error unless the caller is gone.
    await _gone(receive)


def _linger_not(transport: asyncio.Transport) -> None:
    # Closing a socket that lingers for zero seconds makes the kernel send RST, not FIN.
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
