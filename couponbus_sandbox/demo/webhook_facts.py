"""The outcome of the webhooks, read from receivers, ledger, bus and queues."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.demo.evidence import unusual_logs
from couponbus_sandbox.demo.receivers import ReceivedWebhook, Receivers
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.demo.webhooks import QUEUES, REPLAYED, deliveries, sign_ups
from couponbus_sandbox.local.stack import LocalStack


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """The end of the third part.

    `published` has the ids of the events of this part, by type; `past` those of the replay, and
    `planned` how many it had counted. `received` and `attempts_needed` are by endpoint,
    `deliveries` count by endpoint and state. `after_gone` counts requests to the endpoint that
    answers 410, after it was disabled.
    """

    published: Mapping[str, frozenset[str]]
    past: frozenset[str]
    planned: int
    received: Mapping[str, Sequence[ReceivedWebhook]]
    deliveries: Mapping[tuple[str, str], int]
    attempts_needed: Mapping[str, int]
    disabled: Mapping[str, str]
    after_gone: int
    left_over: Mapping[str, int]
    unusual_logs: Sequence[str]


def gather_webhooks(
    stack: LocalStack,
    subscription: Subscription,
    receivers: Receivers,
    *,
    planned: int,
    received_by_gone: int,
) -> WebhookFacts:
    """Read everything once, after all work has ended."""
    rows = deliveries(stack)
    endpoints = [row for row in rows_of(stack) if isinstance(row, Endpoint)]
    received = {one.name: one.received() for one in receivers.all}
    return WebhookFacts(
        published={
            "BarcodeIssued": _ids(subscription, "BarcodeIssued", sign_ups()),
            "EndpointDisabled": _ids(subscription, "EndpointDisabled"),
        },
        past=_ids(subscription, REPLAYED),
        planned=planned,
        received=received,
        deliveries=Counter((row.endpoint_id, row.state.value) for row in rows),
        attempts_needed={
            name: max((row.attempt for row in rows if row.endpoint_id == name), default=0)
            for name in received
        },
        disabled={
            one.endpoint_id: one.reason or ""
            for one in endpoints
            if one.state is EndpointState.DISABLED
        },
        after_gone=len(received[receivers.gone.name]) - received_by_gone,
        left_over={
            name: depth(stack, name) for name in (*QUEUES, *(f"{queue}-dead" for queue in QUEUES))
        },
        unusual_logs=unusual_logs(stack),
    )


def _ids(
    subscription: Subscription, detail_type: str, of: frozenset[str] | None = None
) -> frozenset[str]:
    return frozenset(
        event.event_id
        for event in subscription.received()
        if event.detail_type == detail_type and (of is None or event.signup_id in of)
    )
