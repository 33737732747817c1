"""Cohorts as items: two indexes of their watches, and the registry of the existing cohorts.

The registry is one partition with one item for the cohorts of a day, deleted by TTL. Every tick
reads all of it, so it is small: each hour is a number under one letter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from string import ascii_lowercase

from pydantic import TypeAdapter, ValidationError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.names import SHORT
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    Cohort,
    CohortKind,
    CohortSizes,
    GroupSizes,
    Member,
    Span,
    moment_of,
    place_of,
    shard_of_watch,
)
from couponbus.domain.polling.poll_policy import ListFilter, PollGroup, PollPolicy
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortIndex:
    """The name of an index, and the attributes that are its two keys."""

    name: str
    cohort: str
    place: str


COHORT_INDEXES: Mapping[CohortKind, CohortIndex] = {
    CohortKind.AGE: CohortIndex(name="cohorts", cohort="cohort", place="place"),
    CohortKind.END: CohortIndex(name="ends", cohort="end_cohort", place="end_place"),
}
PROMOTION, USER, DIGEST = SHORT["promotion"], SHORT["user_id"], SHORT["digest"]
PROJECTED = (PROMOTION, USER, DIGEST)
PARTITION = "COHORTS"
DAY_MARK, DAY_HOURS = "D", 24
HOUR_NAMES = ascii_lowercase[:DAY_HOURS]
KEPT_LONGER = timedelta(days=7)
POLLED_AFTER_END = timedelta(days=8)

# By position, to be small: every tick reads all of them. Later fields are appended; a version
# that does not know one cannot read the cohort, and polls none of it rather than without the field.
type _Filter = tuple[str | None, str | None, bool | None, tuple[str, ...]]
type _Plain = tuple[Provider, str, int, int, int, int]
type _Filtered = tuple[Provider, str, int, int, int, int, _Filter]
_DOCUMENT: TypeAdapter[_Plain | _Filtered] = TypeAdapter(_Plain | _Filtered)


def places_of(watch: Watch) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the index attributes of this watch; none while it is not polled."""
    for cohort, at in (
        (watch.age_cohort, watch.cohort_at),
        (watch.end_cohort, watch.expires_at),
    ):
        if cohort is not None and at is not None:
            yield from _place(cohort, at, watch.watch_id)


def index_of(span: Span) -> CohortIndex:
    """Return the index that holds a span. Raises ValueError for an unknown kind of cohort."""
    return COHORT_INDEXES[CohortKind(span.cohort_key.partition("#")[0])]


def partition_of(cohort_key: str, shard: int) -> str:
    """Return the index key of a shard of a cohort."""
    return f"{cohort_key}#{shard}"


def member_of(item: Item) -> Member | None:
    """Return the watch that the index shows, None for one whose customer is forgotten."""
    if USER not in item:
        return None
    return Member(
        watch_id=item["pk"]["S"].partition("#")[2],
        promotion=item[PROMOTION]["S"] if PROMOTION in item else None,
        user_id=item[USER]["S"],
        digest=item[DIGEST]["S"] if DIGEST in item else "",
    )


def _place(cohort: Cohort, at: datetime, watch_id: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    index = COHORT_INDEXES[cohort.kind]
    yield index.cohort, {"S": partition_of(cohort.key, shard_of_watch(watch_id))}
    yield index.place, {"S": place_of(at, watch_id)}


def key_of(cohort: Cohort) -> Item:
    """Return the key of a cohort's day in the registry."""
    day = f"{cohort.kind}#{cohort.group.id}#{DAY_MARK}{cohort.hour // DAY_HOURS}"
    return {"pk": {"S": PARTITION}, "sk": {"S": day}}


def hour_name(cohort: Cohort) -> str:
    """Return the attribute that counts a cohort's watches."""
    return HOUR_NAMES[cohort.hour % DAY_HOURS]


@lru_cache(maxsize=256)
def document_of(group: PollGroup) -> str:
    """Return the registered fields of a group, which cannot be read from its id."""
    poll_policy = group.poll_policy
    registered = (
        group.provider,
        group.account,
        poll_policy.share_permille,
        poll_policy.floor_seconds,
        poll_policy.cap_seconds,
        poll_policy.horizon_seconds,
    )
    if group.list_filter is None:
        return _DOCUMENT.dump_json(registered).decode()
    return _DOCUMENT.dump_json((*registered, astuple(group.list_filter))).decode()


def expiry_of(cohort: Cohort) -> str:
    """Return the TTL of a cohort's day, after its last poll, in whole seconds since the epoch."""
    lasts = (
        timedelta(seconds=cohort.group.poll_policy.horizon_seconds)
        if cohort.kind is CohortKind.AGE
        else POLLED_AFTER_END
    )
    over = (cohort.hour // DAY_HOURS + 1) * DAY_HOURS * HOUR_MINUTES
    return str(int((moment_of(over) + lasts + KEPT_LONGER).timestamp()))


def sizes_of(items: Iterable[Item]) -> CohortSizes:
    """Return the registered cohorts, and the names of the items that this version cannot read.

    Counts are approximate, so zero and less count as one. Of a cohort that an older version has
    registered by itself, the count continues in the item of its day.
    """
    found: dict[PollGroup, Mapping[CohortKind, dict[int, int]]] = {}
    broken: set[str] = set()
    for item in items:
        try:
            kind, group, counts = _counts_in(item)
        except (KeyError, ValueError, ValidationError, ConfigurationInvalid):
            broken.add(item["sk"]["S"])
            continue
        hours = found.setdefault(group, {each: {} for each in CohortKind})[kind]
        known = {hour: counts[hour] + hours[hour] for hour in counts.keys() & hours.keys()}
        hours.update(counts | known)
    return CohortSizes(
        groups=[
            GroupSizes(
                group=group,
                began=_at_least_one(kinds[CohortKind.AGE]),
                ends=_at_least_one(kinds[CohortKind.END]),
            )
            for group, kinds in found.items()
        ],
        broken=frozenset(broken),
    )


def _counts_in(item: Item) -> tuple[CohortKind, PollGroup, dict[int, int]]:
    """Return the counts of an item by hour. Raises what an unreadable one may raise."""
    kind, _, place = item["sk"]["S"].split("#")
    group = _group(item["document"]["S"])
    if not place.startswith(DAY_MARK):
        return CohortKind(kind), group, {int(place): int(item["watches"]["N"])}
    first = int(place.removeprefix(DAY_MARK)) * DAY_HOURS
    hours = enumerate(HOUR_NAMES, start=first)
    counts = {hour: int(item[name]["N"]) for hour, name in hours if name in item}
    return CohortKind(kind), group, counts


def _at_least_one(counts: Mapping[int, int]) -> Mapping[int, int]:
    if min(counts.values(), default=1) >= 1:
        return counts
    return {hour: max(count, 1) for hour, count in counts.items()}


@lru_cache(maxsize=256)
def _group(document: str) -> PollGroup:
    provider, account, share, floor, cap, horizon, *rest = _DOCUMENT.validate_json(document)
    poll_policy = PollPolicy(
        share_permille=share, floor_seconds=floor, cap_seconds=cap, horizon_seconds=horizon
    )
    return PollGroup(
        provider=provider,
        account=account,
        poll_policy=poll_policy,
        list_filter=_list_filter(*rest),
    )


def _list_filter(values: _Filter | None = None) -> ListFilter | None:
    if values is None:
        return None
    channel, digital_property_code, publishedonly, storeid = values
    return ListFilter(
        channel=channel,
        digital_property_code=digital_property_code,
        publishedonly=publishedonly,
        storeid=storeid,
    )
