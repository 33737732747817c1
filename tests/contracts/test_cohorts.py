"""Watches are found by their cohorts, in memory and on DynamoDB alike."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.polling.cohort_items import hour_name, key_of
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.domain.polling.cohort import (
    SHARDS,
    Cohort,
    CohortKind,
    Member,
    hour_of,
    minute_of,
    shard_of_watch,
    span,
)
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Ledger
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.cohorts import MemoryCohorts
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MINUTE = timedelta(minutes=1)
EXPIRY = NOON + timedelta(days=20, minutes=17)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The rows, the port that finds them, and a function that makes a cohort unreadable."""

    ledger: Ledger
    cohorts: Cohorts
    damage: Callable[[Cohort], None]


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        memory = MemoryLedger()
        known = MemoryCohorts(memory)
        yield World(
            ledger=memory, cohorts=known, damage=lambda cohort: known.broken.add(cohort.key)
        )
        return
    with a_cloud() as cloud:
        client = cloud.clients.dynamodb
        yield World(
            ledger=DynamoLedger(client=client, table=TABLE, clock=ManualClock()),
            cohorts=DynamoCohorts(client=client, table=TABLE),
            damage=partial(_of_a_newer_version, client),
        )


def _of_a_newer_version(client: "DynamoDBClient", cohort: Cohort) -> None:
    """Register a cohort with a provider and a seventh column that this version does not know."""
    client.put_item(
        TableName=TABLE,
        Item={
            **key_of(cohort),
            "document": {"S": '["next-provider","main",50,300,14400,7776000,"seventh"]'},
            hour_name(cohort): {"N": "3"},
        },
    )


def watching(*, since: datetime = NOON, expires_at: datetime | None = None) -> Watch:
    """Return a watch; all of them belong to one poll group."""
    alike = factories.any_active_watch(seed=1)
    watch = factories.any_active_watch()
    return replace(
        watch,
        provider=alike.provider,
        account=alike.account,
        poll_policy=alike.poll_policy,
        cohort_at=since,
        expires_at=expires_at,
    )


def store(world: World, *watches: Watch) -> None:
    assert list(world.ledger.write([watch.written("mine") for watch in watches])) == []


def cohort_of(watch: Watch, kind: CohortKind = CohortKind.AGE) -> Cohort:
    cohort = watch.age_cohort if kind is CohortKind.AGE else watch.end_cohort
    assert cohort is not None
    return cohort


def found(world: World, cohort: Cohort, *, minute: int, minutes: int = 1) -> list[Member]:
    spans = [span(cohort, shard=each, minute=minute, minutes=minutes) for each in range(SHARDS)]
    return [member for one in spans for member in world.cohorts.members(one)]


def ids(members: list[Member]) -> list[str]:
    return sorted(member.watch_id for member in members)


def sizes(world: World) -> Mapping[Cohort, int]:
    return {size.cohort: size.watches for size in world.cohorts.sizes().readable}


def test_no_watch_entered_and_there_is_no_cohort(world: World) -> None:
    assert list(world.cohorts.sizes().readable) == []


def test_every_cohort_that_was_entered_is_returned(world: World) -> None:
    cohorts = list({factories.any_cohort(seed=seed) for seed in range(40)})

    world.cohorts.enter({cohort: 1 + index for index, cohort in enumerate(cohorts)})

    assert sizes(world) == {cohort: 1 + index for index, cohort in enumerate(cohorts)}


def test_arrivals_add_up_and_departures_are_taken_away(world: World) -> None:
    one, other = factories.any_cohort(seed=1), factories.any_cohort(seed=2)
    world.cohorts.enter({one: 200, other: 5})
    world.cohorts.enter({one: 30})

    world.cohorts.leave({one: 100, other: 1})

    assert sizes(world) == {one: 130, other: 4}


def test_a_cohort_that_seems_empty_is_still_returned(world: World) -> None:
    cohort = factories.any_cohort()
    world.cohorts.enter({cohort: 2})

    world.cohorts.leave({cohort: 2})
    world.cohorts.leave({cohort: 7})

    assert sizes(world) == {cohort: 1}


def test_a_cohort_that_cannot_be_read_is_named_beside_the_others(world: World) -> None:
    strange, other = factories.any_cohort(seed=1), factories.any_cohort(seed=2)
    world.cohorts.enter({strange: 2, other: 3})
    world.damage(strange)

    (name,) = world.cohorts.sizes().broken
    assert name.startswith(f"{strange.kind}#{strange.group.id}#")
    assert sizes(world) == {other: 3}


def test_no_watch_leaves_a_cohort_that_is_not_there(world: World) -> None:
    world.cohorts.leave({factories.any_cohort(seed=1): 1, factories.any_cohort(seed=2): 1})

    assert list(world.cohorts.sizes().readable) == []
    assert world.cohorts.sizes().broken == frozenset()


