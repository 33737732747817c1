"""The end of a watch and a low stock are published; a running watch and a full stock are not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from couponbus.aws.ledger.codec import decode, encode
from couponbus.domain.copying import replace
from couponbus.domain.polling.stock import LOW, PLENTY
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.row import Row
from couponbus.events.offers import OfferStockLow
from couponbus.events.watches import WatchEnded
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.fakes.clock import NOON

type Make = Callable[..., Row]

SOON = NOON + timedelta(seconds=60)
SEEDS = range(40)
OWING: tuple[Make, ...] = (
    factories.any_ended_watch,
    factories.any_stock,
    factories.any_notice,
    factories.any_recorded_redemption,
)


def ended(reason: EndReason = EndReason.EXPIRED) -> Watch:
    return factories.any_active_watch().ended(reason=reason, now=NOON, publish_by=SOON)


@pytest.mark.parametrize("reason", EndReason)
def test_the_end_of_a_watch_is_published_with_its_reason(reason: EndReason) -> None:
    row = replace(ended(reason), recorded=3)

    event = announcement(row)

    assert isinstance(event, WatchEnded)
    assert (event.data.reason, event.data.recorded) == (reason.value, 3)
    assert (event.data.watch_id, event.data.signup_id) == (row.watch_id, row.signup_id)
    assert event.origin == f"couponbus.{row.provider.value}"
    assert (event.metadata.occurred_at, event.metadata.sequence) == (NOON, 1)


def test_each_end_of_a_watch_that_began_again_is_another_fact() -> None:
    first = ended().announced(now=SOON)
    again = first.restarted(by=factories.any_watch(), now=SOON)
    again = replace(again, watch_id=first.watch_id).ended(
        reason=EndReason.HORIZON, now=SOON, publish_by=SOON
    )

    one, other = announcement(first), announcement(again)

    assert one is not None
    assert other is not None
    assert one.metadata.id != other.metadata.id
    assert (one.metadata.sequence, other.metadata.sequence) == (1, 2)


def test_an_end_without_its_time_is_of_the_last_step() -> None:
    event = announcement(replace(ended(), ended_at=None, reason=None))

    assert isinstance(event, WatchEnded)
    assert (event.metadata.occurred_at, event.data.reason) == (NOON, "unknown")


def test_a_low_stock_is_published_of_no_customer() -> None:
    row = replace(factories.any_stock(), left=97, seen_at=NOON)

    event = announcement(row)

    assert isinstance(event, OfferStockLow)
    assert event.data.model_dump() == {
        "provider": row.provider.value,
        "account": row.account,
        "offer_id": row.offer_id,
        "left": 97,
        "threshold": LOW,
    }
    assert (event.metadata.occurred_at, event.metadata.tenant) == (NOON, row.tenant)


def test_a_stock_that_falls_again_is_another_fact() -> None:
    first = factories.any_stock().announced(now=SOON)
    plenty = first.crossed(PLENTY, now=SOON, publish_by=SOON)
    again = plenty.crossed(LOW, now=SOON, publish_by=SOON)

    one, other = announcement(first), announcement(again)

    assert announcement(plenty) is None
    assert one is not None
    assert other is not None
    assert one.metadata.id != other.metadata.id


@pytest.mark.parametrize(
    "row",
    [
        factories.any_watch(),
        factories.any_active_watch(),
        factories.any_pause(),
        factories.any_schedule(),
    ],
    ids=["starting", "active", "pause", "schedule"],
)
def test_what_goes_on_is_not_published(row: Row) -> None:
    assert announcement(row) is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", OWING, ids=lambda make: make.__name__)
def test_a_row_makes_the_same_event_after_it_was_stored_and_published(
    make: Make, seed: int
) -> None:
    row = make(seed=seed)
    stored = decode(encode(row.written("w")))
    published = stored.handed_over(until=SOON).announced(now=SOON)

    event = announcement(row)

    assert event is not None
    assert event == announcement(stored) == announcement(published)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("make", OWING, ids=lambda make: make.__name__)
def test_the_ledger_names_the_event_that_a_row_owes(make: Make, seed: int) -> None:
    row = make(seed=seed)

    event = announcement(row)

    assert event is not None
    assert encode(row)["unpublished"] == {"S": event.detail_type}
