"""No valid input makes a row that the table would refuse for its size (400 KB)."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from couponbus.aws.clock import RandomIds
from couponbus.aws.ledger.codec import encode
from couponbus.domain.copying import replace
from couponbus.domain.errors import InputRejected
from couponbus.domain.issuing.account import BATCH_MAX
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import CANDIDATES_MAX, Issuance, IssuanceState, Origin
from couponbus.domain.issuing.issuing_batch import batch_of
from couponbus.domain.row import DETAIL_BYTES, TRAIL_LIMIT, cut
from couponbus.domain.strict_json import BODY_LIMIT, strict_json
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.providers.coniq.wire import read
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws.sizes import size

BOUND = 64 * 1024
LATER = NOON + timedelta(minutes=1)
# Letters of one byte and of four: a limit in characters is four times as many bytes.
LETTERS = st.sampled_from(["a", "\u00e9", "\u20ac", "\U0001f600"])
LONG = st.builds(lambda letter, times: letter * times, LETTERS, st.integers(1, 200_000))


def full(*, state: IssuanceState = IssuanceState.REQUESTED) -> Issuance:
    """Return an issuance of a sign-up whose texts have the maximum length."""
    name = "\U0001f600" * 128
    return replace(
        factories.any_issuance(),
        state=state,
        tenant=name,
        signup_id=name,
        program=name,
        uniqodo_user=name,
        koupon_consumer=name,
        consents=(name,) * 50,
    )


def answered(**fields: object) -> Barcode:
    """Return a barcode as it is read from the provider's answer."""
    item = {"barcode_number": "1" * 128, "offer_id": 1, "customer_id": 2, **fields}
    (barcode,) = read(json.dumps([item]).encode()).barcodes
    return barcode


@settings(max_examples=30)
@given(image_url=LONG, channel=LONG, tracking_code=LONG)
def test_a_barcode_is_stored_whatever_else_the_provider_says_of_it(
    image_url: str, channel: str, tracking_code: str
) -> None:
    barcode = answered(image_url=image_url, channel=channel, tracking_code=tracking_code)

    issued = full().issued(barcode=barcode, origin=Origin.ISSUED, now=NOON, publish_by=LATER)

    assert issued.barcode is not None
    assert issued.barcode.number == "1" * 128
    assert size(encode(issued)) < BOUND


def test_the_address_of_an_image_is_whole_or_left_out() -> None:
    usual = "https://images.example/" + "x" * 500

    assert answered(image_url=usual).image_url == usual
    assert answered(image_url="https://images.example/" + "\u20ac" * 1000).image_url is None


@settings(max_examples=30)
@given(letter=LETTERS, count=st.integers(0, 3000))
def test_however_many_candidates_there_are_a_doubt_is_stored(letter: str, count: int) -> None:
    numbers = tuple(f"{letter * 120}{number}" for number in range(count))
    ambiguous = full().ambiguous(numbers=numbers, reason="several", now=NOON, publish_by=LATER)
    doubted = full().doubted(
        now=NOON, ready_at=LATER, why="x", refusal=None, batch_limit=None, candidates=numbers
    )

    assert ambiguous.candidates == doubted.candidates == numbers[:CANDIDATES_MAX]
    assert size(encode(ambiguous)) < BOUND
    assert size(encode(doubted)) < BOUND


@settings(max_examples=20)
@given(details=st.lists(LONG, min_size=1, max_size=60))
def test_a_history_is_stored_however_long_it_gets(details: list[str]) -> None:
    row = full()
    for detail in details:
        row = replace(row, trail=row.step(NOON, "operator", detail))

    assert len(row.trail) <= TRAIL_LIMIT
    assert all(len(step.detail.encode()) <= DETAIL_BYTES for step in row.trail)
    assert size(encode(row)) < BOUND


@given(text=st.text(max_size=60), most=st.integers(4, 200))
def test_what_is_cut_is_marked_and_fits(text: str, most: int) -> None:
    short = cut(text, most=most)

    assert len(short.encode()) <= most
    assert short == text or (short.endswith("\u2026") and text.startswith(short[:-1]))
    assert short == text or len(text.encode()) > most


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\u20ac", "\U0001f600"])
def test_what_comes_in_is_measured_in_bytes(letter: str) -> None:
    fits = json.dumps(letter * ((BODY_LIMIT - 2) // len(letter.encode())), ensure_ascii=False)

    assert strict_json(fits) == fits[1:-1]
    with pytest.raises(InputRejected, match="too_large"):
        strict_json(fits + " " * len(letter.encode()))


def test_a_full_batch_is_stored_with_six_write_units() -> None:
    claim_id = RandomIds().new()
    issuances = [factories.any_issuance() for _ in range(BATCH_MAX)]
    batch = batch_of(issuances, claim_id=claim_id, due_at=NOON, settled_at=LATER)

    assert size(encode(batch.written(claim_id))) <= 6 * 1024


def test_the_largest_event_that_comes_in_is_stored() -> None:
    body = "\U0001f600" * (BODY_LIMIT // 4)
    event = EventRecord(
        event_id="e" * 64, tenant="t" * 128, source="s", detail_type="d", event_at=NOON, body=body
    )

    assert size(encode(event)) < 2 * BOUND
