"""The facts of a third part in which every promise was kept, which tests break one by one."""

from couponbus_sandbox.demo.receivers import BUSY, GONE, TAKEN, Heard
from couponbus_sandbox.demo.webhook_facts import WebhookFacts

ISSUED, DISABLED, PAST = "event-issued", "event-disabled", "event-past"


def heard(event_id: str, *, answered: int = TAKEN) -> Heard:
    return Heard(
        webhook_id=f"msg_{event_id}",
        event_id=event_id,
        detail_type="BarcodeIssued",
        is_verified=True,
        answered=answered,
    )


WEBHOOKS = WebhookFacts(
    told={"BarcodeIssued": frozenset({ISSUED}), "EndpointDisabled": frozenset({DISABLED})},
    past=frozenset({PAST}),
    planned=1,
    heard={
        "healthy": (heard(ISSUED), heard(DISABLED), heard(PAST)),
        "failing": (heard(ISSUED, answered=BUSY), heard(ISSUED), heard(DISABLED)),
        "gone": (heard(ISSUED, answered=GONE),),
    },
    deliveries={("healthy", "DELIVERED"): 3, ("failing", "DELIVERED"): 2, ("gone", "EXHAUSTED"): 1},
    taken_at={"healthy": 1, "failing": 2, "gone": 1},
    disabled={"gone": "gone"},
    after_gone=0,
    left_over={"deliveries": 0},
    complaints=(),
)
