"""Programs are in force once they are put, in memory and on DynamoDB alike."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest
from pydantic import TypeAdapter

from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.errors import RowsBroken
from couponbus.domain.issuing.program import Program
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.programs import MemoryPrograms
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The programs, and a function that stores one in a form that only a newer version can read."""

    programs: MemoryPrograms | DynamoPrograms
    store_newer: Callable[[Program], None]


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        memory = MemoryPrograms()
        yield World(programs=memory, store_newer=partial(_hide, memory))
        return
    with a_cloud() as cloud:
        programs = DynamoPrograms(
            client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock(), seconds=30
        )
        yield World(programs=programs, store_newer=partial(_store_newer, cloud))


@pytest.fixture
def programs(world: World) -> MemoryPrograms | DynamoPrograms:
    return world.programs


def _hide(memory: MemoryPrograms, program: Program) -> None:
    memory.put(program)
    memory.unreadable.add(program.name)


def _store_newer(cloud: Cloud, program: Program) -> None:
    document = TypeAdapter(Program).dump_python(program, mode="json")
    newer = json.dumps({**document, "channel": "WALLET", "added_later": [1]})
    cloud.clients.dynamodb.put_item(
        TableName=TABLE,
        Item={"pk": {"S": "PROGRAM"}, "sk": {"S": program.name}, "document": {"S": newer}},
    )


def test_there_are_none_to_begin_with(programs: MemoryPrograms | DynamoPrograms) -> None:
    assert list(programs.active().readable) == []


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

    assert list(programs.active().readable) == [full, simple]


def test_a_program_replaces_the_one_of_its_name(programs: MemoryPrograms | DynamoPrograms) -> None:
    program = factories.any_program()
    programs.put(program)
    programs.put(replace(program, offer_id=7))

    assert list(programs.active().readable) == [replace(program, offer_id=7)]


def test_a_removed_program_is_gone(programs: MemoryPrograms | DynamoPrograms) -> None:
    program = factories.any_program()
    programs.put(program)

    assert programs.remove(program.name) is True
    assert programs.remove(program.name) is False
    assert list(programs.active().readable) == []


def test_one_that_cannot_be_read_is_named_and_the_others_are_in_force(world: World) -> None:
    simple, strange = replace(factories.any_program(), name="b"), factories.any_program()
    world.store_newer(strange)
    world.programs.put(simple)

    active = world.programs.active()

    assert list(active.readable) == [simple]
    assert active.unreadable == {strange.name}
    assert active.named("b") == simple
    assert active.named("c") is None
    with pytest.raises(RowsBroken) as broken:
        active.named(strange.name)
    assert broken.value.keys == {f"PROGRAM#{strange.name}"}


def test_one_that_cannot_be_read_is_replaced_and_removed_by_its_name(world: World) -> None:
    strange, other = factories.any_program(), factories.any_program()
    world.store_newer(strange)
    world.store_newer(other)

    world.programs.put(strange)

    assert world.programs.remove(other.name) is True
    assert list(world.programs.active().readable) == [strange]
    assert world.programs.active().unreadable == frozenset()
