"""A doubt about one field of a redemption blocks that field, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.recorded_redemption import LastEvent
from couponbus.domain.polling.redemption import Redemption, StatedTime
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import WatchHarness, a_use, a_watch, polled_once, uses

SINCE = NOON + timedelta(seconds=20)
RECORDED, UPDATED, REVERSED = LastEvent.RECORDED, LastEvent.UPDATED, LastEvent.REVERSED
FIELDS = [
    "order_value",
    "discount_value",
    "currency",
    "redeemed_at",
    "order_id",
    "code",
    "offer_id",
    "merchant_id",
]


def started(*shown: Redemption) -> WatchHarness:
    return polled_once(a_watch(Provider.UNIQODO), uses(*shown))


def blurred(use: Redemption, *names: str) -> Redemption:
    """Return the redemption with fields that have no known form."""
    absent: dict[str, object] = dict.fromkeys(names)
    if "redeemed_at" in names:
        absent["redeemed_at"] = StatedTime(raw="in spring")
    return replace(use, **absent, doubtful=frozenset(names))  # type: ignore[arg-type]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_in_doubt_is_no_news_and_leaves_nothing_pending(field: str) -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    [before] = harness.redemptions()
    odd = uses(blurred(a_use(1), field))

    harness.poll(odd)
    assert harness.watch.digest == odd.digest
    assert harness.poll(odd) is None
    harness.poll(uses(a_use(1)))

    assert harness.history() == [(RECORDED, "1")]
    assert harness.redemptions() == [before]
    assert harness.watch.digest == uses(a_use(1)).digest


def test_the_other_fields_of_a_redemption_with_a_doubt_are_updated() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    harness.poll(uses(blurred(a_use(1, value="8.00"), "currency", "code", "redeemed_at")))

    [row] = harness.redemptions()
    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]
    assert (row.value.order_value, row.value.currency) == ("8.00", "GBP")
    assert (row.code_masked, row.value.redeemed_at) == ("********0001", a_use(1).redeemed_at.at)  # type: ignore[union-attr]
    harness.poll(uses(a_use(1, value="8.00")))
    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]


def test_a_doubt_about_one_redemption_neither_hides_changes_nor_the_absence_of_others() -> None:
    harness = started()
    harness.poll(uses(a_use(1), a_use(2), a_use(3)))
    odd = blurred(a_use(1), "order_value")

    harness.settle(uses(odd, a_use(2, value="8.00")))

    assert harness.history()[3:] == [(UPDATED, "2"), (REVERSED, "3")]


def test_a_value_that_goes_after_it_was_in_doubt_is_an_update() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))

    harness.poll(uses(blurred(a_use(1), "order_value")))
    harness.poll(uses(a_use(1, value=None)))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]
    assert harness.redemptions()[0].value.order_value is None


def test_a_new_one_with_a_field_in_doubt_is_recorded_without_it_and_updated_later() -> None:
    harness = started()

    harness.poll(uses(blurred(a_use(1), "order_value")))
    assert harness.redemptions()[0].value.order_value is None
    harness.poll(uses(a_use(1)))

    assert harness.history() == [(RECORDED, "1"), (UPDATED, "1")]
    assert harness.redemptions()[0].value.order_value == "10.00"


def test_a_reversed_one_that_stands_again_with_a_field_in_doubt_says_what_was_published() -> None:
    harness = started()
    harness.poll(uses(a_use(1)))
    harness.settle(uses())

    harness.poll(uses(blurred(a_use(1), "order_value")))
    assert harness.redemptions()[0].value.order_value == "10.00"
    harness.poll(uses(a_use(1, value="8.00")))

    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1"), (UPDATED, "1"), (UPDATED, "1")]
    assert harness.redemptions()[0].value.order_value == "8.00"


def test_a_first_poll_with_a_field_in_doubt_begins_the_watch() -> None:
    harness = started(blurred(a_use(1), "order_value"), blurred(a_use(2, at=SINCE), "currency"))

    assert harness.watch.state is WatchState.ACTIVE
    assert harness.history() == [(RECORDED, "2")]


def test_what_the_first_poll_could_not_date_is_recorded_once_it_says_that_it_happened_since() -> (
    None
):
    harness = started(
        blurred(a_use(1, at=SINCE), "redeemed_at"), blurred(a_use(2), "redeemed_at"), a_use(3)
    )
    assert harness.history() == []

    harness.poll(uses(a_use(1, at=SINCE), a_use(2), a_use(3)))

    assert harness.history() == [(RECORDED, "1")]
    assert harness.redemptions()[0].value.redeemed_at == SINCE
    harness.settle(uses(a_use(2), a_use(3)))
    assert harness.history() == [(RECORDED, "1"), (REVERSED, "1")]


def test_the_same_moment_in_other_words_is_no_news() -> None:
    harness = started()
    harness.poll(uses(a_use(1, at=SINCE)))

    harness.poll(uses(replace(a_use(1), redeemed_at=StatedTime(raw="01-06-2026 12:00", at=SINCE))))

    assert harness.history() == [(RECORDED, "1")]
