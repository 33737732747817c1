"""Programs are in force once they are put, in memory and on DynamoDB alike."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from couponbus.aws.programs import DynamoPrograms
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.programs import MemoryPrograms
from tests.integration.aws.cloud import TABLE, a_cloud


@pytest.fixture(params=["memory", "dynamodb"])
def programs(request: pytest.FixtureRequest) -> Iterator[MemoryPrograms | DynamoPrograms]:
    if request.param == "memory":
        yield MemoryPrograms()
        return
    with a_cloud() as cloud:
        yield DynamoPrograms(
            client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock(), seconds=30
        )


def test_there_are_none_to_begin_with(programs: MemoryPrograms | DynamoPrograms) -> None:
    assert list(programs.active()) == []


def test_programs_come_back_as_they_were_in_the_order_of_their_names(
    programs: MemoryPrograms | DynamoPrograms,
) -> None:
    simple = replace(factories.any_program(), name="b")
    full = replace(
        factories.any_program(),
        name="a",
        pattern={"detail": {"attributes": {"spent": [{"numeric": [">", 9.5]}], "x": [None]}}},
        required_consents=("marketing", "profiling"),
        minimum_age=18,
        valid_from=NOON,
        valid_until=NOON.replace(year=2030),
        precheck_existing=True,
        occurrence="spring",
    )

    programs.put(simple)
    programs.put(full)

    assert list(programs.active()) == [full, simple]


def test_a_program_replaces_the_one_of_its_name(programs: MemoryPrograms | DynamoPrograms) -> None:
    program = factories.any_program()
    programs.put(program)
    programs.put(replace(program, offer_id=7))

    assert list(programs.active()) == [replace(program, offer_id=7)]


def test_a_removed_program_is_gone(programs: MemoryPrograms | DynamoPrograms) -> None:
    program = factories.any_program()
    programs.put(program)

    assert programs.remove(program.name) is True
    assert programs.remove(program.name) is False
    assert list(programs.active()) == []
