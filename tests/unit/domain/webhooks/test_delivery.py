"""A delivery is claimed, tried, put off and ended, each step from the one before it only."""

from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.webhooks.delivery import (
    REPLAYS_KEPT,
    Delivery,
    DeliveryState,
    Unsent,
    delivery_id_of,
    delivery_key,
    new_delivery,
)
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS
from tests.fakes.clock import NOON

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FRESH = new_delivery(
    tenant="default",
    endpoint_id="shop",
    event_id="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    detail_type="BarcodeIssued",
    now=NOON,
    sweep_after=5 * MINUTE,
)


def claimed(row: Delivery = FRESH, *, seconds: float = 0.0) -> Delivery:
    now = NOON + timedelta(seconds=seconds)
    return row.claimed(now=now, until=now + MINUTE, sweep_at=now + MINUTE + 5 * SECOND)


def failed(row: Delivery) -> Delivery:
    return row.failed(reason="status_500", status=500, retry_after=None, now=NOON)


def test_a_new_one_may_be_tried_at_once_by_any_clock_and_is_swept_later() -> None:
    assert FRESH.may_be_tried(NOON)
    assert FRESH.may_be_tried(NOON - 5 * SECOND)
    assert (FRESH.state, FRESH.round, FRESH.attempt) == (DeliveryState.PENDING, 1, 0)
    assert FRESH.due_at == NOON + 5 * MINUTE


def test_it_is_known_by_its_endpoint_and_its_event() -> None:
    identity = delivery_id_of(endpoint_id="shop", event_id=FRESH.event_id)

    assert FRESH.delivery_id == identity
    assert FRESH.key == delivery_key(identity) == f"DELIVERY#{identity}"
    others = {
        delivery_id_of(endpoint_id="shop", event_id="late"),
        delivery_id_of(endpoint_id="erp", event_id=FRESH.event_id),
        delivery_id_of(endpoint_id="shopl", event_id="ate"),
    }
    assert len({identity, *others}) == 4


def test_a_claim_begins_an_attempt_and_keeps_all_others_away_until_it_lapses() -> None:
    row = claimed()

    assert (row.attempt, row.attempted_at) == (1, NOON)
    assert row.is_claimed(NOON + 59 * SECOND)
    assert not row.may_be_tried(NOON + 59 * SECOND)
    assert row.may_be_tried(NOON + MINUTE)
    assert row.due_at == FRESH.due_at  # it is swept soon enough as it is


def test_a_claim_moves_what_would_be_swept_too_early_or_by_no_worker() -> None:
    early = claimed(replace(FRESH, due_at=NOON))
    parked = claimed(FRESH.park(now=NOON))

    assert early.due_at == parked.due_at == NOON + 65 * SECOND


def test_a_first_attempt_may_be_made_until_it_is_swept() -> None:
    assert FRESH.due_at is not None
    assert FRESH.is_begun(FRESH.due_at - SECOND)
    assert not FRESH.is_begun(FRESH.due_at)
    others = (FRESH.park(now=NOON), FRESH.put_off(until=NOON + HOUR), claimed())
    assert not any(one.is_begun(NOON) for one in others)


def test_an_attempt_that_is_begun_without_a_claim_changes_neither_place_nor_time() -> None:
    row = FRESH.begun(now=NOON)

    assert FRESH.is_untried
    assert (row.attempt, row.claimed_until, row.due_at) == (1, None, FRESH.due_at)
    assert not row.is_untried
    assert not replace(FRESH, round=2).is_untried


@pytest.mark.parametrize(
    ("row", "seconds"),
    [
        (claimed(), 59),
        (FRESH.put_off(until=NOON + HOUR), 3599),
        (claimed().delivered(status=204, now=NOON), 10**9),
        (FRESH.given_up(reason="no", now=NOON), 10**9),
        (replace(FRESH, attempt=ATTEMPTS), 10**9),
    ],
    ids=["claimed", "put off", "delivered", "given up", "used up"],
)
def test_what_must_not_be_tried_cannot_be_claimed(row: Delivery, seconds: float) -> None:
    with pytest.raises(TransitionRefused):
        claimed(row, seconds=seconds)


def test_a_claim_that_was_not_used_is_given_back_and_not_counted() -> None:
    row = claimed().released(until=NOON + HOUR)

    assert (row.attempt, row.claimed_until) == (0, None)
    assert (row.ready_at, row.due_at) == (NOON + HOUR, NOON + HOUR)
    assert claimed(row, seconds=3600).attempt == 1


