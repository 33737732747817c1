"""Keeps each cohort's progress to its next due poll when the throttle level changes.

A cohort continues its count at the new rate. So a poll that was about to fall due is not set back,
however often the level changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from couponbus.domain.polling.cadence import Cadence
from couponbus.domain.polling.cohort import HOUR_MINUTES
from couponbus.domain.polling.schedule import ThrottlePeriod

type CadenceAt = Callable[[int], Cadence]
type WidthAt = Callable[[float], int]


@dataclass(frozen=True, slots=True)
class Carried:
    """An addition to a count: `common` for the whole hour, `apart` for each of its minutes."""

    common: float = 0.0
    apart: Sequence[float] = ()

    def of(self, minute: int, *, width: int) -> float:
        """Return the addition for minutes that are polled together: the largest of theirs."""
        if not self.apart:
            return self.common
        return self.common + max(self.apart[minute : minute + width])

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the least and the largest addition of any minute."""
        if not self.apart:
            return self.common, self.common
        return self.common + min(self.apart), self.common + max(self.apart)


NOTHING = Carried()


def carried(
    course: Sequence[ThrottlePeriod],
    *,
    first_minute: int,
    lead: float,
    cadence_at: CadenceAt,
    width_at: WidthAt,
) -> Carried:
    """Return what the levels of a history have counted, beyond what the last one would have.

    At each change the count continues from that of the minutes that were polled together then.
    """
    common, apart = 0.0, [0.0] * HOUR_MINUTES
    for before, after in pairwise(course):
        passed = (after.since - first_minute) * 60 + lead
        if passed <= 0 or before.level == after.level:
            continue
        gone, come = cadence_at(before.level), cadence_at(after.level)
        width = width_at(after.since)
        if width == HOUR_MINUTES:
            common += gone.polls_at(passed) - come.polls_at(passed)
            continue
        for start in range(0, HOUR_MINUTES, width):
            ahead = gone.polls_at(passed - start * 60) - come.polls_at(passed - start * 60)
            for minute in range(start, start + width):
                apart[minute] += ahead
    return Carried(common, apart if any(apart) else ())
