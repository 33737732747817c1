"""The units that DynamoDB bills to find due polls: half a unit for each 4 KB of a page.

Sizes are those of items as the adapters write them, projected as the indexes are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from couponbus.aws.ledger.codec import encode
from couponbus.aws.polling.cohort_items import (
    COHORT_INDEXES,
    PROJECTED,
    CohortIndex,
)
from couponbus.domain.copying import replace
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    MINUTE_DIGITS,
    SHARDS,
    CohortKind,
    CohortSize,
)
from couponbus.domain.polling.schedule import PollSchedule
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from couponbus.events.commands import SpanReference
from tests import factories
from tests.benchmarks.polling.crowd import (
    MINUTE,
    NO_WATCHES,
    ScheduleHarness,
    account,
    evenly,
    groups,
    left_over,
    registered,
)
from tests.fakes.clock import NOON
from tests.integration.aws.sizes import size

BLOCK, PAGE = 4096, 1024 * 1024
EVENTUALLY, CONSISTENTLY = 0.5, 1.0
TICKS_A_DAY = 1440
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """A mean tick: its polls, and the queries and read units that lead to them."""

    watches: int
    polls: float
    queries: float
    of_members: float
    of_registry: float
    of_rows: float

    @property
    def a_poll(self) -> float:
        """Return the read units of everything that leads to one poll."""
        return (self.of_members + self.of_registry + self.of_rows) / self.polls


def reads(watches: int, *, ticks: int) -> Reads:
    """Average over `ticks` ticks of a day, while the first watches are a month old."""
    return _reads(evenly(watches, groups=groups(1), now=NOON + DAY), watches, ticks=ticks)


def later_reads(watches: int, *, ticks: int) -> Reads:
    """Average likewise when the registry also has the cohorts whose watches are all over."""
    now = NOON + DAY
    return _reads(
        [*evenly(watches, groups=groups(1), now=now), *left_over(groups(1)[0], now=now)],
        watches,
        ticks=ticks,
    )


def in_groups(watches: int, *, count: int) -> float:
    """Return the read units of the registry in a tick, with the watches in so many groups."""
    return _units(_registry(evenly(watches, groups=groups(count), now=NOON)), EVENTUALLY)


def _reads(sizes: Sequence[CohortSize], watches: int, *, ticks: int) -> Reads:
    harness = ScheduleHarness(sizes, account=account(watches))
    harness.tick(NOON - timedelta(days=2))  # finds the throttle level, which has settled by now
    by_key = {one.cohort.key: one for one in sizes}
    found = [harness.tick(NOON + each * MINUTE * TICKS_A_DAY / ticks) for each in range(ticks)]
    spans = [span for tick in found for one in tick.commands for span in one.spans]
    return Reads(
        watches=watches,
        polls=sum(_polls(one, by_key) for one in spans) / ticks,
        queries=len(spans) / ticks + len(_pages(_registry(sizes))),
        of_members=sum(_of_span(one, by_key) for one in spans) / ticks,
        of_registry=_units(_registry(sizes), EVENTUALLY),
        of_rows=_of_rows(harness.schedule),
    )


def _polls(span: SpanReference, by_key: Mapping[str, CohortSize]) -> float:
    """Return the number of watches in a span, if they began evenly over the hour."""
    minutes = int(span.last[:MINUTE_DIGITS]) - int(span.first[:MINUTE_DIGITS]) + 1
    watches = by_key[span.cohort].watches
    return 0.0 if watches <= NO_WATCHES else watches / SHARDS * minutes / HOUR_MINUTES


def _of_span(span: SpanReference, by_key: Mapping[str, CohortSize]) -> float:
    kind = CohortKind(span.cohort[0])
    return _units([_entry(COHORT_INDEXES[kind])] * round(_polls(span, by_key)), EVENTUALLY)


def _of_rows(schedule: PollSchedule) -> float:
    """Return the units of the schedule, a pause and the calls spent, each read consistently."""
    return _units([size(encode(schedule))], CONSISTENTLY) + 2 * CONSISTENTLY


def _registry(sizes: Sequence[CohortSize]) -> list[int]:
    return [size(day) for day in registered(sizes)]


@cache
def _entry(index: CohortIndex) -> int:
    """Return the bytes of a watch in an index."""
    item = encode(a_watch())
    shown = {"pk", "sk", index.cohort, index.place, *PROJECTED}
    return size({name: value for name, value in item.items() if name in shown})


def a_watch() -> Watch:
    """Return an active watch of a customer whose name is as long as an e-mail address."""
    watch = replace(
        factories.any_active_watch(seed=1),
        provider=Provider.UNIQODO,
        promotion="a0" * 16,
        user_id="jane.appleseed@customer.example",
        expires_at=NOON + timedelta(days=20),
    )
    assert watch.state is WatchState.ACTIVE
    return watch


def _units(items: Sequence[int], each: float) -> float:
    """Return the units of a query of items of these sizes in bytes; an empty one costs one too."""
    return sum(each * max(1, math.ceil(page / BLOCK)) for page in _pages(items))


def _pages(items: Sequence[int]) -> list[int]:
    """Return the bytes of each page."""
    pages = [0]
    for one in items:
        if pages[-1] + one > PAGE:
            pages.append(0)
        pages[-1] += one
    return pages
