"""For every poll result, the events name no person and no redeemable code."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from couponbus.domain.polling.compare import after_poll
from couponbus.domain.polling.comparison import Comparison
from couponbus.domain.polling.published_redemption import publishable_order
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.redemption import CustomParams, Redemption, StatedTime
from couponbus.domain.polling.snapshot import OfferSnapshot, Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.events.base import PublishedEvent
from couponbus.events.redemptions import RedemptionRecorded
from couponbus.usecases.publishing.event_mapping import announcement
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import a_watch, offers

USER = "planted.ann@customer.example"
CODE, SHORT_CODE = "PLANTEDCODE77315544", "PLANT88"
ORDER = "PLANTED-ORDER of planted.bob@customer.example"  # no plain reference, so never published
PARAMETER = "planted-loyalty-card-5551"
TAG = "planted-tag@customer.example"
PLANTED = (USER, CODE, SHORT_CODE, ORDER, PARAMETER, TAG)
OFFER = OfferSnapshot(offer_id="501", count=0, limit=2, starts=None, ends=NOON + timedelta(days=2))


def use(redemption_id: str, code: str, *, value: str = "59.90") -> Redemption:
    return Redemption(
        redemption_id=redemption_id,
        distributor_id="7",
        merchant_id="80",
        offer_id="301",
        code=code,
        order_id=ORDER,
        order_value=Decimal(value),
        discount_value=Decimal("6.00"),
        currency="GBP",
        redeemed_at=StatedTime(raw="01-06-2026 12:00:00", at=NOON, tz_assumed=True),
        custom_params=CustomParams(raw=f'{{"card": "{PARAMETER}"}}', values={"card": PARAMETER}),
        tags=(TAG,),
    )


def codes(*uses: Redemption) -> Snapshot:
    ends = NOON + timedelta(days=2)
    return Snapshot(is_complete=True, uses=uses, offer_id="301", code_ends=ends)


def watch(provider: Provider) -> Watch:
    """Return one whose customer's name must not be published."""
    return replace(a_watch(provider, warn_days=7), user_id=USER)


def rows_of(provider: Provider, snapshots: Sequence[Snapshot]) -> Iterator[Row]:
    """Yield each row that the polls with these snapshots store, and at last the ended watch."""
    seen, stored = watch(provider), dict[str, RecordedRedemption]()
    for minute, snapshot in enumerate(snapshots, 11):  # the first poll comes late
        now = NOON + timedelta(minutes=minute)
        changes = after_poll(
            Comparison(watch=seen, snapshot=snapshot, now=now, publish_by=now, stored=stored)
        )
        seen = changes.watch.written(f"look {minute}")
        for row in changes.rows:
            yield row
            if isinstance(row, RecordedRedemption):
                stored[row.key] = row.announced(now=now)
    yield seen.ended(reason=EndReason.CANCELLED, now=NOON, publish_by=NOON)


CODE_SNAPSHOTS = (
    Snapshot(is_complete=True),
    codes(use("1", CODE), use("2", SHORT_CODE)),
    replace(codes(use("1", CODE, value="49.90"), use("2", SHORT_CODE)), code_errors=(209,)),
    codes(use("1", CODE, value="49.90")),
    codes(use("1", CODE, value="49.90")),
)
OFFER_SNAPSHOTS = (
    offers(replace(OFFER, offer_id="500", count=1)),
    offers(OFFER),
    offers(replace(OFFER, count=1)),
    offers(OFFER),
    offers(OFFER),
    offers(),
    offers(),
)


def events(provider: Provider) -> list[PublishedEvent]:
    snapshots = CODE_SNAPSHOTS if provider is Provider.UNIQODO else OFFER_SNAPSHOTS
    published = [announcement(row) for row in rows_of(provider, snapshots)]
    return [event for event in published if event is not None]


@pytest.mark.parametrize("provider", Provider)
def test_no_event_says_what_leads_to_a_person_or_to_money(provider: Provider) -> None:
    texts = [event.model_dump_json() for event in events(provider)]

    assert [planted for planted in PLANTED if any(planted in text for text in texts)] == []


@pytest.mark.parametrize(
    ("provider", "detail_types"),
    [
        (
            Provider.UNIQODO,
            {
                *("RedemptionRecorded", "RedemptionUpdated", "RedemptionReversed"),
                *("OfferAvailable", "BarcodeExpiring", "CodeValidityChanged", "WatchEnded"),
            },
        ),
        (
            Provider.KOUPON,
            {
                *("RedemptionRecorded", "RedemptionReversed", "OfferAvailable", "OfferEnded"),
                *("BarcodeExpiring", "WatchEnded", "FirstPollLate"),
            },
        ),
    ],
)
def test_these_polls_publish_everything_that_can_be_published_of_a_customer(
    provider: Provider, detail_types: set[str]
) -> None:
    assert {event.detail_type for event in events(provider)} == detail_types


def test_a_code_is_published_by_its_last_digits_and_a_short_one_by_none() -> None:
    texts = "".join(event.model_dump_json() for event in events(Provider.UNIQODO))

    assert f'"code_masked":"{"*" * 15}5544"' in texts
    assert f'"code_masked":"{"*" * 7}"' in texts


def test_an_event_is_thin() -> None:
    sizes = [len(event.model_dump_json()) for provider in Provider for event in events(provider)]

    assert max(sizes) < 2000


def test_an_order_is_named_by_its_plain_reference_and_its_labels() -> None:
    plain = replace(use("1", CODE), order_id="1262434SH", tags=("SUMMER_OFFER", "ONLINE", TAG))
    rows = rows_of(Provider.UNIQODO, (Snapshot(is_complete=True), codes(plain)))

    (data,) = [
        event.data for event in map(announcement, rows) if isinstance(event, RedemptionRecorded)
    ]

    assert (data.order_id, data.distributor_id) == ("1262434SH", "7")
    assert data.tags == ["ONLINE", "SUMMER_OFFER"]


@pytest.mark.parametrize(
    "reference", ["", "ann@customer.example", "two words", "x" * 65, '{"a":1}', "-1", "a\nb"]
)
def test_what_is_no_plain_reference_is_not_published(reference: str) -> None:
    assert publishable_order(reference) is None