def test_a_watch_is_found_at_its_minute_and_at_no_other(world: World) -> None:
    watch = watching(since=NOON + 7 * MINUTE)
    store(world, watch)
    minute = minute_of(NOON) + 7

    assert watch.user_id is not None
    assert found(world, cohort_of(watch), minute=minute) == [
        Member(
            watch_id=watch.watch_id,
            promotion=watch.promotion,
            user_id=watch.user_id,
            digest=watch.digest,
        )
    ]
    assert found(world, cohort_of(watch), minute=minute - 1) == []
    assert found(world, cohort_of(watch), minute=minute + 1) == []


def test_a_watch_lies_in_one_shard_only(world: World) -> None:
    watch = watching()
    store(world, watch)
    cohort, minute = cohort_of(watch), minute_of(NOON)

    counted = [
        len(world.cohorts.members(span(cohort, shard=shard, minute=minute, minutes=60)))
        for shard in range(SHARDS)
    ]

    assert counted[shard_of_watch(watch.watch_id)] == sum(counted) == 1


def test_a_span_of_minutes_has_all_of_them_in_order(world: World) -> None:
    watches = [watching(since=NOON + each * MINUTE) for each in range(60)]
    store(world, *watches)
    cohort = cohort_of(watches[0])

    members = world.cohorts.members(span(cohort, shard=2, minute=minute_of(NOON) + 10, minutes=20))

    expected = [one.watch_id for one in watches[10:30] if shard_of_watch(one.watch_id) == 2]
    assert [member.watch_id for member in members] == expected


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_the_parts_of_a_minute_have_each_watch_once(world: World, parts: int) -> None:
    watches = [watching() for _ in range(90)]
    store(world, *watches)
    cohort, minute = cohort_of(watches[0]), minute_of(NOON)

    members = [
        [
            member.watch_id
            for shard in range(SHARDS)
            for member in world.cohorts.members(
                span(cohort, shard=shard, minute=minute, minutes=1, part=part, parts=parts)
            )
        ]
        for part in range(parts)
    ]

    assert sorted(chain.from_iterable(members)) == sorted(one.watch_id for one in watches)
    assert all(len(part) < 90 for part in members)


def test_watches_of_another_cohort_are_not_found(world: World) -> None:
    watch = watching()
    stranger = replace(watching(), account="another")
    store(world, watch, stranger)

    members = found(world, cohort_of(watch), minute=minute_of(NOON))

    assert ids(members) == [watch.watch_id]


def test_a_watch_whose_code_ends_is_found_by_its_end_as_well(world: World) -> None:
    endless, ending = watching(), watching(expires_at=EXPIRY)
    store(world, endless, ending)
    by_end = cohort_of(ending, CohortKind.END)

    assert by_end.hour == hour_of(EXPIRY)
    assert ids(found(world, by_end, minute=minute_of(EXPIRY))) == [ending.watch_id]
    assert len(found(world, cohort_of(ending), minute=minute_of(NOON))) == 2


def test_a_customer_who_redeemed_moves_to_a_younger_cohort(world: World) -> None:
    watch = watching()
    store(world, watch)
    stored = watch.written("mine")
    younger = replace(stored, cohort_at=NOON + timedelta(hours=5), digest="other").written("news")
    assert list(world.ledger.write_together([younger])) == []

    (member,) = found(world, cohort_of(younger), minute=minute_of(NOON) + 300)

    assert (member.watch_id, member.digest) == (watch.watch_id, "other")
    assert found(world, cohort_of(watch), minute=minute_of(NOON)) == []


def test_what_is_not_known_of_a_watch_is_returned_as_such(world: World) -> None:
    watch = replace(watching(), promotion=None, digest="")
    store(world, watch)

    (member,) = found(world, cohort_of(watch), minute=minute_of(NOON))

    assert (member.promotion, member.digest) == (None, "")


def test_a_watch_that_waits_for_its_first_look_is_in_no_cohort(world: World) -> None:
    watch = watching()
    starting = replace(factories.any_watch(), provider=watch.provider, started_at=NOON)
    store(world, starting)

    assert found(world, cohort_of(watch), minute=minute_of(NOON), minutes=60) == []


def test_a_watch_that_ended_is_in_no_cohort_any_more(world: World) -> None:
    watch = watching(expires_at=EXPIRY)
    store(world, watch)
    ended = watch.written("mine").ended(reason=EndReason.CANCELLED, now=NOON, publish_by=NOON)
    world.ledger.write([ended.written("over")])

    assert found(world, cohort_of(watch), minute=minute_of(NOON)) == []
    assert found(world, cohort_of(watch, CohortKind.END), minute=minute_of(EXPIRY)) == []


def test_a_forgotten_customer_is_not_returned_even_if_the_index_still_has_a_watch(
    world: World,
) -> None:
    watch = replace(watching(), user_id=None)
    store(world, watch)

    assert found(world, cohort_of(watch), minute=minute_of(NOON)) == []
