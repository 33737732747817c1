"""Receiving on fakes, at the real time, because callers and handlers read the real clock."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from couponbus.runtime.http_api import HttpEvent
from couponbus.usecases.inbound.receive_callback import SIGN_UPS, UNIQODO
from tests.unit.usecases.inbound.receiving_world import PATH_SECRET, ReceivingWorld


class ReceivingHarness(ReceivingWorld):
    """Every dependency that the handler takes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock.pass_time((datetime.now(UTC) - self.clock.now()).total_seconds())

    def sign_ups_event(self, body: bytes, headers: Mapping[str, str] | None = None) -> HttpEvent:
        """Return the API Gateway event of sign-ups, properly signed unless headers are given."""
        chosen = self.headers(body) if headers is None else headers
        return event_of("POST", SIGN_UPS, headers=chosen, body=body)

    def callback_event(self, form: str, *, secret: str = PATH_SECRET) -> HttpEvent:
        """Return the API Gateway event of a callback."""
        event = event_of("POST", UNIQODO, headers={}, body=form.encode())
        return {**event, "pathParameters": {"secret": secret}}


def event_of(method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> HttpEvent:
    """Return a request in payload format 2.0."""
    return {
        "routeKey": f"ANY {path}",
        "requestContext": {"http": {"method": method}},
        "headers": {name.lower(): value for name, value in headers.items()},
        "rawQueryString": "",
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
