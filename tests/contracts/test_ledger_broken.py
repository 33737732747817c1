"""An unreadable or unstorable row is named and stops no other row, in memory and on DynamoDB."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import RowsBroken
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from couponbus.ports.shared import Ledger
from couponbus.usecases.store import Store
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud, damage


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A ledger, and a function that stores a row that this version cannot read."""

    ledger: Ledger
    has_unreadable: Callable[[Row], None]


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        memory = MemoryLedger()
        yield World(ledger=memory, has_unreadable=partial(_add_unreadable, memory))
        return
    with a_cloud() as cloud:
        yield World(
            ledger=DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock()),
            has_unreadable=partial(damage, cloud),
        )


def _add_unreadable(memory: MemoryLedger, row: Row) -> None:
    memory.rows[row.key] = row
    memory.broken.add(row.key)


def issuances(count: int) -> list[Issuance]:
    return [factories.any_issuance().written("first") for _ in range(count)]


def test_what_cannot_be_read_is_named_and_the_others_are_read(world: World) -> None:
    good, strange = issuances(2)
    world.ledger.write([good])
    world.has_unreadable(strange)

    read = world.ledger.read([strange.key, good.key, factories.any_issuance().key])

    assert read == {good.key: good}
    assert read.broken == {strange.key}


def test_what_cannot_be_read_is_not_taken_for_what_does_not_exist(world: World) -> None:
    (strange,) = issuances(1)
    world.has_unreadable(strange)

    read = world.ledger.read([strange.key])

    assert list(read.values()) == []
    with pytest.raises(RowsBroken) as broken:
        read.get(strange.key)
    assert broken.value.keys == {strange.key}


@pytest.mark.parametrize("count", [1, 2, 130])
def test_what_cannot_be_read_is_not_written_over_and_the_others_are_stored(
    world: World, count: int
) -> None:
    strange, *others = issuances(count)
    world.has_unreadable(strange)

    with pytest.raises(RowsBroken) as broken:
        world.ledger.write([strange, *others])

    assert broken.value.keys == {strange.key}
    read = world.ledger.read([row.key for row in (strange, *others)])
    assert list(read.values()) == others
    assert read.broken == {strange.key}


def test_what_cannot_be_read_keeps_all_that_are_written_together(world: World) -> None:
    strange, *others = issuances(3)
    world.has_unreadable(strange)

    with pytest.raises(RowsBroken) as broken:
        world.ledger.write_together([*others, strange])

    assert broken.value.keys == {strange.key}
    assert dict(world.ledger.read([row.key for row in others])) == {}


def test_the_store_says_what_became_of_each_row_beside_one_that_cannot_be_read(
    world: World,
) -> None:
    strange, taken, *others = [factories.any_issuance() for _ in range(120)]
    world.has_unreadable(strange.written("theirs"))
    theirs = taken.written("theirs")
    world.ledger.write([theirs])
    store = Store(ledger=world.ledger, ids=CountingIds(), clock=ManualClock())

    stored = store.write([*others, taken, strange])

    assert stored.broken == {strange.key}
    assert [one.stored for one in stored.conflicts] == [theirs]
    assert [row.key for row in stored.written] == [row.key for row in others]
    assert list(world.ledger.read([row.key for row in others]).values()) == list(stored.written)
