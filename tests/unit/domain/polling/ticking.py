"""Ticks of the schedule over one cohort: what is due when, minute by minute and shard by shard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import strategies as st

from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    MINUTE_DIGITS,
    SHARDS,
    Cohort,
    CohortKind,
    CohortSize,
    hour_of,
)
from couponbus.domain.polling.plan import DueSpan, Tick, due_spans
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REST = 2 * 86_400.0
LONG_AGO = NOON - 1000 * DAY

type Place = tuple[int, int]  # the minute of the hour, the shard

LADDERS = st.builds(
    PollPolicy,
    share_permille=st.sampled_from([20, 100, 250, 1000]),
    floor_seconds=st.sampled_from([60, 300, 3600]),
    cap_seconds=st.sampled_from([3600, 12 * 3600, 5 * 86_400]),
    horizon_seconds=st.sampled_from([10 * 86_400, 90 * 86_400]),
)


def a_group(poll_policy: PollPolicy | None = None, *, account: str = "brand") -> PollGroup:
    return PollGroup(
        provider=Provider.UNIQODO, account=account, poll_policy=poll_policy or PollPolicy()
    )


def a_cohort(
    kind: CohortKind, *, at: datetime = NOON, poll_policy: PollPolicy | None = None
) -> Cohort:
    return Cohort(kind=kind, group=a_group(poll_policy), hour=hour_of(at))


def a_size(
    kind: CohortKind = CohortKind.AGE,
    *,
    at: datetime = NOON,
    watches: int = 100,
    poll_policy: PollPolicy | None = None,
) -> CohortSize:
    return CohortSize(cohort=a_cohort(kind, at=at, poll_policy=poll_policy), watches=watches)


def held_back(level: int = 0, *, since: datetime = LONG_AGO) -> Throttle:
    return Throttle(provider=Provider.UNIQODO, account="brand", level=level, since=since)


def found(
    size: CohortSize,
    since: datetime,
    until: datetime,
    *,
    throttle: Throttle | None = None,
    rest: float = REST,
) -> list[DueSpan]:
    """Return the spans that a tick finds due."""
    tick = Tick(since=since, until=until, max_interval_seconds=rest)
    return list(due_spans(size, tick=tick, throttle=throttle or held_back()))


def places(size: CohortSize, spans: Sequence[DueSpan]) -> list[Place]:
    """Return each minute and shard as often as the spans begin in it or cover it."""
    return [place for one in spans for place in _places(size, one)]


def _places(size: CohortSize, one: DueSpan) -> Iterator[Place]:
    if one.span.first[MINUTE_DIGITS:]:
        return  # a later part of a minute
    first, last = int(one.span.first[:MINUTE_DIGITS]), int(one.span.last[:MINUTE_DIGITS])
    for minute in range(first, last + 1):
        yield minute - size.cohort.first_minute, one.span.shard


EVERYWHERE = [(minute, shard) for minute in range(HOUR_MINUTES) for shard in range(SHARDS)]


@dataclass(slots=True)
class Waiting:
    """The longest wait of any place, from its own minute or its last due poll to the next one."""

    size: CohortSize
    last: dict[Place, datetime] = field(default_factory=dict)
    longest: timedelta = timedelta()

    def __post_init__(self) -> None:
        start = datetime.fromtimestamp(self.size.cohort.first_minute * 60, tz=NOON.tzinfo)
        self.last = {place: start + place[0] * MINUTE for place in EVERYWHERE}

    def tick(self, spans: Sequence[DueSpan], *, at: datetime) -> None:
        for place in set(places(self.size, spans)):
            self.longest = max(self.longest, at - self.last[place])
            self.last[place] = at

    def stop(self, *, at: datetime) -> None:
        self.longest = max(self.longest, *(at - last for last in self.last.values()))
