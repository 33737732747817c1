"""Cohorts in memory: the counts that were announced, and the watches of a ledger."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.cohort import (
    Cohort,
    CohortKind,
    CohortSize,
    CohortSizes,
    GroupSizes,
    Member,
    Span,
    place_of,
    shard_of_watch,
)
from couponbus.domain.polling.poll_policy import PollGroup
from couponbus.domain.polling.watch import Watch
from tests.fakes.ledger import MemoryLedger

type Operation = Literal["enter", "leave", "sizes", "members"]


class MemoryCohorts:
    """Finds the watches of this ledger as the indexes of the table would.

    `counts` has the announced sizes, `unindexed` the ids of watches that no index shows yet,
    `broken` the keys of cohorts that this version cannot read.
    """

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self._failures: Counter[Operation] = Counter()
        self.counts: Counter[Cohort] = Counter()
        self.unindexed: set[str] = set()
        self.broken: set[str] = set()
        self._places: dict[str, tuple[Watch, Sequence[tuple[Cohort, str]]]] = {}

    def will_fail(self, operation: Operation, *, times: int = 1) -> None:
        """Let the next calls do nothing; all but `leave` raise then."""
        self._failures[operation] += times

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        self._answer_or_raise("enter")
        self.counts.update(arrivals)

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        if not self._fails("leave"):
            self.counts.subtract({one: n for one, n in departures.items() if one in self.counts})

    def sizes(self) -> CohortSizes:
        self._answer_or_raise("sizes")
        sizes = [
            CohortSize(cohort=cohort, watches=max(count, 1))
            for cohort, count in sorted(self.counts.items(), key=lambda each: each[0].key)
            if cohort.key not in self.broken
        ]
        return CohortSizes(groups=grouped(sizes), broken=frozenset(self.broken))

    def members(self, span: Span) -> Sequence[Member]:
        self._answer_or_raise("members")
        found = [
            (place, watch)
            for watch in self._watches()
            for cohort, place in self._places_of(watch)
            if cohort.key == span.cohort_key
            and shard_of_watch(watch.watch_id) == span.shard
            and span.first <= place <= span.last
        ]
        return [
            Member(
                watch_id=watch.watch_id,
                promotion=watch.promotion,
                user_id=watch.user_id,
                digest=watch.digest,
            )
            for _, watch in sorted(found, key=lambda each: (each[0], each[1].watch_id))
            if watch.user_id is not None
        ]

    def _places_of(self, watch: Watch) -> Sequence[tuple[Cohort, str]]:
        """Remember the places of a row, as a poll looks at all of them."""
        kept = self._places.get(watch.watch_id)
        if kept is None or kept[0] is not watch:
            kept = self._places[watch.watch_id] = (watch, [*_places(watch)])
        return kept[1]

    def _watches(self) -> Iterator[Watch]:
        for row in self._ledger.rows.values():
            if isinstance(row, Watch) and row.watch_id not in self.unindexed:
                yield row

    def _answer_or_raise(self, operation: Operation) -> None:
        if self._fails(operation):
            raise LedgerUnavailable(f"{operation}: ReadTimeoutError")

    def _fails(self, operation: Operation) -> bool:
        if not self._failures[operation]:
            return False
        self._failures[operation] -= 1
        return True


def grouped(sizes: Iterable[CohortSize]) -> list[GroupSizes]:
    """Return cohorts by their groups."""
    found: dict[PollGroup, dict[CohortKind, dict[int, int]]] = {}
    for size in sizes:
        kinds = found.setdefault(size.cohort.group, {kind: {} for kind in CohortKind})
        hours = kinds[size.cohort.kind]
        hours[size.cohort.hour] = hours.get(size.cohort.hour, 0) + size.watches
    return [
        GroupSizes(group=group, began=kinds[CohortKind.AGE], ends=kinds[CohortKind.END])
        for group, kinds in found.items()
    ]


def _places(watch: Watch) -> Iterator[tuple[Cohort, str]]:
    if watch.age_cohort is not None and watch.cohort_at is not None:
        yield watch.age_cohort, place_of(watch.cohort_at, watch.watch_id)
    if watch.end_cohort is not None and watch.expires_at is not None:
        yield watch.end_cohort, place_of(watch.expires_at, watch.watch_id)
