"""A redemption is published once for each change, each time as it was then."""

from datetime import timedelta

from couponbus.domain.copying import replace
from couponbus.domain.polling.recorded_redemption import (
    LastEvent,
    RecordedRedemption,
    RedemptionState,
    Value,
    redemption_id_of_count,
    redemption_id_of_use,
)
from couponbus.domain.provider import Provider
from tests import factories
from tests.fakes.clock import NOON

SOON = NOON + timedelta(minutes=1)
NEW = replace(
    factories.any_recorded_redemption(),
    state=RedemptionState.BEFORE,
    last_event=None,
    was_recorded=False,
    outcomes=0,
    due_at=None,
    trail=(),
)


def recorded() -> RecordedRedemption:
    return NEW.recorded(now=NOON, publish_by=SOON)


def test_what_was_there_before_owes_nothing() -> None:
    assert not NEW.unpublished
    assert NEW.last_event is None


def test_a_recorded_one_owes_its_event() -> None:
    row = recorded()

    assert (row.state, row.last_event, row.was_recorded) == (
        RedemptionState.RECORDED,
        LastEvent.RECORDED,
        True,
    )
    assert (row.outcomes, row.due_at) == (1, SOON)
    assert row.trail[-1].what == "recorded"


def test_each_change_is_an_outcome_of_its_own_and_keeps_who_it_is() -> None:
    row, values = recorded(), [Value(order_value=value) for value in ("10", "8", "10")]

    for number, value in enumerate(values, start=2):
        row = row.updated(value=value, content=f"content-{number}", now=NOON, publish_by=SOON)
        assert (row.outcomes, row.value, row.content) == (number, value, f"content-{number}")
        assert (row.state, row.last_event) == (RedemptionState.RECORDED, LastEvent.UPDATED)

    assert (row.key, row.seen_at, row.seen_after) == (NEW.key, NEW.seen_at, NEW.seen_after)


def test_a_reversed_one_may_stand_again() -> None:
    gone = recorded().reversed(now=NOON, publish_by=SOON)

    again = gone.updated(value=gone.value, content=gone.content, now=NOON, publish_by=SOON)

    assert (gone.state, gone.last_event, gone.was_recorded) == (
        RedemptionState.REVERSED,
        LastEvent.REVERSED,
        True,
    )
    assert (again.state, again.outcomes) == (RedemptionState.RECORDED, 3)


def test_what_was_never_recorded_says_so_when_it_is_reversed() -> None:
    gone = NEW.reversed(now=NOON, publish_by=SOON)

    assert not gone.was_recorded
    assert gone.last_event is LastEvent.REVERSED


def test_a_use_has_one_id_whichever_watch_saw_it() -> None:
    ids = {
        redemption_id_of_use(tenant=tenant, provider=Provider.UNIQODO, account=account, use=use)
        for tenant in ("default", "another")
        for account in ("one", "another")
        for use in ("1", "2")
    }

    assert len(ids) == 8


def test_a_counted_one_has_an_id_of_its_round_its_offer_and_its_number() -> None:
    ids = {
        redemption_id_of_count(watch_id=watch, watch_round=turn, offer_id=offer, ordinal=ordinal)
        for watch in ("A", "B")
        for turn in (1, 2)
        for offer in ("1281", "1282")
        for ordinal in (-1, 1, 2)
    }

    assert len(ids) == 24
