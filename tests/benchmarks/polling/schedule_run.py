"""The schedule of polls over weeks of simulated time: the real cadences, counts and budget.

Due polls do not depend on how time is divided into ticks (`test_schedule.py` beside this shows
it), so that a whole day of a cohort is bisected for its due polls instead of searched minute by
minute.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.cadence import is_poll_due
from couponbus.domain.polling.cohort import Cohort, CohortKind, CohortSize, moment_of
from couponbus.domain.polling.due_counts import due_counts
from couponbus.domain.polling.poll_policy import PollGroup
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.polling.throttle import throttled
from tests.benchmarks.polling.populations import DAY, GRACE, HOUR, START, Group
from tests.fakes.cohorts import grouped


@dataclass(slots=True, kw_only=True)
class Followed:
    """A group as the run knows it: which watches are still polled, and their delays."""

    group: Group
    alive: list[float | None]
    polled_at: int
    calls: int = 0
    longest_rest: int = 0
    delays: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result: calls by day since START, and the groups that signed up in the run."""

    calls: Mapping[int, int]
    groups: Sequence[Followed]


class ScheduleRun:
    """One account and one poll_policy."""

    def __init__(self, *, account: PollAccount, poll_group: PollGroup) -> None:
        self._account = account
        self._poll_group = poll_group
        self._throttle = Throttle(
            provider=account.provider, account=account.name, level=0, since=moment_of(0)
        )
        self._members: defaultdict[Cohort, list[Followed]] = defaultdict(list)
        self._agenda: defaultdict[int, list[Followed]] = defaultdict(list)
        self._planned_until = START
        self._calls: Counter[int] = Counter()

    def run(self, groups: Iterable[Group], *, days: int) -> Outcome:
        """Run `days` days; groups that signed up before START are there from the start."""
        followed = [_followed(each) for each in groups]
        coming = sorted(followed, key=lambda each: each.polled_at, reverse=True)
        for now in range(START, START + days * DAY, HOUR):
            self._decide(now)
            while coming and coming[-1].polled_at < now + HOUR:
                self._enter(coming.pop(), now)
            for minute in range(now + 1, now + HOUR + 1):
                for each in self._agenda.pop(minute, ()):
                    self._poll(each, minute)
        return Outcome(
            calls=self._calls,
            groups=[each for each in followed if each.group.begun >= START],
        )

    def _decide(self, now: int) -> None:
        """Choose the level as the tick does; plan anew after a change, and once a day."""
        sizes = list(self._sizes())
        before = self._throttle
        demand = throttled(
            self._account,
            grouped(sizes),
            now=moment_of(now),
            spent=self._calls[_day(now)],
            level=before.level,
            since=before.since,
        )
        if demand.level != before.level:
            self._throttle = before.changed(level=demand.level, at=moment_of(now))
        elif now < self._planned_until:
            return
        self._planned_until = now + DAY
        self._agenda.clear()
        for cohort, members in self._members.items():
            for each in members:
                self._plan(cohort, each, since=now)

    def _sizes(self) -> Iterator[CohortSize]:
        for cohort in list(self._members):
            self._members[cohort] = [each for each in self._members[cohort] if each.alive]
            watches = sum(len(each.alive) for each in self._members[cohort])
            if watches:
                yield CohortSize(cohort=cohort, watches=watches)
            else:
                del self._members[cohort]

    def _enter(self, each: Followed, now: int) -> None:
        group = each.group
        if group.begun >= START:
            self._poll(each, group.begun)
        for kind, at in ((CohortKind.AGE, group.begun), (CohortKind.END, group.expires)):
            cohort = Cohort(kind=kind, group=self._poll_group, hour=at // HOUR)
            self._members[cohort].append(each)
            self._plan(cohort, each, since=max(now, group.begun))

    def _plan(self, cohort: Cohort, each: Followed, *, since: int) -> None:
        last = each.group.expires + GRACE
        at = each.group.begun if cohort.kind is CohortKind.AGE else each.group.expires
        until = min(self._planned_until, last)
        if since >= until:
            return
        for minute in self._due_polls(cohort, each.group.shard, at, since=since, until=until):
            self._agenda[minute].append(each)
        if cohort.kind is CohortKind.AGE and since < last <= self._planned_until:
            self._agenda[last].append(each)

    def _due_polls(
        self, cohort: Cohort, shard: int, minute: int, *, since: int, until: int
    ) -> Iterator[int]:
        """Return the ticks with due polls for watches that began in this minute."""
        (count,) = due_counts(
            CohortSize(cohort=cohort, watches=1),
            begin=since,
            end=until,
            max_interval_seconds=self._account.max_interval_seconds / 2,
            throttle=self._throttle,
        )

        def due_polls(at: int) -> float:
            return count.polls_at(at, minute) + phase

        phase = cohort.phase(shard)
        return _passed(due_polls, (since, due_polls(since)), (until, due_polls(until)))

    def _poll(self, each: Followed, minute: int) -> None:
        self._calls[_day(minute)] += len(each.alive)
        each.calls += len(each.alive)
        each.longest_rest = max(each.longest_rest, minute - each.polled_at)
        each.polled_at = minute
        found = [at for at in each.alive if at is not None and at <= minute]
        each.delays += [minute - at for at in found]
        over = minute >= each.group.expires + GRACE
        each.alive = [] if over else [at for at in each.alive if at is None or at > minute]


def _followed(group: Group) -> Followed:
    """Return the group at the start of the run: what was redeemed before is known."""
    alive = [at for at in group.redeemed if at is None or at > START]
    return Followed(group=group, alive=alive, polled_at=max(group.begun, START))


def _day(minute: int) -> int:
    return (minute - START) // DAY


def _passed(
    due_polls: Callable[[int], float], first: tuple[int, float], last: tuple[int, float]
) -> Iterator[int]:
    """Bisect the time as long as there is a due poll in it."""
    if not is_poll_due(first[1], last[1], phase=0.0):
        return
    if last[0] == first[0] + 1:
        yield last[0]
        return
    at = (first[0] + last[0]) // 2
    middle = (at, due_polls(at))
    yield from _passed(due_polls, first, middle)
    yield from _passed(due_polls, middle, last)
