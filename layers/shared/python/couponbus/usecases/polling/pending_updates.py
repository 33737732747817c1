"""What a look makes of a leased watch: where it is found from then on, and what is counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.polling.cohort import Cohort
from couponbus.domain.polling.comparison import Changes
from couponbus.domain.polling.watch import Watch, WatchState
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.metrics import Metric


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A watch as it was leased, and what is to be stored over it."""

    leased: Watch
    changes: Changes

    @property
    def moves(self) -> bool:
        """Whether it is found elsewhere afterwards."""
        return cohorts_of(self.leased) != cohorts_of(self.changes.watch)

    def count(self, run: Invocation) -> None:
        """Count it once it is stored."""
        changes = self.changes
        run.count(Metric.NEWS, int(bool(changes.rows)))
        run.count(Metric.RECORDED, changes.recorded)
        run.count(Metric.REVERSED, changes.reversed)
        run.count(Metric.ANOMALIES, changes.anomalies)
        run.count(Metric.WATCHES_ENDED, int(changes.watch.state is WatchState.ENDED))


def arrivals(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    """Return how many watches come to each cohort."""
    return Counter(
        cohort
        for update in updates
        for cohort in cohorts_of(update.changes.watch) - cohorts_of(update.leased)
    )


def departures(updates: Sequence[PendingUpdate]) -> Counter[Cohort]:
    """Return how many watches leave each cohort."""
    return Counter(
        cohort
        for update in updates
        for cohort in cohorts_of(update.leased) - cohorts_of(update.changes.watch)
    )


def cohorts_of(watch: Watch) -> set[Cohort]:
    """Return where a watch is found."""
    return {cohort for cohort in (watch.age_cohort, watch.end_cohort) if cohort is not None}
