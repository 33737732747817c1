"""The invariants of a delivery hold after any sequence of steps."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.row import TRAIL_LIMIT
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, new_delivery
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS, SCHEDULE
from tests.fakes.clock import NOON
from tests.thorough import thorough

type Step = Callable[[Delivery, datetime], Delivery]

INVOCATION, SKEW = timedelta(seconds=60), timedelta(seconds=5)


def claimed(row: Delivery, now: datetime) -> Delivery:
    return row.claimed(now=now, until=now + INVOCATION, sweep_at=now + INVOCATION + SKEW)


def carried_out(outcome: Step) -> Step:
    """Return what one invocation does: it claims, and records the outcome."""
    return lambda row, now: outcome(claimed(row, now), now + timedelta(seconds=1))


def failed(row: Delivery, now: datetime) -> Delivery:
    return row.failed(reason="status_503", status=503, retry_after=30.0, now=now)


STEPS: dict[str, Step] = {
    "died": claimed,
    "failed": carried_out(failed),
    "silent": carried_out(
        lambda row, now: row.failed(reason="timeout", status=None, retry_after=None, now=now)
    ),
    "released": carried_out(lambda row, now: row.released(until=now + INVOCATION)),
    "delivered": carried_out(lambda row, now: row.delivered(status=204, now=now)),
    "refused": carried_out(lambda row, now: row.refused(reason="gone", status=410, now=now)),
    "given up": lambda row, now: (
        row.given_up(reason="removed", now=now) if row.may_be_tried(now) else row
    ),
    "put off": lambda row, now: (
        row.put_off(until=now + INVOCATION) if row.may_be_tried(now) else row
    ),
    "swept": lambda row, now: row.handed_over(until=now + INVOCATION) if row.due_at else row,
    "replayed": lambda row, now: row.replayed(
        replay_id=f"replay-{now.isoformat()}", now=now, at=now + INVOCATION
    ),
}
WALKS = st.lists(
    st.tuples(st.sampled_from(list(STEPS)), st.sampled_from([1.0, 70.0, 90_000.0])), max_size=60
)


def fresh() -> Delivery:
    return new_delivery(
        tenant="default",
        endpoint_id="shop",
        event_id="6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        detail_type="BarcodeIssued",
        now=NOON,
        sweep_after=timedelta(minutes=5),
    )


@thorough(300, few=100)
@given(WALKS)
def test_no_walk_loses_a_delivery_or_tries_it_without_end(walk: list[tuple[str, float]]) -> None:
    row, now, tried = fresh(), NOON, 0
    for step, seconds in walk:
        before, now = row, now + timedelta(seconds=seconds)
        try:
            row = STEPS[step](row, now)
        except TransitionRefused:
            assert row is before
            continue
        tried = tried + 1 if row.attempt > before.attempt else tried
        tried = 0 if row.round > before.round else tried

        assert row.key == before.key
        assert row.round - before.round == int(step == "replayed")
        assert row.attempt <= ATTEMPTS
        assert tried <= ATTEMPTS
        # The sweeper finds a delivery that has not ended; one that has ended owes nothing.
        is_pending = row.state is DeliveryState.PENDING
        assert (row.due_at is not None) == is_pending
        assert (row.decided_at is None) == is_pending
        assert is_pending or row.claimed_until is None
        assert len(row.trail) <= TRAIL_LIMIT


@given(st.lists(st.sampled_from(["died", "failed", "silent", "released", "swept"]), max_size=200))
def test_a_delivery_that_is_never_taken_ends_or_goes_on_but_never_stands_still(
    walk: list[str],
) -> None:
    row, now = fresh(), NOON
    for step in walk:
        now = max(now, row.due_at or now) + INVOCATION
        if row.state is not DeliveryState.PENDING:
            break
        if row.is_used_up:
            row = row.given_up(reason="interrupted", now=now)
            continue
        assert row.may_be_tried(now)
        row = STEPS[step](row, now)

    waits = row.due_at - now if row.due_at is not None else timedelta()
    assert waits <= SCHEDULE[-1] * 1.1 + INVOCATION
