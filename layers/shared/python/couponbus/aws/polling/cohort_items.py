"""Cohorts as items: two indexes of their watches, and the registry of the existing cohorts.

The registry is one partition with one item for each cohort, deleted by TTL.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from couponbus.aws.ledger.attributes import Item
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.cohort import (
    HOUR_MINUTES,
    Cohort,
    CohortKind,
    CohortSize,
    CohortSizes,
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
PROJECTED = ("promotion", "user_id", "digest")
PARTITION = "COHORTS"
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
    if "user_id" not in item:
        return None
    return Member(
        watch_id=item["pk"]["S"].partition("#")[2],
        promotion=item["promotion"]["S"] if "promotion" in item else None,
        user_id=item["user_id"]["S"],
        digest=item["digest"]["S"] if "digest" in item else "",
    )


def _place(cohort: Cohort, at: datetime, watch_id: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    index = COHORT_INDEXES[cohort.kind]
    yield index.cohort, {"S": partition_of(cohort.key, shard_of_watch(watch_id))}
    yield index.place, {"S": place_of(at, watch_id)}


def key_of(cohort: Cohort) -> Item:
    """Return the key of a cohort in the registry."""
    return {"pk": {"S": PARTITION}, "sk": {"S": cohort.key}}


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
    """Return the registry item's TTL, after the last poll, in whole seconds since the epoch."""
    lasts = (
        timedelta(seconds=cohort.group.poll_policy.horizon_seconds)
        if cohort.kind is CohortKind.AGE
        else POLLED_AFTER_END
    )
    until = moment_of((cohort.hour + 1) * HOUR_MINUTES) + lasts + KEPT_LONGER
    return str(int(until.timestamp()))


def sizes_of(items: Iterable[Item]) -> CohortSizes:
    """Return the registered cohorts, and the names of the items that this version cannot read."""
    sizes: list[CohortSize] = []
    broken: set[str] = set()
    for item in items:
        size = _size(item)
        if size is None:
            broken.add(item["sk"]["S"])
        else:
            sizes.append(size)
    return CohortSizes(readable=sizes, broken=frozenset(broken))


def _size(item: Item) -> CohortSize | None:
    """Return a registered cohort; its count is approximate, so zero and less count as one."""
    try:
        kind, _, hour = item["sk"]["S"].split("#")
        cohort = Cohort(kind=CohortKind(kind), group=_group(item["document"]["S"]), hour=int(hour))
        return CohortSize(cohort=cohort, watches=max(int(item["watches"]["N"]), 1))
    except (KeyError, ValueError, ValidationError, ConfigurationInvalid):
        return None


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
