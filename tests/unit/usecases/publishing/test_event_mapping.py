"""The same row always gives the same event; no event lets its reader redeem or guess a code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.reopening import reopened
from couponbus.domain.masking import masked
from couponbus.domain.row import Row
from couponbus.events.barcodes import BarcodeAmbiguous, BarcodeIssued, BarcodeRefused
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.fakes.clock import NOON

SOON = NOON + timedelta(seconds=60)


def refused(row: Issuance | None = None) -> Issuance:
    row = row or factories.any_issuance()
    return row.rejected(reason="consent_missing", now=NOON, publish_by=SOON)


def test_an_issued_barcode_is_published_without_its_number() -> None:
    row = factories.any_issued()

    event = announcement(row)

    assert isinstance(event, BarcodeIssued)
    assert row.barcode is not None
    assert event.data.barcode_masked == masked(row.barcode.number)
    assert (event.data.tracking_code, event.data.origin) == (row.tracking_code, "issued")
    assert (event.data.expires_on, event.data.active) == (
        row.barcode.expires_on,
        row.barcode.active,
    )
    text = event.model_dump_json()
    assert row.barcode.number not in text
    assert str(row.barcode.image_url) not in text
    assert str(row.customer_id) not in text


def test_a_refusal_is_published_with_its_reason() -> None:
    row = refused()

    event = announcement(row)

    assert isinstance(event, BarcodeRefused)
    assert (event.data.reason, event.data.issuance_id, event.data.offer_id) == (
        "consent_missing",
        row.issuance_id,
        row.offer_id,
    )


def test_an_ambiguous_case_is_published_with_masked_candidates() -> None:
    numbers = ("1234567890123456", "6543210987654321")
    row = factories.any_requested().ambiguous(
        numbers=numbers, reason="several_barcodes", now=NOON, publish_by=SOON
    )

    event = announcement(row)

    assert isinstance(event, BarcodeAmbiguous)
    assert event.data.candidates_masked == [masked(number) for number in numbers]
    assert event.data.reason == "several_barcodes"


def test_a_customer_who_never_became_known_is_published_without_ids() -> None:
    waiting = factories.any_resolution()
    row = waiting.refused(reason="customer_unknown", now=NOON, publish_by=SOON)

    event = announcement(row)

    assert isinstance(event, BarcodeRefused)
    assert (event.data.issuance_id, event.data.offer_id) == (None, None)
    assert event.data.reason == "customer_unknown"
    assert str(waiting.email) not in event.model_dump_json()


def test_a_rejected_sign_up_is_published_with_its_fields() -> None:
    row = factories.any_rejection()

    event = announcement(row)

    assert isinstance(event, SignUpRejected)
    assert (event.data.signup_id, event.data.fields) == (row.signup_id, list(row.fields))
    assert event.metadata.occurred_at == row.rejected_at


@pytest.mark.parametrize(
    "row",
    [
        factories.any_issuance(),
        factories.any_requested(),
        replace(factories.any_issued(), barcode=None),
        replace(factories.any_issued(), origin=None),
        factories.any_resolution(),
        factories.any_resolution().resolved(customer_id=42, now=NOON),
        Row(outcomes=1),
    ],
    ids=[
        "pending",
        "requested",
        "no barcode",
        "no origin",
        "waiting",
        "resolved",
        "of another kind",
    ],
)
def test_an_undecided_row_has_no_event(row: Row) -> None:
    assert announcement(row) is None


def test_an_event_is_the_same_however_often_it_is_derived() -> None:
    row = factories.any_issued()
    moved_on = row.written("w").handed_over(until=SOON).announced(now=SOON)

    assert announcement(row) == announcement(moved_on)


def test_each_outcome_of_a_row_is_another_fact() -> None:
    first = refused()
    again = refused(reopened(first, by=factories.any_issuance(), now=SOON))

    one, other = announcement(first), announcement(again)

    assert one is not None
    assert other is not None
    assert one.metadata.id != other.metadata.id
    assert (one.metadata.sequence, other.metadata.sequence) == (1, 2)


def test_the_time_of_a_fact_is_when_it_was_decided() -> None:
    event = announcement(refused())
    undated = announcement(replace(refused(), decided_at=None))

    assert event is not None
    assert event.metadata.occurred_at == NOON
    assert undated is not None
    assert undated.metadata.occurred_at == NOON
