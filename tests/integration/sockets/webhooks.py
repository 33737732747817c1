"""A sender of webhooks as the socket tests use it, and one webhook to send."""

import socket
import ssl

from couponbus.ports.webhooks import Sent
from couponbus.providers.http.connections import Resolver, look_up
from couponbus.providers.http.transport import trust_public_authorities
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.sender import WebhookSender
from tests.unit.providers.fakes import WallClock

CLOCK = WallClock()
TRUST = trust_public_authorities()
DEADLINE = 1.0
TOLERANCE = 1.5  # for a busy machine; without a deadline they would take far longer
NAME = "hooks.example.test"
BODY = '{"type":"BarcodeIssued","data":{"name":"Zoë"}}'.encode()
HEADERS = {
    "content-type": "application/json",
    "user-agent": "couponbus/0.1.0",
    "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    "webhook-timestamp": "1795521600",
    "webhook-signature": "v1,bm90IGEgc2lnbmF0dXJl",
}


def sender(
    *,
    policy: Policy = Policy.LOCAL,
    trust: ssl.SSLContext = TRUST,
    resolver: Resolver = look_up,
) -> WebhookSender:
    return WebhookSender(policy=policy, clock=CLOCK, trust=trust, resolver=resolver)


def send(
    url: str, *, by: WebhookSender | None = None, seconds: float = 5.0, body: bytes = BODY
) -> Sent:
    return (by or sender()).send(url=url, headers=HEADERS, body=body, deadline=CLOCK.after(seconds))


def leads_to(*hosts: str, port: int) -> Resolver:
    """Return a resolver that knows only these addresses."""
    found = [(family_of(host), (host, port)) for host in hosts]
    return lambda name, asked: found


def family_of(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
