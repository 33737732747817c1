"""The table at the end of the third part."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain

from rich.table import Table

from couponbus_sandbox.demo.table import durations, listed, table_of
from couponbus_sandbox.demo.webhook_checks import all_heard
from couponbus_sandbox.demo.webhook_facts import WebhookFacts

type Line = tuple[str, str, str]


def webhook_figures(facts: WebhookFacts, *, phases: Mapping[str, float]) -> Table:
    """Return what was counted; durations are in seconds by phase."""
    return table_of(chain(_outcome(facts), _endpoints(facts), durations(phases)))


def _outcome(facts: WebhookFacts) -> Iterator[Line]:
    told = {kind: len(ids) for kind, ids in facts.told.items()}
    yield "events", str(sum(told.values())), listed(told)
    yield "sent again by the replay", str(facts.planned), f"{len(facts.past)} in the history"
    states: Counter[str] = Counter()
    for (_, state), count in facts.deliveries.items():
        states[state] += count
    yield "deliveries", str(states.total()), listed(states)
    heard = all_heard(facts)
    yield "attempts", str(len(heard)), listed(Counter(str(one.answered) for one in heard))
    verified = sum(one.is_verified for one in heard)
    yield "signatures verified", str(verified), f"of {len(heard)}"
    yield "endpoints disabled", str(len(facts.disabled)), ", ".join(facts.disabled)


def _endpoints(facts: WebhookFacts) -> Iterator[Line]:
    for name, heard in facts.heard.items():
        taken = sum(one.is_taken for one in heard)
        note = f"attempts, {taken} taken; at most {facts.taken_at[name]} for one delivery"
        yield f"endpoint {name}", str(len(heard)), note
