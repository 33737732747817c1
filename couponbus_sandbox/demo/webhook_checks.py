"""What couponbus promises of webhooks, checked on the facts of the third part."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from couponbus_sandbox.demo.checks import Check
from couponbus_sandbox.demo.receivers import ReceivedWebhook
from couponbus_sandbox.demo.webhook_facts import WebhookFacts

GONE_ENDPOINT = {"gone": "gone"}


def webhooks_checked(facts: WebhookFacts) -> Sequence[Check]:
    """Return every promise with its count of breaches."""
    return [Check(promise=promise, broken=count(facts)) for promise, count in PROMISES.items()]


def all_received(facts: WebhookFacts) -> list[ReceivedWebhook]:
    """Return the requests to all endpoints."""
    return [one for several in facts.received.values() for one in several]


def _missed(facts: WebhookFacts, endpoint: str) -> int:
    wanted = {one for ids in facts.published.values() for one in ids}
    accepted = {one.event_id for one in facts.received[endpoint] if one.is_accepted}
    return len(wanted - accepted)


def _missed_by_healthy(facts: WebhookFacts) -> int:
    return _missed(facts, "healthy")


def _missed_by_failing(facts: WebhookFacts) -> int:
    return _missed(facts, "failing")


def _unverified(facts: WebhookFacts) -> int:
    return sum(not one.is_verified for one in all_received(facts))


def _other_names(facts: WebhookFacts) -> int:
    names: dict[str, set[str]] = defaultdict(set)
    for one in all_received(facts):
        names[one.event_id].add(one.webhook_id)
    return sum(len(several) - 1 for several in names.values())


def _not_left_alone(facts: WebhookFacts) -> int:
    wrong = facts.disabled.items() ^ GONE_ENDPOINT.items()
    return len(wrong) + facts.after_gone + abs(len(facts.published["EndpointDisabled"]) - 1)


def _not_replayed(facts: WebhookFacts) -> int:
    accepted = {one.event_id for one in facts.received["healthy"] if one.is_accepted}
    return len(facts.past - accepted) + abs(len(facts.past) - facts.planned)


def _open(facts: WebhookFacts) -> int:
    return sum(count for (_, state), count in facts.deliveries.items() if state == "PENDING")


def _left_over(facts: WebhookFacts) -> int:
    return sum(facts.left_over.values())


PROMISES: dict[str, Callable[[WebhookFacts], int]] = {
    "each event reaches the healthy endpoint": _missed_by_healthy,
    "each event reaches the endpoint that failed for two days": _missed_by_failing,
    "every signature is verified": _unverified,
    "a fact has the same webhook-id at each attempt and endpoint": _other_names,
    "an endpoint that answers 410 is disabled, published once, left alone": _not_left_alone,
    "a replay sends each event that it has counted": _not_replayed,
    "each delivery has ended": _open,
    "every queue of the webhooks is empty": _left_over,
}
