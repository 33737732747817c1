"""Coniq and AWS as a process of their own: real HTTP, no rules, as little work as possible."""

import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

PACE = b'"PACE#'
HEAD_END = b"\r\n\r\n"
FIXED: Mapping[bytes, bytes] = {
    b"SendMessageBatch": b'{"Successful":[],"Failed":[]}',
    b"GetSecretValue": b'{"SecretString":"test-key-not-real"}',
}


@contextmanager
def outside(*, programs: bytes, certificate: str | None = None) -> Iterator[str]:
    """Run it until the block ends; gives its URL. `programs` is the table's answer for programs.

    `certificate` is a file with key and certificate, for TLS.
    """
    command = [sys.executable, "-m", __name__, programs.decode()]
    command += [] if certificate is None else [certificate]
    scheme = "http" if certificate is None else "https"
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"{scheme}://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()  # it ends when no process holds the other end any more


class Exchange(asyncio.Protocol):
    """Requests over one connection, one after the other."""

    def __init__(self, *, programs: bytes, paces: dict[bytes, bytes]) -> None:
        self._programs = programs
        self._paces = paces
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(HEAD_END)
        if end < 0:
            return
        headers = _headers(bytes(self._received[:end]))
        start = end + len(HEAD_END)
        length = int(headers.get(b"content-length", b"0"))
        if len(self._received) < start + length:
            return
        body = bytes(self._received[start : start + length])
        del self._received[: start + length]
        answer = self._answered(headers.get(b"x-amz-target", b""), body)
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
        )

    def _answered(self, target: bytes, body: bytes) -> bytes:
        if not target:
            return barcodes(body)
        operation = target.rpartition(b".")[2]
        if PACE in body:
            return self._answered_about_pace(operation, body)
        if operation == b"PutEvents":
            entries = b",".join([b'{"EventId":"1"}'] * body.count(b'"DetailType"'))
            return b'{"FailedEntryCount":0,"Entries":[%b]}' % entries
        if operation == b"BatchExecuteStatement":
            stored = b",".join([b'{"TableName":"ledger"}'] * body.count(b'"Parameters"'))
            return b'{"Responses":[%b]}' % stored
        if operation == b"Query":
            return self._programs
        return FIXED.get(operation, b"{}")

    def _answered_about_pace(self, operation: bytes, body: bytes) -> bytes:
        """Keep the pace: who finds its own one unchanged needs not read it the next time."""
        if operation == b"PutItem":
            self._paces[PACE] = json.dumps({"Item": json.loads(body)["Item"]}).encode()
            return b"{}"
        return self._paces.get(PACE, b"{}")


def _headers(head: bytes) -> Mapping[bytes, bytes]:
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.lower(): value.strip() for name, _, value in lines}


def barcodes(body: bytes) -> bytes:
    """Return a barcode for each request: all nine fields, as Coniq has them."""
    specs = json.loads(body)
    if isinstance(specs, list):
        return json.dumps([_barcode(spec) for spec in specs]).encode()
    return json.dumps(_barcode(specs)).encode()


def _barcode(spec: Mapping[str, object]) -> Mapping[str, object]:
    return {
        **spec,
        "barcode_number": f"9900{int(str(spec['customer_id'])):012}",
        "image_url": "https://images.example/barcode.png",
        "active": True,
        "expiry_date": "2027-01-31",
        "created_datetime_utc": "2026-01-31T12:00:00Z",
    }


async def serve(programs: bytes, certificate: str | None = None) -> None:
    loop, paces = asyncio.get_running_loop(), dict[bytes, bytes]()
    server = await loop.create_server(
        lambda: Exchange(programs=programs, paces=paces),
        "127.0.0.1",
        0,
        ssl=_presented(certificate),
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


def _presented(certificate: str | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1].encode(), *sys.argv[2:]))
