"""Transactions: rows are all stored or none, in memory and on DynamoDB alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict, Ledger
from couponbus.usecases.store import Store
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud
from tests.integration.aws.faults import faults_on

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A ledger, and a function that makes its next answer get lost."""

    ledger: Ledger
    lose_the_answer: Callable[[], None]


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        memory = UnreliableLedger()
        yield World(
            ledger=memory,
            lose_the_answer=lambda: memory.will_lose_the_answer(of="write_together"),
        )
        return
    with a_cloud() as cloud:
        yield from _on_dynamodb(cloud)


def _on_dynamodb(cloud: Cloud) -> Iterator[World]:
    client = cloud.clients.dynamodb
    ledger = DynamoLedger(client=client, table=TABLE, clock=ManualClock())
    with faults_on(client) as script:
        repetitions = [faults.connect_timeout] * (TRIES - 1)
        yield World(
            ledger=ledger,
            lose_the_answer=lambda: script.will(faults.lost_answer, *repetitions),
        )


def issuances(count: int) -> list[Issuance]:
    return [factories.any_issuance().written("mine") for _ in range(count)]


def stored(ledger: Ledger, rows: Sequence[Row]) -> list[Row]:
    return list(ledger.read([row.key for row in rows]).values())


@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_rows_without_a_conflict_are_all_stored(world: World, count: int) -> None:
    rows = issuances(count)

    assert list(world.ledger.write_together(rows)) == []
    assert stored(world.ledger, rows) == rows


def test_rows_of_every_kind_are_stored_together(world: World) -> None:
    rows = {row.key: row for row in (factories.any_row(seed=seed) for seed in range(60))}
    together = [row.written("mine") for row in rows.values()]

    assert list(world.ledger.write_together(together)) == []
    assert stored(world.ledger, together) == together


@pytest.mark.parametrize("count", [1, 2, 100])
def test_one_conflict_keeps_all_from_being_stored(world: World, count: int) -> None:
    rows = issuances(count)
    theirs = replace(rows[-1], write_id="theirs")
    world.ledger.write([theirs])

    conflicts = world.ledger.write_together(rows)

    assert list(conflicts) == [Conflict(attempted=rows[-1], stored=theirs)]
    assert stored(world.ledger, rows) == [theirs]


def test_all_that_are_in_conflict_are_reported(world: World) -> None:
    rows = issuances(5)
    theirs = [replace(row, write_id="theirs") for row in rows[1:4]]
    world.ledger.write(theirs)

    conflicts = world.ledger.write_together(rows)

    assert sorted(each.attempted.key for each in conflicts) == sorted(row.key for row in theirs)
    assert stored(world.ledger, rows) == theirs


def test_a_later_revision_is_stored_only_over_the_one_before(world: World) -> None:
    first, second = issuances(2)
    world.ledger.write([first])
    skipping = replace(second, revision=2)

    conflicts = world.ledger.write_together([first.written("next"), skipping])

    assert list(conflicts) == [Conflict(attempted=skipping, stored=None)]
    assert stored(world.ledger, [first, second]) == [first]
    assert list(world.ledger.write_together([first.written("next"), second])) == []
    assert stored(world.ledger, [first, second]) == [first.written("next"), second]


@pytest.mark.parametrize("count", [1, 3])
def test_after_a_lost_answer_ones_own_rows_are_in_the_way(world: World, count: int) -> None:
    rows = issuances(count)
    world.lose_the_answer()
    with pytest.raises(LedgerUnavailable):
        world.ledger.write_together(rows)

    repeated = world.ledger.write_together(rows)

    assert list(repeated) == [Conflict(attempted=row, stored=row) for row in rows]


@pytest.mark.parametrize("count", [1, 3])
def test_the_store_sees_through_a_lost_answer(world: World, count: int) -> None:
    rows = [factories.any_issuance() for _ in range(count)]
    store = Store(ledger=world.ledger, ids=CountingIds(), clock=ManualClock())
    world.lose_the_answer()

    done = store.write_together(rows)

    assert list(done.conflicts) == []
    assert list(done.written) == stored(world.ledger, rows)
    assert [row.revision for row in done.written] == [1] * count


def test_two_rows_with_one_key_are_a_mistake(world: World) -> None:
    (row,) = issuances(1)

    with pytest.raises(ValueError, match="distinct keys"):
        world.ledger.write_together([row, row])
    assert stored(world.ledger, [row]) == []


def test_more_than_a_hundred_rows_are_a_mistake(world: World) -> None:
    rows = issuances(101)

    with pytest.raises(ValueError, match="no more than 100"):
        world.ledger.write_together(rows)
    assert stored(world.ledger, rows) == []