def test_what_was_taken_is_delivered_and_owes_nothing() -> None:
    row = claimed().delivered(status=202, now=NOON + SECOND)

    assert (row.state, row.status, row.reason) == (DeliveryState.DELIVERED, 202, None)
    assert (row.decided_at, row.due_at, row.ready_at) == (NOON + SECOND, None, None)
    assert row.claimed_until is None
    assert row.trail[-1].detail == "round 1, attempt 1: 202"


def test_a_failure_is_followed_by_another_attempt_at_its_time() -> None:
    row = failed(claimed())

    assert (row.state, row.status, row.reason) == (DeliveryState.PENDING, 500, "status_500")
    assert row.claimed_until is None
    assert row.ready_at == row.due_at
    assert row.ready_at is not None
    assert 4.5 * SECOND <= row.ready_at - NOON <= 5.5 * SECOND
    assert row.trail[-1].detail == "round 1, attempt 1: status_500"


def test_the_tenth_failure_is_the_last() -> None:
    row, attempts = FRESH, 0
    while row.state is DeliveryState.PENDING:
        row, attempts = failed(claimed(row, seconds=10**6 * attempts)), attempts + 1

    assert (attempts, row.attempt) == (ATTEMPTS, ATTEMPTS)
    assert (row.state, row.reason, row.status) == (DeliveryState.EXHAUSTED, "status_500", 500)
    assert (row.decided_at, row.due_at) == (NOON, None)


def test_what_is_refused_for_good_keeps_the_answer() -> None:
    row = claimed().refused(reason="status_410", status=410, now=NOON)

    assert (row.state, row.reason, row.status) == (DeliveryState.EXHAUSTED, "status_410", 410)


def test_what_is_given_up_keeps_the_last_answer() -> None:
    row = failed(claimed()).given_up(reason=Unsent.ENDPOINT_REMOVED, now=NOON + HOUR)

    assert (row.state, row.reason, row.status) == (
        DeliveryState.EXHAUSTED,
        "endpoint_removed",
        500,
    )
    assert (row.decided_at, row.due_at, row.ready_at) == (NOON + HOUR, None, None)


@pytest.mark.parametrize(
    "row",
    [
        FRESH,
        claimed(),
        claimed().delivered(status=204, now=NOON),
        failed(claimed()),
        FRESH.given_up(reason="no", now=NOON),
    ],
    ids=["fresh", "claimed", "delivered", "failed", "given up"],
)
def test_a_replay_begins_a_round_of_its_own_however_the_one_before_ended(row: Delivery) -> None:
    again = row.replayed(replay_id="replay-1", now=NOON, at=NOON + HOUR)

    assert (again.round, again.attempt, again.state) == (2, 0, DeliveryState.PENDING)
    assert (again.claimed_until, again.decided_at) == (None, None)
    assert (again.ready_at, again.due_at) == (NOON + HOUR, NOON + HOUR)
    assert (again.delivery_id, again.event_id) == (row.delivery_id, row.event_id)
    assert not again.may_be_tried(NOON + HOUR - SECOND)
    assert again.trail[-1].detail == "replay-1"


def test_a_replay_begins_one_round_and_another_replay_another() -> None:
    once = FRESH.replayed(replay_id="replay-1", now=NOON, at=NOON)

    with pytest.raises(TransitionRefused):
        once.replayed(replay_id="replay-1", now=NOON, at=NOON)
    assert once.replayed(replay_id="replay-2", now=NOON, at=NOON).round == 3


def test_a_replay_that_is_done_again_after_others_begins_nothing() -> None:
    row = FRESH
    for number in range(20):
        row = row.replayed(replay_id=f"replay-{number}", now=NOON, at=NOON)

    assert [number for number in range(20) if row.was_sent_by(f"replay-{number}")] == [
        *range(20 - REPLAYS_KEPT - 1, 20)
    ]
    with pytest.raises(TransitionRefused):
        row.replayed(replay_id="replay-16", now=NOON, at=NOON)


def test_what_is_hinted_may_be_tried_now_and_is_swept_if_the_hint_is_lost() -> None:
    row = FRESH.put_off(until=NOON + HOUR).hinted(now=NOON, sweep_at=NOON + MINUTE)

    assert row.may_be_tried(NOON)
    assert row.due_at == NOON + MINUTE
