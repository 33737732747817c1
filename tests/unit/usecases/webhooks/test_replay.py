"""A replay sends what was selected and counted, in a round of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, delivery_id_of, delivery_key
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.replay import Replay
from couponbus.ports.shared import Conflict
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.replay import Replaying
from couponbus.usecases.webhooks.replay_selection import Selection, Which
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.history import MemoryEventLog
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.webhook_factories import (
    any_endpoint,
    any_event_record,
    any_replay,
    delivery_of,
    directory_of,
)

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
SHOP = any_endpoint()
ERP = replace(any_endpoint(), pattern='{"detail-type": ["BarcodeRefused"]}')
FIRST = any_event_record(event_at=NOON - 3 * HOUR)
SECOND_ONE = any_event_record(event_at=NOON - 2 * HOUR, detail_type="BarcodeRefused")
LAST = any_event_record(event_at=NOON - HOUR)
EVERYTHING = Selection(tenant="default", since=NOON - 24 * HOUR, until=NOON)


def taken(event: EventRecord, endpoint: Endpoint = SHOP) -> Delivery:
    return delivery_of(event, endpoint).delivered(status=204, now=event.event_at)


def exhausted(event: EventRecord, endpoint: Endpoint = SHOP) -> Delivery:
    return delivery_of(event, endpoint).given_up(reason="status_500", now=event.event_at)


def a_ledger(*more: Row) -> MemoryLedger:
    return MemoryLedger(directory_of(SHOP, ERP), SHOP, ERP, FIRST, SECOND_ONE, LAST, *more)


def replaying(ledger: MemoryLedger) -> Replaying:
    clock = ManualClock()
    store = Store(ledger=ledger, ids=CountingIds(), clock=clock)
    return Replaying(store=store, history=MemoryEventLog(ledger), clock=clock)


def stored(ledger: MemoryLedger, event: EventRecord, endpoint: Endpoint = SHOP) -> Delivery:
    found = ledger.rows[delivery_key(_id(event, endpoint))]
    assert isinstance(found, Delivery)
    return found


def _id(event: EventRecord, endpoint: Endpoint = SHOP) -> str:
    return delivery_id_of(endpoint_id=endpoint.endpoint_id, event_id=event.event_id)


class Overtaken(MemoryLedger):
    """A ledger in which a sender stores a success before each of the first writes of a delivery."""

    def __init__(self, *rows: Row, times: int) -> None:
        super().__init__(*rows)
        self._times = times

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        found = self.rows.get(rows[0].key)
        if self._times and isinstance(found, Delivery):
            self._times -= 1
            super().write([found.delivered(status=204, now=NOON).written("sender")])
        return super().write(rows)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, 4),  # each for the shop, and the refusal for the ERP too
        ({"since": NOON - 2 * HOUR}, 3),
        ({"until": NOON - 2 * HOUR}, 1),
        ({"detail_types": frozenset({"BarcodeIssued"})}, 2),
        ({"customer_refs": frozenset({LAST.customer_ref})}, 1),
        ({"endpoint_ids": frozenset({ERP.endpoint_id})}, 1),
        ({"event_ids": (FIRST.event_id, FIRST.event_id), "since": NOON}, 1),
        ({"event_ids": (SECOND_ONE.event_id, FIRST.event_id)}, 3),
        ({"delivery_ids": frozenset({_id(FIRST), _id(SECOND_ONE, ERP)})}, 2),
        ({"which": Which.UNDELIVERED}, 3),  # one that was given up, and two that never were
        ({"which": Which.HELD}, 0),
        ({"tenant": "brand"}, 0),
    ],
)
def test_as_many_are_sent_as_were_counted(asked: dict[str, Any], expected: int) -> None:
    ledger = a_ledger(taken(FIRST), exhausted(LAST))
    selection = replace(EVERYTHING, **asked)

    counted = replaying(ledger).count(selection)
    done = replaying(ledger).replay(any_replay(), selection)

    due = [row for row in ledger.rows.values() if isinstance(row, Delivery) and row.due_at]
    assert (counted, done.sent, len(due)) == (expected, expected, expected)
    assert all(row.replay_id == done.replay_id for row in due)
    kept = ledger.rows[done.key]
    assert isinstance(kept, Replay)
    assert (kept.sent, kept.ended_at) == (expected, NOON)


def test_what_was_sent_is_sent_in_another_round_and_a_late_subscriber_has_a_first_one() -> None:
    ledger = a_ledger(taken(SECOND_ONE))

    replaying(ledger).replay(any_replay(), EVERYTHING)
    replaying(ledger).replay(any_replay(), replace(EVERYTHING, until=NOON - 2 * HOUR))

    assert (stored(ledger, SECOND_ONE).round, stored(ledger, SECOND_ONE, ERP).round) == (2, 1)
    assert (stored(ledger, FIRST).round, stored(ledger, LAST).round) == (2, 1)
    assert stored(ledger, SECOND_ONE).state is DeliveryState.PENDING


def test_replays_keep_to_their_rate() -> None:
    ledger = a_ledger()

    replaying(ledger).replay(any_replay(rate=2), replace(EVERYTHING, endpoint_ids=only(SHOP)))

    due = [stored(ledger, event).ready_at for event in (FIRST, SECOND_ONE, LAST)]
    assert due == [NOON, NOON + 0.5 * SECOND, NOON + SECOND]


def test_a_replay_that_was_broken_off_goes_on_and_sends_nothing_twice() -> None:
    ledger = a_ledger(taken(FIRST))
    audit = any_replay()
    replaying(ledger).replay(audit, replace(EVERYTHING, until=NOON - 2 * HOUR))

    half = ledger.rows[audit.key]
    assert isinstance(half, Replay)
    whole = replaying(ledger).replay(half, EVERYTHING)

    assert (half.sent, whole.sent) == (1, 4)
    assert stored(ledger, FIRST).round == 2


def test_a_replay_that_could_not_say_what_it_sent_says_so_when_it_is_done_again() -> None:
    ledger = a_ledger(exhausted(FIRST))
    audit, undelivered = any_replay(), replace(EVERYTHING, which=Which.UNDELIVERED)
    counted = replaying(ledger).count(undelivered)
    replaying(ledger).replay(audit, undelivered)
    ledger.rows[audit.key] = audit.written("lost")  # as it was before the end was noted

    again = replaying(ledger).replay(audit, undelivered)

    assert again.sent == counted > 0
    assert stored(ledger, FIRST).round == 2


def test_what_a_sender_was_faster_with_is_sent_all_the_same_when_all_is_meant() -> None:
    ledger = Overtaken(*a_ledger(delivery_of(FIRST, SHOP)).rows.values(), times=1)

    done = replaying(ledger).replay(any_replay(), replace(EVERYTHING, endpoint_ids=only(SHOP)))

    assert done.sent == 3
    assert stored(ledger, FIRST).round == 2


def test_what_was_taken_meanwhile_is_not_undelivered_any_more() -> None:
    undelivered = replace(EVERYTHING, endpoint_ids=only(SHOP), which=Which.UNDELIVERED)
    ledger = Overtaken(*a_ledger(exhausted(FIRST)).rows.values(), times=1)

    done = replaying(ledger).replay(any_replay(), undelivered)

    assert done.sent == 2
    assert stored(ledger, FIRST).state is DeliveryState.DELIVERED


def test_what_changes_all_the_time_leaves_a_replay_that_can_be_done_again() -> None:
    ledger = Overtaken(*a_ledger(delivery_of(FIRST, SHOP)).rows.values(), times=9)

    with pytest.raises(LedgerUnavailable):
        replaying(ledger).replay(any_replay(), EVERYTHING)


def test_nothing_is_meant_for_an_endpoint_that_is_disabled_or_cannot_say_what_it_wants() -> None:
    gone = SHOP.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=NOON)
    broken = replace(ERP, pattern="{")
    ledger = MemoryLedger(directory_of(gone, broken), gone, broken, FIRST)

    assert replaying(ledger).count(EVERYTHING) == 0


def test_a_test_event_is_no_part_of_the_history() -> None:
    tested = replace(any_event_record(event_at=NOON - HOUR), only_for=SHOP.endpoint_id)
    ledger = MemoryLedger(directory_of(SHOP), SHOP, tested)

    named = replace(EVERYTHING, event_ids=(tested.event_id,))

    assert (replaying(ledger).count(EVERYTHING), replaying(ledger).count(named)) == (0, 0)


@pytest.mark.parametrize(
    "sending",
    [
        delivery_of(SECOND_ONE, SHOP).claimed(now=NOON, until=NOON + HOUR, sweep_at=NOON + HOUR),
        replace(delivery_of(SECOND_ONE, SHOP), due_at=NOON + HOUR),
    ],
    ids=["claimed", "a first attempt"],
)
def test_what_was_held_is_woken_at_a_rate_and_what_is_being_sent_is_left_alone(
    sending: Delivery,
) -> None:
    held = [delivery_of(event, SHOP).put_off(until=NOON + 5 * HOUR) for event in (FIRST, LAST)]
    ledger = a_ledger(*held, sending, taken(SECOND_ONE, ERP))

    woken = replaying(ledger).wake(replace(EVERYTHING, which=Which.HELD), rate=1)

    assert woken == 2
    assert [stored(ledger, each).due_at for each in (FIRST, LAST)] == [NOON, NOON + SECOND]
    assert stored(ledger, FIRST).round == 1
    assert stored(ledger, SECOND_ONE) == sending


def only(endpoint: Endpoint) -> frozenset[str]:
    return frozenset({endpoint.endpoint_id})


def test_a_delivery_that_cannot_be_stored_is_named_once_the_others_are_due() -> None:
    ledger = a_ledger(taken(FIRST))
    ledger.unfit.add(delivery_key(_id(SECOND_ONE)))
    audit = any_replay()

    with pytest.raises(RowsBroken) as broken:
        replaying(ledger).replay(audit, EVERYTHING)

    assert broken.value.keys == {delivery_key(_id(SECOND_ONE))}
    assert stored(ledger, FIRST).round == 2
    ledger.unfit.clear()
    half = ledger.rows[audit.key]
    assert isinstance(half, Replay)
    assert replaying(ledger).replay(half, EVERYTHING).sent == 4
    assert stored(ledger, FIRST).round == 2


def test_an_event_that_cannot_be_read_is_named_once_the_others_are_due() -> None:
    ledger = a_ledger(taken(FIRST))
    ledger.broken.add(SECOND_ONE.key)

    with pytest.raises(RowsBroken) as broken:
        replaying(ledger).replay(any_replay(), EVERYTHING)

    assert broken.value.keys == {SECOND_ONE.key}
    assert stored(ledger, FIRST).round == 2
