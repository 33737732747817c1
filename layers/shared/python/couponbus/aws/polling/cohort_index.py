"""How watches lie in the two indexes of cohorts, and what a query of these tells of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from couponbus.aws.ledger.attributes import Item
from couponbus.domain.polling.cohort import (
    Cohort,
    CohortKind,
    Member,
    Span,
    place_of,
    shard_of_watch,
)
from couponbus.domain.polling.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortIndex:
    """An index by its name, and the attributes that are its two keys."""

    name: str
    cohort: str
    place: str


COHORT_INDEXES: Mapping[CohortKind, CohortIndex] = {
    CohortKind.AGE: CohortIndex(name="cohorts", cohort="cohort", place="place"),
    CohortKind.END: CohortIndex(name="ends", cohort="end_cohort", place="end_place"),
}
PROJECTED = ("promotion", "user_id", "digest")


def places_of(watch: Watch) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the attributes by which the indexes find this watch; none while nobody is to look."""
    for cohort, at in (
        (watch.age_cohort, watch.cohort_at),
        (watch.end_cohort, watch.expires_at),
    ):
        if cohort is not None and at is not None:
            yield from _place(cohort, at, watch.watch_id)


def index_of(span: Span) -> CohortIndex:
    """Return the index in which a span lies. Raises ValueError for one of no kind."""
    return COHORT_INDEXES[CohortKind(span.cohort_key.partition("#")[0])]


def partition_of(cohort_key: str, shard: int) -> str:
    """Return the key under which a shard of a cohort is found."""
    return f"{cohort_key}#{shard}"


def member_of(item: Item) -> Member | None:
    """Return what the index tells of a watch, None for one whose customer is forgotten."""
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
