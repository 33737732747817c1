"""Which cadences apply in a tick, and the counts that one minute of a cohort has in them."""

from collections.abc import Iterator
from dataclasses import dataclass

from couponbus.domain.polling.cadence import (
    BEFORE_END,
    Cadence,
    above_rest,
    around_end,
    by_age,
    is_poll_due,
    resting,
)
from couponbus.domain.polling.carried_counts import NOTHING, Carried, carried
from couponbus.domain.polling.cohort import HOUR_MINUTES, CohortKind, CohortSize
from couponbus.domain.polling.schedule import Throttle

# From an age of a cohort on, in minutes: how many of its minutes are polled together.
WHOLE_HOURS_FROM = 30 * 60
_TOGETHER = ((WHOLE_HOURS_FROM, 60), (12 * 60, 15), (3 * 60, 5))
END_TOGETHER = 5
CROWD = 12_000  # a larger cohort is polled minute by minute, or its polls would come in waves


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCount:
    """The due polls of a cadence between two times, which are in minutes since the epoch."""

    size: CohortSize
    cadence: Cadence
    lead: float
    begin: float
    end: float
    carried: Carried = NOTHING

    def is_poll_due(self, minute: int, *, phase: float) -> bool:
        """Whether the watches of this minute of the cohort are due for a poll."""
        return is_poll_due(
            self.polls_at(self.begin, minute), self.polls_at(self.end, minute), phase=phase
        )

    def extent(self) -> tuple[float, float]:
        """Return the counts between which those of all minutes lie: the oldest are highest."""
        first, (least, most) = self.size.cohort.first_minute, self.carried.bounds
        youngest = (HOUR_MINUTES - 1) // (width := together(self.size, self.begin)) * width
        return (
            self._counted(self.begin, first + youngest) + least,
            self._counted(self.end, first) + most,
        )

    def polls_at(self, at: float, minute: int) -> float:
        """Return the count of the watches of this minute of the cohort at that time."""
        first, width = self.size.cohort.first_minute, together(self.size, at)
        oldest = (minute - first) // width * width
        return self._counted(at, first + oldest) + self.carried.of(oldest, width=width)

    def _counted(self, at: float, minute: int) -> float:
        return self.cadence.polls_at((at - minute) * 60 + self.lead)


def due_counts(
    size: CohortSize, *, begin: float, end: float, max_interval_seconds: float, throttle: Throttle
) -> Iterator[DueCount]:
    """Yield the counts from begin to end: due polls are the same however that time is divided."""
    cohort, course = size.cohort, throttle.course()
    is_end = cohort.kind is CohortKind.END
    lead = BEFORE_END if is_end else 0.0
    if course[0].since > cohort.first_minute - lead / 60:
        yield from _unremembered(
            size, begin, end, max_interval_seconds=max_interval_seconds, throttle=throttle
        )
        return

    def cadence_at(level: int) -> Cadence:
        if is_end:
            return around_end(level=level)
        return by_age(
            cohort.group.poll_policy, level=level, max_interval_seconds=max_interval_seconds
        )

    yield DueCount(
        size=size,
        cadence=cadence_at(throttle.level),
        lead=lead,
        begin=begin,
        end=end,
        carried=carried(
            course,
            first_minute=cohort.first_minute,
            lead=lead,
            cadence_at=cadence_at,
            width_at=lambda at: together(size, at),
        ),
    )


def _unremembered(
    size: CohortSize, begin: float, end: float, *, max_interval_seconds: float, throttle: Throttle
) -> Iterator[DueCount]:
    """Yield the counts of a cohort that is older than the levels that are remembered.

    For `max_interval_seconds` after a change of level the longest pause is counted apart, in the
    same way at each level: however often the level changes, no watch waits more than twice as long.
    """
    level = throttle.level
    if size.cohort.kind is CohortKind.END:
        cadence = around_end(level=level)
        yield DueCount(size=size, cadence=cadence, lead=BEFORE_END, begin=begin, end=end)
        return
    poll_policy = size.cohort.group.poll_policy
    settled = (throttle.since.timestamp() + max_interval_seconds) / 60
    edge = min(max(settled, begin), end)
    for cadence, since, until in (
        (resting(poll_policy, max_interval_seconds=max_interval_seconds), begin, edge),
        (
            above_rest(poll_policy, level=level, max_interval_seconds=max_interval_seconds),
            begin,
            edge,
        ),
        (by_age(poll_policy, level=level, max_interval_seconds=max_interval_seconds), edge, end),
    ):
        if since < until:
            yield DueCount(size=size, cadence=cadence, lead=0.0, begin=since, end=until)


def together(size: CohortSize, at: float) -> int:
    """Return how many minutes of a cohort are polled together at a time, when the oldest is due.

    A cohort that shrinks below CROWD may lose a poll by that, once.
    """
    if size.watches > CROWD:
        return 1
    if size.cohort.kind is CohortKind.END:
        return END_TOGETHER
    return minutes_together(at - size.cohort.first_minute)


def minutes_together(age: float) -> int:
    """Return the same by the age of the oldest, for a cohort that is no crowd."""
    return next((minutes for limit, minutes in _TOGETHER if age >= limit), 1)
