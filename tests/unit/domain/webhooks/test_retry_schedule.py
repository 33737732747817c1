"""When a webhook is tried again, and the message id that it has."""

import re
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.identity import event_id
from couponbus.domain.webhooks.delivery import delivery_id_of
from couponbus.domain.webhooks.retry_schedule import (
    ATTEMPTS,
    DISABLED_AFTER,
    JITTER,
    SCHEDULE,
    message_id_of,
    next_attempt,
)
from tests.fakes.clock import NOON

NUMBERS = range(1, ATTEMPTS)
IDS = st.integers(0, 10**9).map(lambda n: delivery_id_of(endpoint_id="e", event_id=str(n)))


def after(attempt: int, *, delivery_id: str = "D", retry_after: float | None = None) -> float:
    """Return in how many seconds the next attempt is due."""
    again = next_attempt(
        delivery_id=delivery_id, attempt=attempt, now=NOON, retry_after=retry_after
    )
    assert again is not None
    return (again - NOON).total_seconds()


def test_the_schedule_is_the_published_one_and_lasts_three_days() -> None:
    seconds = [each.total_seconds() for each in SCHEDULE]

    assert seconds == [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert sum(SCHEDULE, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    # An endpoint that is down for a long weekend is not disabled before the last attempt.
    assert timedelta(days=5) == DISABLED_AFTER > sum(SCHEDULE, timedelta()) * (1 + JITTER)


@given(IDS, st.sampled_from(NUMBERS))
def test_a_delay_is_at_most_a_tenth_longer_or_shorter(delivery_id: str, attempt: int) -> None:
    planned = SCHEDULE[attempt].total_seconds()

    waited = after(attempt, delivery_id=delivery_id)

    assert planned * (1 - JITTER) <= waited <= planned * (1 + JITTER)
    assert waited == after(attempt, delivery_id=delivery_id)


@pytest.mark.parametrize("attempt", NUMBERS)
def test_those_that_failed_together_do_not_come_back_together(attempt: int) -> None:
    delays = [after(attempt, delivery_id=str(number)) for number in range(1000)]

    planned = SCHEDULE[attempt].total_seconds()
    spread = [(delay - planned) / (JITTER * planned) for delay in delays]
    assert len(set(delays)) > 990
    assert -0.1 < sum(spread) / len(spread) < 0.1
    assert min(spread) == pytest.approx(-1, abs=0.05)
    assert max(spread) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("attempt", [ATTEMPTS, ATTEMPTS + 1])
def test_after_the_last_attempt_there_is_none(attempt: int) -> None:
    assert next_attempt(delivery_id="D", attempt=attempt, now=NOON, retry_after=1.0) is None


@given(IDS, st.sampled_from(NUMBERS), st.floats(0, 3600))
def test_retry_after_makes_it_later_only(delivery_id: str, attempt: int, asked: float) -> None:
    waited = after(attempt, delivery_id=delivery_id, retry_after=asked)

    planned = after(attempt, delivery_id=delivery_id)
    assert waited == pytest.approx(max(planned, asked), abs=1e-5)


@given(st.uuids())
def test_a_webhook_is_named_in_letters_and_digits_after_its_event(event: uuid.UUID) -> None:
    name = message_id_of(str(event))

    assert re.fullmatch(r"msg_[0-9A-Za-z]{1,22}", name)
    assert "." not in name


@given(st.uuids(), st.uuids())
def test_different_events_have_different_names(one: uuid.UUID, other: uuid.UUID) -> None:
    assert (message_id_of(str(one)) == message_id_of(str(other))) == (one == other)


@pytest.mark.parametrize(
    ("number", "digits"), [(0, "0"), (1, "1"), (61, "z"), (62, "10"), (62**2 - 1, "zz")]
)
def test_the_name_is_the_number_of_the_event_in_base_62(number: int, digits: str) -> None:
    assert message_id_of(str(uuid.UUID(int=number))) == f"msg_{digits}"


def test_the_largest_name_can_be_read_back() -> None:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    event = event_id(entity="ISSUANCE#A", detail_type="BarcodeIssued", version=1)

    number = 0
    for digit in message_id_of(event).removeprefix("msg_"):
        number = number * 62 + digits.index(digit)

    assert uuid.UUID(int=number) == uuid.UUID(event)


@pytest.mark.parametrize("event", ["", "evt_1", "1234", "6a7e8feb-b491-4cf7-a9f1"])
def test_what_is_no_event_id_has_no_name(event: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        message_id_of(event)
