"""Cohorts: the watches that began in the same hour, or whose codes end in it, in shards.

A watch row names its cohorts in two indexes, so that watches due for a poll are found by a query
and no row is written for a poll. Within a shard, rows are ordered by minute, then by id.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from couponbus.domain.polling.poll_policy import PollGroup

SHARDS = 4
HOUR_MINUTES = 60
ID_LETTERS = 8
MINUTE_DIGITS = 8
LETTERS = "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of ids, in their order as bytes
LAST = "~"


class CohortKind(StrEnum):
    """The time of a watch by which it is found."""

    AGE = "A"
    END = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """`hour` is in hours since the epoch."""

    kind: CohortKind
    group: PollGroup
    hour: int

    @property
    def key(self) -> str:
        """The name of the cohort, without the shard."""
        return f"{self.kind}#{self.group.id}#{self.hour}"

    @property
    def first_minute(self) -> int:
        """When its hour begins, in minutes since the epoch."""
        return self.hour * HOUR_MINUTES

    def phase(self, shard: int) -> float:
        """Return the phase of a shard, from 0 to less than 1, which is added to a cadence's count.

        The shards of a cohort are spread evenly, so that a large one is not due all at once.
        """
        return (zlib.crc32(self.key.encode()) / 2**32 + shard / SHARDS) % 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSize:
    """About how many watches a cohort has; never zero while it may have one."""

    cohort: Cohort
    watches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSizes:
    """About how many watches of a group began, or have a code that ends, in each hour.

    Hours are since the epoch. A cohort is in it for as long as it may have watches, and is never
    zero: an object for each would cost more than all that a tick does with most of them.
    """

    group: PollGroup
    began: Mapping[int, int]
    ends: Mapping[int, int]

    def cohorts(self) -> Iterator[CohortSize]:
        """Yield each cohort with its size."""
        for kind, hours in ((CohortKind.AGE, self.began), (CohortKind.END, self.ends)):
            for hour, watches in hours.items():
                yield self.cohort(kind, hour, watches)

    def cohort(self, kind: CohortKind, hour: int, watches: int) -> CohortSize:
        """Return one of the cohorts."""
        return CohortSize(cohort=Cohort(kind=kind, group=self.group, hour=hour), watches=watches)


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSizes:
    """The registered cohorts; `broken` names what of them this version cannot read."""

    groups: Sequence[GroupSizes]
    broken: frozenset[str] = frozenset()

    @property
    def readable(self) -> Sequence[CohortSize]:
        """Each cohort by itself."""
        return [size for group in self.groups for size in group.cohorts()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of a shard: `cohort_key`, the shard, the first and the last place, both included."""

    cohort_key: str
    shard: int
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the index holds of a watch: enough to poll it without reading its row."""

    watch_id: str
    promotion: str | None
    user_id: str
    digest: str

    def __repr__(self) -> str:
        """Hide the customer."""
        return f"Member({self.watch_id})"


def hour_of(moment: datetime) -> int:
    """Return hours since the epoch."""
    return minute_of(moment) // HOUR_MINUTES


def minute_of(moment: datetime) -> int:
    """Return minutes since the epoch."""
    return int(moment.timestamp()) // 60


def moment_of(minute: int) -> datetime:
    """Return the beginning of a minute."""
    return datetime.fromtimestamp(minute * 60, tz=UTC)


def shard_of_watch(watch_id: str) -> int:
    """Return the shard of a watch, from another part of its id than its place."""
    return zlib.crc32(watch_id[ID_LETTERS:].encode()) % SHARDS


def place_of(moment: datetime, watch_id: str) -> str:
    """Return the place (sort key) of a watch in its shard."""
    return start_of_minute(minute_of(moment)) + watch_id[:ID_LETTERS]


def start_of_minute(minute: int) -> str:
    """Return a place before all watches of a minute."""
    return f"{minute:0{MINUTE_DIGITS}d}"


def end_of_minute(minute: int) -> str:
    """Return a place after all watches of a minute."""
    return start_of_minute(minute) + LAST


def span(
    cohort: Cohort, *, shard: int, minute: int, minutes: int, part: int = 0, parts: int = 1
) -> Span:
    """Return a span of some minutes; of a single one also a part, by the ids of its watches."""
    first, last = start_of_minute(minute), end_of_minute(minute + minutes - 1)
    if parts > 1:
        last = first + (_bound(part + 1, parts) if part + 1 < parts else LAST)
        first += _bound(part, parts)
    return Span(cohort_key=cohort.key, shard=shard, first=first, last=last)


def _bound(part: int, parts: int) -> str:
    """Return the letters with which a part begins; the end of one is the beginning of the next.

    No id is only two letters long, so an inclusive end takes no watch from the next part.
    """
    number = part * len(LETTERS) ** 2 // parts
    return "" if part == 0 else LETTERS[number // len(LETTERS)] + LETTERS[number % len(LETTERS)]
