"""A redemption is published when it is recorded, changed or reversed, as the provider states it."""

from datetime import UTC, datetime, timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.recorded_redemption import RecordedRedemption, RedemptionState, Value
from couponbus.domain.provider import Provider
from couponbus.events.base import PublishedEvent
from couponbus.events.redemptions import (
    RedemptionData,
    RedemptionRecorded,
    RedemptionReversed,
    RedemptionUpdated,
)
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.fakes.clock import NOON

SOON = NOON + timedelta(seconds=60)
LATER = NOON + timedelta(days=1)
VALUE = Value(
    order_value="059.900",
    discount_value="0.00",
    currency="GBP",
    redeemed_raw="01-06-2026 12:59:00",
    redeemed_at=datetime(2026, 6, 1, 11, 59, tzinfo=UTC),
    tz_assumed=True,
)


def recorded() -> RecordedRedemption:
    return factories.any_recorded_redemption()


def published(row: RecordedRedemption) -> RecordedRedemption:
    return row.announced(now=LATER)


def updated(row: RecordedRedemption) -> RecordedRedemption:
    return published(row).updated(value=VALUE, content="other", now=LATER, publish_by=LATER)


def reversed_(row: RecordedRedemption) -> RecordedRedemption:
    return published(row).reversed(now=LATER, publish_by=LATER)


def never_recorded() -> RecordedRedemption:
    """Return one from before the watch, as the comparison makes it."""
    before = replace(
        recorded(),
        state=RedemptionState.BEFORE,
        ordinal=0,
        last_event=None,
        was_recorded=False,
        outcomes=0,
        seen_after=NOON,
    )
    return before.reversed(now=LATER, publish_by=LATER)


def data_of(event: PublishedEvent | None) -> RedemptionData:
    assert isinstance(event, RedemptionRecorded | RedemptionUpdated | RedemptionReversed)
    return event.data


def test_a_redemption_is_published_with_all_that_leads_to_it() -> None:
    row = recorded()

    event = announcement(row)

    assert isinstance(event, RedemptionRecorded)
    assert (event.metadata.occurred_at, event.metadata.sequence) == (row.seen_at, 1)
    assert event.metadata.tenant == row.tenant
    data = event.data
    for name in (
        *("account", "program", "signup_id", "customer_ref", "watch_id", "promotion"),
        *("redemption_id", "native_id", "ordinal", "offer_id", "merchant_id", "code_masked"),
        *("seen_after", "seen_at", "inferred"),
    ):
        assert getattr(data, name) == getattr(row, name), name


@pytest.mark.parametrize("provider", Provider)
def test_the_event_says_whose_redemption_it_is(provider: Provider) -> None:
    event = announcement(replace(recorded(), provider=provider))

    assert event is not None
    assert event.origin == f"couponbus.{provider.value}"
    assert data_of(event).provider == provider.value


def test_money_is_published_to_the_last_zero_and_never_as_a_number() -> None:
    event = announcement(replace(recorded(), value=VALUE))

    assert event is not None
    text = event.model_dump_json()
    assert '"order_value":"059.900","discount_value":"0.00","currency":"GBP"' in text


def test_the_time_is_published_in_utc_beside_the_words_of_the_provider() -> None:
    event = announcement(replace(recorded(), value=VALUE))

    assert event is not None
    text = event.model_dump_json()
    assert '"redeemed_at":"2026-06-01T11:59:00Z"' in text
    assert '"redeemed_at_raw":"01-06-2026 12:59:00","tz_assumed":true' in text


def test_what_the_provider_does_not_state_is_null() -> None:
    data = data_of(announcement(replace(recorded(), value=Value())))

    assert (data.order_value, data.discount_value, data.currency) == (None, None, None)
    assert (data.redeemed_at, data.redeemed_at_raw, data.tz_assumed) == (None, None, False)


def test_another_value_is_published_when_it_was_seen_with_the_next_number() -> None:
    row = recorded()

    event = announcement(updated(row))

    assert isinstance(event, RedemptionUpdated)
    assert (event.metadata.occurred_at, event.metadata.sequence) == (LATER, 2)
    assert (event.data.order_value, event.data.seen_at) == ("059.900", row.seen_at)


def test_a_reversal_says_that_the_redemption_was_published_before() -> None:
    row = recorded()

    event = announcement(reversed_(row))

    assert isinstance(event, RedemptionReversed)
    assert (event.metadata.occurred_at, event.metadata.sequence) == (LATER, 2)
    assert (event.data.was_recorded, event.data.seen_after) == (True, row.seen_after)


def test_a_reversal_of_what_was_never_published_says_so_and_names_no_poll_before_it() -> None:
    event = announcement(never_recorded())

    assert isinstance(event, RedemptionReversed)
    assert (event.data.was_recorded, event.data.seen_after) == (False, None)
    assert event.data.ordinal == 0
    assert event.metadata.sequence == 1


def test_what_was_there_before_the_watch_is_not_published() -> None:
    before = replace(recorded(), state=RedemptionState.BEFORE, last_event=None, outcomes=0)

    assert announcement(before) is None


def test_a_redemption_has_one_event_for_each_outcome() -> None:
    first = recorded()
    second = reversed_(first)
    third = updated(second)

    events = [announcement(row) for row in (first, second, third)]

    assert [type(event) for event in events] == [
        RedemptionRecorded,
        RedemptionReversed,
        RedemptionUpdated,
    ]
    assert len({event.metadata.id for event in events if event}) == 3
    assert len({data_of(event).redemption_id for event in events}) == 1


@pytest.mark.parametrize(
    "row", [recorded(), updated(recorded()), never_recorded()], ids=["new", "changed", "gone"]
)
def test_the_same_redemption_makes_the_same_event_again(row: RecordedRedemption) -> None:
    moved_on = row.written("w").handed_over(until=SOON).announced(now=SOON)

    assert announcement(row) == announcement(moved_on)
