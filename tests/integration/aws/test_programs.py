"""Programs on a table with old reads, with faults, or without an answer."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.program import Program
from tests import factories
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on

WRONG_PATTERN = json.dumps(
    TypeAdapter(Program).dump_python(
        replace(factories.any_program(), pattern={"detail": {"x": [{"of-next": 1}]}}), mode="json"
    )
)
SECONDS = 30
SILENCE = [faults.connect_timeout] * 3


@pytest.fixture
def programs(cloud: Cloud, clock: ManualClock) -> DynamoPrograms:
    return another(cloud, clock)


def another(cloud: Cloud, clock: ManualClock) -> DynamoPrograms:
    return DynamoPrograms(client=cloud.clients.dynamodb, table=TABLE, clock=clock, seconds=SECONDS)


def test_the_table_is_not_asked_again_before_the_copy_is_old(
    cloud: Cloud, programs: DynamoPrograms, clock: ManualClock
) -> None:
    programs.active()
    added = factories.any_program()
    another(cloud, clock).put(added)

    clock.pass_time(SECONDS - 1)
    assert list(programs.active().readable) == []
    clock.pass_time(1)
    assert list(programs.active().readable) == [added]


def test_a_copy_from_before_a_moment_is_of_no_use_to_who_asks_for_that_moment(
    cloud: Cloud, programs: DynamoPrograms, clock: ManualClock
) -> None:
    programs.active()
    clock.pass_time(1)
    added = factories.any_program()
    another(cloud, clock).put(added)

    assert list(programs.active(since=clock.now()).readable) == [added]
    assert list(programs.active().readable) == [added]


def test_a_copy_from_that_moment_on_is_not_read_again(
    cloud: Cloud, programs: DynamoPrograms, clock: ManualClock
) -> None:
    moment = clock.now()
    programs.active(since=moment)
    clock.pass_time(1)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*SILENCE)
        assert list(programs.active(since=moment).readable) == []


def test_a_silent_table_is_not_forgiven_to_who_asks_for_a_moment(
    cloud: Cloud, programs: DynamoPrograms, clock: ManualClock
) -> None:
    programs.active()
    clock.pass_time(1)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*SILENCE)
        with pytest.raises(LedgerUnavailable):
            programs.active(since=clock.now())


def test_ones_own_change_is_seen_at_once(programs: DynamoPrograms) -> None:
    programs.active()
    program = factories.any_program()

    programs.put(program)
    assert list(programs.active().readable) == [program]

    programs.remove(program.name)
    assert list(programs.active().readable) == []


def test_a_silent_table_leaves_the_old_programs_in_force_for_a_while(
    cloud: Cloud, programs: DynamoPrograms, clock: ManualClock
) -> None:
    program = factories.any_program()
    programs.put(program)
    programs.active()

    with faults_on(cloud.clients.dynamodb) as script:
        clock.pass_time(10 * SECONDS - 1)
        script.will(*SILENCE)
        assert list(programs.active().readable) == [program]
        clock.pass_time(1)
        script.will(*SILENCE)
        with pytest.raises(LedgerUnavailable, match=r"^programs: ConnectTimeoutError$"):
            programs.active()


def test_without_a_copy_a_silent_table_is_unavailable(
    cloud: Cloud, programs: DynamoPrograms
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        for ask in (
            programs.active,
            lambda: programs.put(factories.any_program()),
            lambda: programs.remove("any"),
        ):
            script.will(*SILENCE)
            with pytest.raises(LedgerUnavailable):
                ask()


def test_programs_of_several_pages_are_all_read(cloud: Cloud, programs: DynamoPrograms) -> None:
    wanted = [factories.any_program() for _ in range(3)]
    for program in wanted:
        programs.put(program)
    first = cloud.clients.dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :programs",
        ExpressionAttributeValues={":programs": {"S": "PROGRAM"}},
        Limit=2,
        ConsistentRead=True,
    )
    calls: list[Mapping[str, object]] = []

    with faults_on(cloud.clients.dynamodb) as script:
        page = {"Items": first["Items"], "LastEvaluatedKey": first["LastEvaluatedKey"]}
        script.will(faults.answer(**page), faults.watched(calls))
        read = programs.active()

    assert list(read.readable) == sorted(wanted, key=lambda program: program.name)
    assert calls[0]["ExclusiveStartKey"] == first["LastEvaluatedKey"]


@pytest.mark.parametrize(
    "document", [{"S": "{}"}, {"S": "not json"}, {"N": "7"}, None, {"S": WRONG_PATTERN}]
)
def test_a_broken_program_is_named_beside_the_others(
    cloud: Cloud, programs: DynamoPrograms, document: Mapping[str, str] | None
) -> None:
    item: dict[str, object] = {"pk": {"S": "PROGRAM"}, "sk": {"S": "spring"}}
    if document is not None:
        item["document"] = document
    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item)  # type: ignore[arg-type]
    other = factories.any_program()
    programs.put(other)

    active = programs.active()

    assert active.unreadable == {"spring"}
    assert list(active.readable) == [other]
