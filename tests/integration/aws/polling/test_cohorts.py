"""What the registry and the indexes of cohorts cost, and how they handle table faults."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.polling.cohort_items import PROJECTED, USER, key_of
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.cohort import Cohort, CohortKind, Span
from couponbus.domain.polling.poll_policy import ListFilter, PollPolicy
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import Fault, Faults
from tests.integration.aws.sizes import size

TRIES = 3
SILENCE = [faults.connect_timeout] * TRIES
HOUR = 3600
GROUP_WRITTEN = '"koupon","main",100,300,43200,7776000'
PAGE = 1024 * 1024  # bytes of one answer
READ_UNIT = 4096  # bytes of one consistent read, or of two eventually consistent ones


@pytest.fixture
def cohorts(cloud: Cloud) -> DynamoCohorts:
    return DynamoCohorts(client=cloud.clients.dynamodb, table=TABLE)


def cohort(kind: CohortKind = CohortKind.AGE, *, number: int = 0) -> Cohort:
    group = replace(
        factories.any_group(seed=1), poll_policy=PollPolicy(horizon_seconds=90 * 24 * HOUR)
    )
    hour = int(NOON.timestamp()) // HOUR + number
    return Cohort(kind=kind, group=group, hour=hour)


def a_span(key: str) -> Span:
    return Span(cohort_key=key, shard=2, first="00000000", last="99999999~")


def registered(cloud: Cloud, of: Cohort) -> Item:
    answer = cloud.clients.dynamodb.get_item(TableName=TABLE, Key=key_of(of))
    return answer["Item"]


@pytest.mark.parametrize(
    ("kind", "days"),
    [(CohortKind.AGE, 90 + 7), (CohortKind.END, 8 + 7)],
)
def test_a_registered_cohort_outlives_its_watches(
    cloud: Cloud, cohorts: DynamoCohorts, kind: CohortKind, days: int
) -> None:
    cohorts.enter({cohort(kind): 1})

    until = datetime.fromtimestamp(int(registered(cloud, cohort(kind))["ttl"]["N"]), tz=UTC)
    assert until == NOON.replace(hour=0) + timedelta(days=1 + days)


def test_entering_costs_one_call_for_the_cohorts_of_a_day(
    cohorts: DynamoCohorts, script: Faults
) -> None:
    cohorts.enter({cohort(): 200})
    assert script.calls == ["UpdateItem"]

    cohorts.enter({cohort(number=number): 3 for number in range(48)})
    assert script.calls == ["UpdateItem"] * 4


def test_the_hours_of_a_day_are_counted_each_by_itself(cohorts: DynamoCohorts) -> None:
    hours = [cohort(number=number - NOON.hour - 1) for number in range(26)]
    cohorts.enter({one: 1 + at for at, one in enumerate(hours)})

    cohorts.enter({hours[3]: 10})
    cohorts.leave({hours[5]: 2, hours[6]: 3})

    more = {hours[3]: 10, hours[5]: -2, hours[6]: -3}
    sizes = {each.cohort: each.watches for each in cohorts.sizes().readable}
    assert sizes == {one: 1 + at + more.get(one, 0) for at, one in enumerate(hours)}


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
@pytest.mark.parametrize("count", [1, 3])
def test_a_watch_whose_cohort_cannot_be_registered_must_not_be_stored(
    cohorts: DynamoCohorts, script: Faults, fault: Fault, count: int
) -> None:
    script.will(*[fault] * TRIES * count)

    with pytest.raises(LedgerUnavailable, match=r"^enter: \w+$"):
        cohorts.enter({cohort(number=24 * number): 1 for number in range(count)})


def test_a_repeated_call_may_count_twice_and_no_watch_is_lost(
    cohorts: DynamoCohorts, script: Faults
) -> None:
    script.will(faults.lost_answer)

    cohorts.enter({cohort(): 5})

    (only,) = cohorts.sizes().readable
    assert only.watches >= 5


@pytest.mark.parametrize("count", [1, 3])
def test_departures_that_cannot_be_counted_are_counted_as_such(
    cohorts: DynamoCohorts, script: Faults, count: int
) -> None:
    leaving = {cohort(number=number): 2 for number in range(count)}
    cohorts.enter(leaving)
    script.will(*SILENCE * count)

    cohorts.leave(leaving)

    assert cohorts.uncounted == 2 * count
    assert [each.watches for each in cohorts.sizes().readable] == [2] * count


def test_no_watch_leaves_what_the_table_has_dropped(cohorts: DynamoCohorts, script: Faults) -> None:
    cohorts.leave({cohort(): 1})

    assert script.calls == ["UpdateItem"]
    assert cohorts.uncounted == 0
    assert list(cohorts.sizes().readable) == []


def test_a_registry_of_many_pages_is_read_to_its_end(
    cohorts: DynamoCohorts, script: Faults
) -> None:
    cohorts.enter({cohort(): 4})
    place = {"pk": {"S": "COHORTS"}, "sk": {"S": "A"}}
    script.will(*[faults.answer(Items=[], LastEvaluatedKey=place)] * 2)
    script.calls.clear()

    assert [size.cohort for size in cohorts.sizes().readable] == [cohort()]
    assert script.calls == ["Query", "Query", "Query"]


def test_a_span_of_many_pages_is_read_to_its_end(cohorts: DynamoCohorts, script: Faults) -> None:
    item = {"pk": {"S": "WATCH#A"}, USER: {"S": "user-7"}}
    script.will(
        faults.answer(Items=[item], LastEvaluatedKey={"pk": {"S": "WATCH#A"}}),
        faults.answer(Items=[{**item, "pk": {"S": "WATCH#B"}}]),
    )

    members = cohorts.members(a_span(cohort().key))

    assert [member.watch_id for member in members] == ["A", "B"]
    assert script.calls == ["Query", "Query"]


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
def test_finding_nothing_because_the_table_is_silent_is_an_error(
    cohorts: DynamoCohorts, script: Faults, fault: Fault
) -> None:
    script.will(*[fault] * TRIES)
    with pytest.raises(LedgerUnavailable, match=r"^sizes: \w+$"):
        cohorts.sizes()
    script.will(*[fault] * TRIES)
    with pytest.raises(LedgerUnavailable, match=r"^members: \w+$"):
        cohorts.members(a_span(cohort().key))


@pytest.mark.parametrize(
    ("kind", "index", "condition"),
    [
        (CohortKind.AGE, "cohorts", "cohort = :cohort AND place BETWEEN :first AND :last"),
        (CohortKind.END, "ends", "end_cohort = :cohort AND end_place BETWEEN :first AND :last"),
    ],
)
def test_members_are_one_query_of_the_index_that_need_not_be_consistent(
    cohorts: DynamoCohorts, script: Faults, kind: CohortKind, index: str, condition: str
) -> None:
    calls: list[Mapping[str, object]] = []
    script.will(faults.watched(calls))

    cohorts.members(a_span(cohort(kind).key))

    assert calls == [
        {
            "TableName": TABLE,
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {
                ":cohort": {"S": f"{cohort(kind).key}#2"},
                ":first": {"S": "00000000"},
                ":last": {"S": "99999999~"},
            },
        }
    ]


@pytest.mark.parametrize(
    "damage",
    [
        {"document": {"S": '{"planted": 1}'}},
        {"document": {"S": "planted"}},
        {"document": {"S": f'[{GROUP_WRITTEN},[null,null,null,[]],"eighth"]'}},
        {"document": {"S": f'[{GROUP_WRITTEN},[null,null,null,[],"another filter"]]'}},
        {"m": {"S": "many"}},
        {"sk": {"S": "Z#GROUP#1"}},
        {"sk": {"S": "A#GROUP"}},
    ],
)
def test_a_registered_cohort_that_cannot_be_read_is_named_beside_the_others(
    cloud: Cloud, cohorts: DynamoCohorts, damage: Item
) -> None:
    cohorts.enter({cohort(): 1, cohort(number=24): 3})
    item = {**registered(cloud, cohort()), **damage}
    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item)

    sizes = cohorts.sizes()

    assert sizes.broken == {item["sk"]["S"]}
    assert cohort(number=24) in [each.cohort for each in sizes.readable]


def test_a_span_of_no_kind_is_a_mistake(cohorts: DynamoCohorts) -> None:
    with pytest.raises(ValueError, match="Z"):
        cohorts.members(a_span("Z#GROUP#1"))


def test_no_repr_of_a_member_shows_whose_watch_it_is(
    cohorts: DynamoCohorts, ledger: DynamoLedger
) -> None:
    watch = replace(factories.any_active_watch(), user_id="planted-user")
    ledger.write([watch.written("mine")])
    assert watch.age_cohort is not None

    found = [
        member
        for shard in range(4)
        for member in cohorts.members(replace(a_span(watch.age_cohort.key), shard=shard))
    ]

    assert len(found) == 1
    assert "planted" not in repr(found)


def test_the_index_costs_a_fortieth_of_a_read_unit_for_each_poll() -> None:
    watch = replace(
        factories.any_active_watch(),
        promotion="welcome-offer-2026",
        user_id="0b54d0f4-7c27-4f39-9c7f-1f2a3b4c5d6e",
        digest="ABCDEFGHIJKL",
    )
    item = encode(watch)
    entry = {name: item[name] for name in ("pk", "sk", "cohort", "place", *PROJECTED)}

    assert size(entry) <= 200
    assert size(entry) / READ_UNIT / 2 <= 1 / 40


def test_the_cohorts_of_a_day_are_a_small_item(cloud: Cloud, cohorts: DynamoCohorts) -> None:
    cohorts.enter({cohort(number=number - NOON.hour): 100_000 for number in range(24)})

    assert size(registered(cloud, cohort())) <= 240


def test_a_tick_reads_fifty_groups_with_a_few_units_and_requests(
    cloud: Cloud, cohorts: DynamoCohorts
) -> None:
    hours = range(-NOON.hour, 3 * 24 - NOON.hour)
    for kind in CohortKind:
        cohorts.enter({cohort(kind, number=number): 100 for number in hours})
    registered = cloud.clients.dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :cohorts",
        ExpressionAttributeValues={":cohorts": {"S": "COHORTS"}},
    )["Items"]

    of_a_month = 10 * sum(map(size, registered))

    assert 50 * of_a_month / READ_UNIT / 2 <= 75  # eventually consistent
    assert 50 * of_a_month <= PAGE


def test_a_day_with_a_long_filter_is_written_with_one_unit(
    cloud: Cloud, cohorts: DynamoCohorts
) -> None:
    stores = tuple(f"{number:06d}" for number in range(50))
    group = replace(cohort().group, list_filter=ListFilter(channel="mobile", storeid=stores))
    hours = [replace(cohort(number=number - NOON.hour), group=group) for number in range(24)]
    cohorts.enter(dict.fromkeys(hours, 100_000))

    assert size(registered(cloud, hours[0])) <= 1024
