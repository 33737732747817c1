"""The items that say which cohorts there are: one partition, one item each, dropped by TTL."""

from collections.abc import Iterable
from datetime import timedelta
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
    moment_of,
)
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy
from couponbus.domain.provider import Provider

PARTITION = "COHORTS"
KEPT_LONGER = timedelta(days=7)
LOOKED_AT_AFTER_END = timedelta(days=8)

# By position: every tick reads all of them. What is added later comes last.
_DOCUMENT = TypeAdapter(tuple[Provider, str, int, int, int, int])


def key_of(cohort: Cohort) -> Item:
    """Return where a cohort is registered."""
    return {"pk": {"S": PARTITION}, "sk": {"S": cohort.key}}


@lru_cache(maxsize=256)
def document_of(group: PollGroup) -> str:
    """Return what is registered of a group, which its id alone does not tell."""
    poll_policy = group.poll_policy
    told = (
        group.provider,
        group.account,
        poll_policy.share_permille,
        poll_policy.floor_seconds,
        poll_policy.cap_seconds,
        poll_policy.horizon_seconds,
    )
    return _DOCUMENT.dump_json(told).decode()


def expiry_of(cohort: Cohort) -> str:
    """Return when nobody looks at these watches any more, in whole seconds since the epoch."""
    lasts = (
        timedelta(seconds=cohort.group.poll_policy.horizon_seconds)
        if cohort.kind is CohortKind.AGE
        else LOOKED_AT_AFTER_END
    )
    until = moment_of((cohort.hour + 1) * HOUR_MINUTES) + lasts + KEPT_LONGER
    return str(int(until.timestamp()))


def sizes_of(items: Iterable[Item]) -> CohortSizes:
    """Return what is registered, and the names of the items that this version cannot read."""
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
    """Return a registered cohort; its number may be wrong, so none counts as one."""
    try:
        kind, _, hour = item["sk"]["S"].split("#")
        cohort = Cohort(kind=CohortKind(kind), group=_group(item["document"]["S"]), hour=int(hour))
        return CohortSize(cohort=cohort, watches=max(int(item["watches"]["N"]), 1))
    except (KeyError, ValueError, ValidationError, ConfigurationInvalid):
        return None


@lru_cache(maxsize=256)
def _group(document: str) -> PollGroup:
    provider, account, share, floor, cap, horizon = _DOCUMENT.validate_json(document)
    poll_policy = PollPolicy(
        share_permille=share, floor_seconds=floor, cap_seconds=cap, horizon_seconds=horizon
    )
    return PollGroup(provider=provider, account=account, poll_policy=poll_policy)
