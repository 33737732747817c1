"""Whether every due poll was enqueued before the schedule went on."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from couponbus.domain.polling.cohort import CohortSize, place_of, shard_of_watch
from couponbus.domain.polling.pause import Pause, pause_key
from couponbus.domain.polling.plan import Tick, due_spans
from couponbus.domain.polling.schedule import PollSchedule, Throttle
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.events.base import Command
from couponbus.events.commands import PollSpans
from tests.simulation.ledger import Change
from tests.simulation.polling.scenario import REST


class DuePollsWitness:
    """Compares the enqueued spans with what the row of the schedule says is done."""

    def __init__(self, rows: Mapping[str, Row], *, report_violation: Callable[[str], None]) -> None:
        self._rows = rows
        self._report_violation = report_violation
        self._planned: set[tuple[str, datetime]] = set()
        self._paused: dict[str, float] = {}
        self._placed: dict[str, float] = {}

    def sent(self, command: Command) -> None:
        if isinstance(command, PollSpans):
            self._planned.add((command.provider, command.planned_at))

    def changed(self, change: Change) -> None:
        row, before = change.row, change.before
        if isinstance(row, Pause):
            self._paused[row.key] = change.at
        if isinstance(row, Watch) and _is_placed_anew(row, before):
            self._placed[row.key] = change.at
        if not isinstance(row, PollSchedule) or not isinstance(before, PollSchedule):
            return
        if row.done_until == before.done_until:
            return
        for watch in self._left_out(row.done_until, change.by.started):
            if _is_due(watch, before, row):
                self._report_violation(
                    f"P5 {watch.key}: its poll is marked done, and was not enqueued"
                )

    def _left_out(self, planned_at: datetime, began: float) -> Iterator[Watch]:
        """Yield the watches of the accounts for which nothing was enqueued."""
        for watch in self._rows.values():
            if not isinstance(watch, Watch) or watch.age_cohort is None:
                continue
            is_new = self._placed[watch.key] > began
            is_sent = (watch.provider, planned_at) in self._planned
            if not (is_new or is_sent or self._was_paused(watch, began)):
                yield watch

    def _was_paused(self, watch: Watch, began: float) -> bool:
        """Whether a tick that began then may have found the account paused."""
        key = pause_key(watch.provider, watch.account)
        pause = self._rows.get(key)
        is_paused = isinstance(pause, Pause) and pause.reason is not None
        return is_paused or self._paused.get(key, 0.0) > began


def _is_placed_anew(watch: Watch, before: Row | None) -> bool:
    if not isinstance(before, Watch):
        return True
    return (watch.age_cohort, watch.cohort_at) != (before.age_cohort, before.cohort_at)


def _is_due(watch: Watch, before: PollSchedule, after: PollSchedule) -> bool:
    throttle = after.throttle(watch.provider, watch.account) or Throttle(
        provider=watch.provider, account=watch.account, level=0, since=before.done_until
    )
    cohort, began = watch.age_cohort, watch.cohort_at
    if cohort is None or began is None:
        return False
    tick = Tick(since=before.done_until, until=after.done_until, max_interval_seconds=REST)
    place, shard = place_of(began, watch.watch_id), shard_of_watch(watch.watch_id)
    return any(
        due.span.shard == shard and due.span.first <= place <= due.span.last
        for due in due_spans(CohortSize(cohort=cohort, watches=1), tick=tick, throttle=throttle)
    )
