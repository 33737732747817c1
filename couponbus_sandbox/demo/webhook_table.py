"""The table at the end of the third part."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain

from rich.table import Table

from couponbus_sandbox.demo.table import durations, listed, table_of
from couponbus_sandbox.demo.webhook_checks import all_received
from couponbus_sandbox.demo.webhook_facts import WebhookFacts

type Line = tuple[str, str, str]


def webhook_figures(facts: WebhookFacts, *, phases: Mapping[str, float]) -> Table:
    """Return what was counted; durations are in seconds by phase."""
    return table_of(chain(_outcome(facts), _endpoints(facts), durations(phases)))


def _outcome(facts: WebhookFacts) -> Iterator[Line]:
    published = {kind: len(ids) for kind, ids in facts.published.items()}
    yield "events", str(sum(published.values())), listed(published)
    yield "sent again by the replay", str(facts.planned), f"{len(facts.past)} in the history"
    states: Counter[str] = Counter()
    for (_, state), count in facts.deliveries.items():
        states[state] += count
    yield "deliveries", str(states.total()), listed(states)
    received = all_received(facts)
    yield "attempts", str(len(received)), listed(Counter(str(one.answered) for one in received))
    verified = sum(one.is_verified for one in received)
    yield "signatures verified", str(verified), f"of {len(received)}"
    yield "endpoints disabled", str(len(facts.disabled)), ", ".join(facts.disabled)


def _endpoints(facts: WebhookFacts) -> Iterator[Line]:
    for name, received in facts.received.items():
        accepted = sum(one.is_accepted for one in received)
        note = (
            f"attempts, {accepted} accepted; at most {facts.attempts_needed[name]} for one delivery"
        )
        yield f"endpoint {name}", str(len(received)), note
