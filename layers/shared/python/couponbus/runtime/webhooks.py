"""The sender of webhooks as a function uses it."""

from couponbus.ports.shared import Clock
from couponbus.providers.http.transport import trust_public_authorities
from couponbus.providers.webhooks.addresses import policy_of
from couponbus.providers.webhooks.sender import WebhookSender


def webhook_sender(*, stage: str, clock: Clock) -> WebhookSender:
    """Return the sender, which in the stage `local` calls loopback only, in others never."""
    return WebhookSender(policy=policy_of(stage), clock=clock, trust=trust_public_authorities())
