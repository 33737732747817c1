"""Published events are found by their time, in memory and on DynamoDB alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.webhooks.event_log import DynamoEventLog
from couponbus.domain.copying import replace
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import HistoryPage, events_in, pages_of
from couponbus.ports.shared import Ledger
from couponbus.ports.webhooks import EventIndexEntry, EventLog
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.history import MemoryEventLog
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud

MILLISECOND, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The rows, and the port that finds them."""

    ledger: Ledger
    history: EventLog


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        memory = MemoryLedger()
        yield World(ledger=memory, history=MemoryEventLog(memory))
        return
    with a_cloud() as cloud:
        client = cloud.clients.dynamodb
        yield World(
            ledger=DynamoLedger(client=client, table=TABLE, clock=ManualClock()),
            history=DynamoEventLog(client=client, table=TABLE),
        )


def published(world: World, *moments: datetime) -> list[EventRecord]:
    """Store an event that was published at each of these moments."""
    events = [factories.any_event_record(event_at=each) for each in moments]
    world.ledger.write([event.written("mine") for event in events])
    return events


def found(world: World, since: datetime, until: datetime) -> list[str]:
    return [one.key.partition("#")[2] for one in world.history.between(since=since, until=until)]


def ids(events: list[EventRecord]) -> list[str]:
    return [event.event_id for event in events]


def test_without_events_there_is_no_history(world: World) -> None:
    assert found(world, NOON - HOUR, NOON + HOUR) == []


def test_an_event_is_found_with_what_a_replay_asks_of_it(world: World) -> None:
    (event,) = published(world, NOON + MINUTE)

    (mention,) = world.history.between(since=NOON, until=NOON + HOUR)

    assert mention == EventIndexEntry(
        key=event.key,
        tenant=event.tenant,
        detail_type=event.detail_type,
        customer_ref=event.customer_ref,
        event_at=NOON + MINUTE,
    )


def test_a_page_is_found_at_the_moment_of_its_events(world: World) -> None:
    events = [factories.any_event_record(event_at=NOON) for _ in range(3)]
    (page,) = pages_of(events)
    world.ledger.write([page.written("mine")])

    (mention,) = world.history.between(since=NOON, until=NOON + SECOND)

    assert mention == EventIndexEntry(key=page.key, event_at=NOON)
    assert mention.is_page
    assert list(events_in(world.ledger.read([mention.key]).values())) == events


def test_an_event_about_no_customer_is_found_too(world: World) -> None:
    event = replace(factories.any_event_record(event_at=NOON), customer_ref=None)
    world.ledger.write([event.written("mine")])

    (mention,) = world.history.between(since=NOON, until=NOON + SECOND)

    assert mention.customer_ref is None


def test_the_beginning_belongs_to_it_and_the_end_does_not(world: World) -> None:
    events = published(world, NOON - MILLISECOND, NOON, NOON + MINUTE, NOON + 2 * MINUTE)

    assert found(world, NOON, NOON + 2 * MINUTE) == ids(events[1:3])
    assert found(world, NOON - MILLISECOND, NOON) == ids(events[:1])


def test_events_are_returned_in_order_over_hours_and_days(world: World) -> None:
    moments = [NOON + number * timedelta(minutes=47) for number in range(-20, 20)]
    events = published(world, *moments[::-1])

    assert found(world, moments[0], moments[-1] + SECOND) == ids(events[::-1])


def test_parts_that_follow_one_another_have_everything_once(world: World) -> None:
    events = published(world, *(NOON + number * 7 * MINUTE for number in range(60)))
    edges = [NOON + number * timedelta(minutes=53) for number in range(9)]

    parts = [found(world, *edge) for edge in pairwise(edges)]

    assert [one for part in parts for one in part] == ids(events)
    assert all(parts[:7])


def test_events_of_the_same_moment_are_returned_once_each(world: World) -> None:
    events = published(world, *[NOON] * 30)

    assert found(world, NOON, NOON + MILLISECOND) == sorted(ids(events))


def test_moments_of_another_time_zone_are_the_same_moments(world: World) -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    events = published(world, NOON.astimezone(zone), NOON + HOUR)

    assert found(world, NOON.astimezone(zone), (NOON + HOUR).astimezone(zone)) == ids(events[:1])


@pytest.mark.parametrize("until", [NOON, NOON - MINUTE, NOON - 40 * MINUTE, NOON - 30 * HOUR])
def test_what_ends_before_it_begins_is_empty(world: World, until: datetime) -> None:
    published(world, NOON, NOON - MINUTE, NOON - 35 * MINUTE)

    assert found(world, NOON, until) == []


def test_a_test_is_no_part_of_the_history(world: World) -> None:
    test = replace(factories.any_event_record(event_at=NOON), only_for="shop")
    world.ledger.write([test.written("mine")])

    assert found(world, NOON, NOON + HOUR) == []


def test_other_rows_are_no_part_of_it_either(world: World) -> None:
    rows = {row.key: row for row in (factories.any_row(seed=seed) for seed in range(60))}
    others = [row for row in rows.values() if not isinstance(row, EventRecord | HistoryPage)]
    world.ledger.write([row.written("mine") for row in others])
    (event,) = published(world, NOON)

    assert found(world, NOON - 2 * HOUR, NOON + 2 * HOUR) == [event.event_id]
