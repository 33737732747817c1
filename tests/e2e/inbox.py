"""An endpoint of a test: it keeps the requests, and answers as configured."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from standardwebhooks import Webhook

TAKEN = 204


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """One request as it arrived."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def sent_at(self) -> datetime:
        return datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)

    def is_signed_with(self, secret: str) -> bool:
        """Return whether the published package signs it in the same way.

        Its own check compares with the machine's time, which is not that of the stack.
        """
        signature = Webhook(secret).sign(self.webhook_id, self.sent_at, self.body.decode())
        return signature in self.headers["webhook-signature"].split(" ")


class Inbox:
    """Listens on 127.0.0.1 until it is closed."""

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []
        self.answer = TAKEN

        class Handler(BaseHTTPRequestHandler):
            inbox: ClassVar[Inbox] = self

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.inbox.requests.append(ReceivedRequest(headers=headers, body=body))
                self.send_response(self.inbox.answer)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def endpoint_id(self) -> str:
        return f"inbox-{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def about(self, text: str) -> Sequence[ReceivedRequest]:
        """Return the requests that contain a text."""
        return [request for request in self.requests if text.encode() in request.body]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
