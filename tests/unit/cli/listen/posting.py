"""Sends webhooks to a port of this machine, byte for byte as a test specifies."""

import http.client
import json
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime

from couponbus.domain.webhooks.signature import secret_of, signed
from tests.fakes.clock import NOON

KEY = b"test-key-not-real".ljust(32, b"-")
OLD_KEY = b"test-old-key-not-real".ljust(32, b"-")
SECRET = secret_of(KEY)
BODY = json.dumps({"type": "BarcodeIssued", "metadata": {"id": "e-1"}, "data": {}}).encode()
SECONDS = 5.0


def headers_of(
    body: bytes = BODY,
    *,
    webhook_id: str = "msg_2KWPBgLlAfxdpx2AI54pPJ",
    at: datetime = NOON,
    keys: Sequence[bytes] = (KEY,),
) -> dict[str, str]:
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed(message_id=webhook_id, at=at, body=body, keys=keys),
    }


def post(
    port: int, path: str = "/", *, body: bytes = BODY, at: datetime = NOON, **headers: str
) -> Mapping[str, str]:
    """Return the answer's headers, and its status under `status`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", path, body=body, headers={**headers_of(body, at=at), **sent})
        answer = connection.getresponse()
        answer.read()
        return {"status": str(answer.status), **{k.lower(): v for k, v in answer.getheaders()}}
    finally:
        connection.close()


def raw(port: int, text: bytes) -> bytes:
    """Send bytes and return the whole response."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
