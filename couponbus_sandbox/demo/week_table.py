"""The table at the end of the week."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain
from statistics import median, quantiles

from rich.table import Table

from couponbus_sandbox.demo.table import durations, listed, table_of
from couponbus_sandbox.demo.week_checks import delays, duplicates, missed
from couponbus_sandbox.demo.week_facts import PUBLISHED_TYPES, WeekFacts

HOUR = timedelta(hours=1)

type Line = tuple[str, str, str]


def week_figures(facts: WeekFacts, *, phases: Mapping[str, float]) -> Table:
    """Return what was counted; durations are in seconds by phase."""
    return table_of(chain(_outcome(facts), _calls(facts), _delays(facts), durations(phases)))


def _outcome(facts: WeekFacts) -> Iterator[Line]:
    watched = facts.users + facts.consumers
    yield (
        "customers watched",
        str(watched),
        f"{facts.users} at Uniqodo, {facts.consumers} at Koupon",
    )
    yield "redemptions there", str(len(facts.uses)), "since the first polls"
    recorded = [one for several in facts.recorded.values() for one in several]
    inferred = sum(one.is_inferred for one in recorded)
    yield "recorded", str(len(recorded)), f"{inferred} inferred: its offer was used up"
    for kind in PUBLISHED_TYPES:
        yield f"events {kind}", str(facts.events.get(kind, 0)), _repeated(facts, kind)
    yield "other events", str(sum(facts.others.values())), listed(facts.others)
    yield "duplicates", str(duplicates(facts)), ""
    yield "missed", str(missed(facts)), ""
    yield "watches ended", str(sum(facts.ended.values())), listed(facts.ended)


def _repeated(facts: WeekFacts, kind: str) -> str:
    ids = sum(len(ids) for ids in facts.published[kind].values())
    return f"{ids} ids, {facts.events.get(kind, 0) - ids} delivered again"


def _calls(facts: WeekFacts) -> Iterator[Line]:
    saved = 1 - facts.calls / facts.fixed_calls if facts.fixed_calls else 0.0
    every = f"every 5 minutes would be {facts.fixed_calls}: {saved:.1%} saved"
    yield "calls", str(facts.calls), every
    yield "faults", str(sum(facts.faults.values())), listed(facts.faults)


def _delays(facts: WeekFacts) -> Iterator[Line]:
    waits: Sequence[timedelta] = delays(facts)
    if len(waits) > 1:
        hours = [wait / HOUR for wait in waits]
        yield "hours until seen", f"{median(hours):.1f}", f"95 % within {_p95(hours):.1f}"


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]
