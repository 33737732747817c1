"""The outcome of the webhooks, read from receivers, ledger, bus and queues."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.demo.evidence import complaints
from couponbus_sandbox.demo.receivers import Heard, Receivers
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.demo.webhooks import QUEUES, REPLAYED, deliveries, sign_ups
from couponbus_sandbox.local.stack import LocalStack


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """The end of the third part.

    `told` has the ids of the events published in this part, by type; `past` those of the replay,
    and `planned` how many it had counted. `heard` and `taken_at` (the attempts that were needed)
    are by endpoint, `deliveries` count by endpoint and state. `after_gone` counts requests to the
    endpoint that answers 410, after it was disabled.
    """

    told: Mapping[str, frozenset[str]]
    past: frozenset[str]
    planned: int
    heard: Mapping[str, Sequence[Heard]]
    deliveries: Mapping[tuple[str, str], int]
    taken_at: Mapping[str, int]
    disabled: Mapping[str, str]
    after_gone: int
    left_over: Mapping[str, int]
    complaints: Sequence[str]


def gather_webhooks(
    stack: LocalStack,
    subscription: Subscription,
    receivers: Receivers,
    *,
    planned: int,
    heard_by_gone: int,
) -> WebhookFacts:
    """Read everything once, after all work has ended."""
    rows = deliveries(stack)
    endpoints = [row for row in rows_of(stack) if isinstance(row, Endpoint)]
    heard = {one.name: one.heard() for one in receivers.all}
    return WebhookFacts(
        told={
            "BarcodeIssued": _ids(subscription, "BarcodeIssued", sign_ups()),
            "EndpointDisabled": _ids(subscription, "EndpointDisabled"),
        },
        past=_ids(subscription, REPLAYED),
        planned=planned,
        heard=heard,
        deliveries=Counter((row.endpoint_id, row.state.value) for row in rows),
        taken_at={
            name: max((row.attempt for row in rows if row.endpoint_id == name), default=0)
            for name in heard
        },
        disabled={
            one.endpoint_id: one.reason or ""
            for one in endpoints
            if one.state is EndpointState.DISABLED
        },
        after_gone=len(heard[receivers.gone.name]) - heard_by_gone,
        left_over={
            name: depth(stack, name) for name in (*QUEUES, *(f"{queue}-dead" for queue in QUEUES))
        },
        complaints=complaints(stack),
    )


def _ids(
    subscription: Subscription, detail_type: str, of: frozenset[str] | None = None
) -> frozenset[str]:
    return frozenset(
        told.event_id
        for told in subscription.told()
        if told.detail_type == detail_type and (of is None or told.signup_id in of)
    )
