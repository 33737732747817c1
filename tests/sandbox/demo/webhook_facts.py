"""The facts of a third part in which every promise was kept, which tests break one by one."""

from couponbus_sandbox.demo.receivers import ACCEPTED, BUSY, GONE, ReceivedWebhook
from couponbus_sandbox.demo.webhook_facts import WebhookFacts

ISSUED, DISABLED, PAST = "event-issued", "event-disabled", "event-past"


def received(event_id: str, *, answered: int = ACCEPTED) -> ReceivedWebhook:
    return ReceivedWebhook(
        webhook_id=f"msg_{event_id}",
        event_id=event_id,
        detail_type="BarcodeIssued",
        is_verified=True,
        answered=answered,
    )


WEBHOOKS = WebhookFacts(
    published={"BarcodeIssued": frozenset({ISSUED}), "EndpointDisabled": frozenset({DISABLED})},
    past=frozenset({PAST}),
    planned=1,
    received={
        "healthy": (received(ISSUED), received(DISABLED), received(PAST)),
        "failing": (received(ISSUED, answered=BUSY), received(ISSUED), received(DISABLED)),
        "gone": (received(ISSUED, answered=GONE),),
    },
    deliveries={("healthy", "DELIVERED"): 3, ("failing", "DELIVERED"): 2, ("gone", "EXHAUSTED"): 1},
    attempts_needed={"healthy": 1, "failing": 2, "gone": 1},
    disabled={"gone": "gone"},
    after_gone=0,
    left_over={"deliveries": 0},
    unusual_logs=(),
)
