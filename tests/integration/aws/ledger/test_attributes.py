"""Values survive the round trip through the table."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.aws.ledger.attributes import field_codec_of
from couponbus.aws.ledger.codec import decode, encode
from couponbus.aws.ledger.moments import epoch_ms, from_epoch_ms, from_moment_text, moment_text
from couponbus.domain.issuing.issuance import Origin
from couponbus.domain.row import Step
from tests import factories
from tests.fakes.clock import NOON

MOMENTS = st.datetimes(
    min_value=datetime(1971, 1, 1),
    max_value=datetime(2200, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)


@given(moment=MOMENTS)
def test_no_moment_loses_a_microsecond(moment: datetime) -> None:
    assert from_epoch_ms(epoch_ms(moment)) == moment
    assert from_moment_text(moment_text(moment)) == moment
    assert from_moment_text(moment.isoformat()) == moment  # as the version before wrote it


def test_dynamodb_may_drop_zeros_of_a_due_time() -> None:
    due_at = NOON + timedelta(microseconds=1_120)

    assert epoch_ms(due_at) == "1780315200001.120"
    assert from_epoch_ms("1780315200001.12") == due_at


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "20260601T120000Z"),
        (NOON + timedelta(milliseconds=5), "20260601T120000.005Z"),
        (NOON + timedelta(microseconds=5), "20260601T120000.000005Z"),
        (NOON.astimezone(timezone(timedelta(hours=2))), "20260601T120000Z"),
    ],
)
def test_a_moment_is_written_in_utc_and_as_short_as_it_can_be(moment: datetime, text: str) -> None:
    assert moment_text(moment) == text


@given(
    details=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5),
    numbers=st.lists(st.text("0123456789", min_size=1), max_size=3),
    expires_on=st.none() | st.dates(min_value=date(2000, 1, 1)),
    active=st.none() | st.booleans(),
    created_at=st.none() | MOMENTS,
    consents=st.lists(st.text("abc\u2603 ", max_size=5), max_size=3),
)
def test_every_value_that_a_field_can_have_comes_back(
    details: list[str],
    numbers: list[str],
    expires_on: date | None,
    active: bool | None,
    created_at: datetime | None,
    consents: list[str],
) -> None:
    barcode = replace(
        factories.any_barcode(),
        expires_on=expires_on,
        active=active,
        created_at=created_at,
        channel=None,
        image_url=None,
    )
    row = replace(
        factories.any_issuance(),
        barcode=barcode,
        origin=Origin.CHOSEN,
        candidates=tuple(numbers),
        consents=tuple(consents),
        age=0,
        trail=tuple(Step(NOON, detail, detail) for detail in details),
    )

    assert decode(encode(row)) == row


def test_a_type_without_a_codec_is_a_programming_mistake() -> None:
    for declared in (bytes, int | str, list[str]):
        with pytest.raises(TypeError, match="no DynamoDB codec"):
            field_codec_of(declared)
