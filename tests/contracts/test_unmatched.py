"""Kept sign-ups are found by their arrival until they are matched, on both ledgers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.unmatched_index import DynamoUnmatched
from couponbus.aws.webhooks.event_log import DynamoEventLog
from couponbus.domain.copying import replace
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.ports.shared import Ledger
from couponbus.ports.webhooks import EventLog
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.history import MemoryEventLog
from tests.fakes.ledger import MemoryLedger
from tests.fakes.unmatched import MemoryUnmatched
from tests.integration.aws.cloud import TABLE, a_cloud

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Unmatched(Protocol):
    def kept(self, *, since: datetime, until: datetime) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The rows, and the ports that find them."""

    ledger: Ledger
    unmatched: Unmatched
    history: EventLog


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        memory = MemoryLedger()
        yield World(
            ledger=memory, unmatched=MemoryUnmatched(memory), history=MemoryEventLog(memory)
        )
        return
    with a_cloud() as cloud:
        client = cloud.clients.dynamodb
        yield World(
            ledger=DynamoLedger(client=client, table=TABLE, clock=ManualClock()),
            unmatched=DynamoUnmatched(client=client, table=TABLE),
            history=DynamoEventLog(client=client, table=TABLE),
        )


def arrived(world: World, *moments: datetime) -> list[UnmatchedSignUp]:
    rows = [replace(factories.any_unmatched(), arrived_at=each) for each in moments]
    stored = [row.written("mine") for row in rows]
    assert not world.ledger.write(stored)
    return stored


def found(world: World, since: datetime, until: datetime) -> list[str]:
    return list(world.unmatched.kept(since=since, until=until))


def test_those_of_a_time_are_found_in_the_order_in_which_they_arrived(world: World) -> None:
    before, first, second, third, after = arrived(
        world,
        NOON - SECOND,
        NOON,
        NOON + HOUR,
        NOON + 2 * HOUR - SECOND,
        NOON + 2 * HOUR,
    )

    assert found(world, NOON, NOON + 2 * HOUR) == [first.key, second.key, third.key]
    assert before.key in found(world, NOON - HOUR, NOON)
    assert after.key not in found(world, NOON - HOUR, NOON + 2 * HOUR)


def test_one_that_was_matched_is_not_found_any_more(world: World) -> None:
    first, second = arrived(world, NOON, NOON + SECOND)

    world.ledger.write([first.matched(now=NOON + HOUR).written("mine")])
    world.ledger.write([second.still_unmatched(now=NOON + HOUR).written("mine")])

    assert found(world, NOON, NOON + HOUR) == [second.key]


def test_they_are_no_part_of_the_history_of_events(world: World) -> None:
    arrived(world, NOON)

    assert list(world.history.between(since=NOON - HOUR, until=NOON + HOUR)) == []


def test_many_pages_are_all_found(world: World) -> None:
    rows = [row for _ in range(3) for row in arrived(world, *[NOON] * 90)]

    assert sorted(found(world, NOON, NOON + SECOND)) == sorted(row.key for row in rows)
