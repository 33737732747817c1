"""Small records inside rows survive the round trip through the table, in few bytes."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.aws.ledger.attributes import Item, field_codec_of
from couponbus.aws.ledger.codec import decode, encode
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.ledger.record_lists import record_codec
from couponbus.domain.errors import RowsBroken
from couponbus.domain.polling.known import KnownOffer, KnownUse
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.recorded_redemption import Value
from couponbus.domain.polling.schedule import Throttle
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.clock import NOON

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MOMENTS = st.datetimes(
    min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)
COUNTS = st.integers(0, 10**9)
USES = st.builds(KnownUse, TEXTS, TEXTS, st.booleans())
OFFERS = st.builds(
    KnownOffer,
    offer_id=TEXTS,
    count=st.none() | COUNTS,
    limit=st.none() | COUNTS,
    ends=st.none() | MOMENTS,
    baseline=COUNTS,
    active=st.lists(st.integers(-5, 100), max_size=5).map(tuple),
    last_ordinal=COUNTS,
    lower_count=st.none() | COUNTS,
    missing=st.booleans(),
    warned=st.booleans(),
    ended=st.none() | TEXTS,
)
LADDERS = st.builds(
    PollPolicy,
    share_permille=st.integers(1, 1000),
    floor_seconds=st.integers(60, 600),
    cap_seconds=st.integers(600, 86_400),
    horizon_seconds=st.integers(86_400, 366 * 86_400),
)
VALUES = st.builds(
    Value,
    order_value=st.none() | TEXTS,
    discount_value=st.none() | TEXTS,
    currency=st.none() | TEXTS,
    redeemed_raw=st.none() | TEXTS,
    redeemed_at=st.none() | MOMENTS,
    tz_assumed=st.booleans(),
)
RESTRAINTS = st.builds(
    Throttle,
    provider=st.sampled_from(Provider),
    account=TEXTS,
    level=st.integers(0, 40),
    since=MOMENTS,
)
AN_OFFER = KnownOffer(offer_id="offer-7", count=1, limit=None, ends=NOON, baseline=0)


@given(
    uses=st.lists(USES, max_size=5).map(tuple),
    offers=st.lists(OFFERS, max_size=5).map(tuple),
    poll_policy=LADDERS,
    warn_days=st.none() | st.integers(0, 99),
    user_id=st.none() | TEXTS,
)
def test_a_watch_with_any_knowledge_comes_back(
    uses: tuple[KnownUse, ...],
    offers: tuple[KnownOffer, ...],
    poll_policy: PollPolicy,
    warn_days: int | None,
    user_id: str | None,
) -> None:
    watch = replace(
        factories.any_active_watch(),
        uses=uses,
        offers=offers,
        poll_policy=poll_policy,
        warn_days=warn_days,
        user_id=user_id,
    )

    assert decode(encode(watch)) == watch


@given(value=VALUES)
def test_a_redemption_of_any_value_comes_back(value: Value) -> None:
    row = replace(factories.any_recorded_redemption(), value=value)

    assert decode(encode(row)) == row


@given(throttles=st.lists(RESTRAINTS, max_size=5).map(tuple))
def test_a_schedule_with_any_throttle_comes_back(throttles: tuple[Throttle, ...]) -> None:
    row = replace(factories.any_schedule(), throttles=throttles)

    assert decode(encode(row)) == row


@given(seed=st.integers(0, 2**32))
def test_a_row_of_any_kind_comes_back_and_ignores_what_a_newer_version_added(seed: int) -> None:
    row = factories.any_row(seed=seed)

    assert decode({**encode(row), "colour": {"S": "green"}}) == row


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        (AN_OFFER, '[["offer-7",1,null,"20260601T120000Z",0]]'),
        (replace(AN_OFFER, active=(1, 2)), '[["offer-7",1,null,"20260601T120000Z",0,[1,2]]]'),
        (
            replace(
                AN_OFFER,
                last_ordinal=2,
                lower_count=0,
                missing=True,
                warned=True,
                ended="withdrawn",
            ),
            '[["offer-7",1,null,"20260601T120000Z",0,[],2,0,true,true,"withdrawn"]]',
        ),
    ],
)
def test_the_order_of_an_offers_values_is_for_ever(offer: KnownOffer, text: str) -> None:
    write, read = record_codec(KnownOffer)

    assert write((offer,)) == text
    assert read(text) == (offer,)


def test_the_order_of_the_other_records_values_is_for_ever() -> None:
    throttle = Throttle(provider=Provider.KOUPON, account="brand", level=3, since=NOON)
    write_uses, _ = record_codec(KnownUse)
    write_throttles, _ = record_codec(Throttle)

    assert write_uses((KnownUse("A", "B"), KnownUse("C", "D", missing=True))) == (
        '[["A","B"],["C","D",true]]'
    )
    assert write_throttles((throttle,)) == '[["koupon","brand",3,"20260601T120000Z"]]'


def test_what_a_newer_version_wrote_behind_the_known_values_is_ignored() -> None:
    _, read = record_codec(KnownUse)

    assert read('[["A","B",false,"green",7]]') == (KnownUse("A", "B"),)


@pytest.mark.parametrize(
    "text",
    [
        "planted",
        '{"planted": 1}',
        '["planted"]',
        '[{"use": "A"}]',
        '[["offer-7"]]',
        '[["offer-7", "planted", null, null, 0]]',
        '[["offer-7", 1.5, null, null, 0]]',
        '[["offer-7", true, null, null, 0]]',
        '[["offer-7", 1, null, "planted", 0]]',
        '[["offer-7", 1, null, 7, 0]]',
        '[["offer-7", 1, null, null, 0, "planted"]]',
        '[["offer-7", 1, null, null, 0, ["planted"]]]',
        '[["offer-7", 1, null, null, 0, [], 0, null, "planted"]]',
    ],
)
def test_a_damaged_record_makes_its_row_unreadable(text: str) -> None:
    item: Item = {**encode(factories.any_active_watch()), "offers": {"S": text}}

    with pytest.raises(RowsBroken) as failure:
        decode(item)

    key = item["pk"]["S"]
    assert failure.value.keys == {key}
    assert str(failure.value) == f"rows that cannot be read or stored: {key}"


def test_the_letters_of_a_text_are_no_values() -> None:
    _, read = record_codec(KnownUse)

    with pytest.raises(TypeError):
        read('["ab"]')


def without(row: Row, *names: str) -> Item:
    return {name: value for name, value in encode(row).items() if name not in names}


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (factories.any_watch(), "poll_policy"),
        (factories.any_watch(), "grace_seconds"),
        (factories.any_watch(), "provider"),
        (factories.any_recorded_redemption(), "value"),
        (factories.any_recorded_redemption(), "seen_at"),
        (factories.any_notice(), "kind"),
        (factories.any_stock(), "left"),
        (factories.any_schedule(), "done_until"),
    ],
)
def test_a_row_without_what_its_kind_must_have_is_unreadable(row: Row, name: str) -> None:
    assert decode(without(row)) == row

    with pytest.raises(RowsBroken):
        decode(without(row, stored_as(name)))


@pytest.mark.parametrize(
    "poll_policy",
    [
        {"M": {stored_as("floor_seconds"): {"N": "9999999"}}},
        {"M": {stored_as("share_permille"): {"S": "planted"}}},
        {"S": "planted"},
    ],
)
def test_a_poll_policy_without_steps_makes_its_watch_unreadable(
    poll_policy: "AttributeValueTypeDef",
) -> None:
    item: Item = {**encode(factories.any_watch()), stored_as("poll_policy"): poll_policy}

    with pytest.raises(RowsBroken):
        decode(item)


def test_a_field_that_a_record_did_not_have_yet_has_its_default() -> None:
    watch = factories.any_watch()
    share: AttributeValueTypeDef = {"M": {stored_as("share_permille"): {"N": "50"}}}
    item: Item = {**encode(watch), stored_as("poll_policy"): share}

    assert decode(item) == replace(watch, poll_policy=PollPolicy(share_permille=50))


def test_a_poll_policy_is_stored_with_its_defaults_because_these_may_change() -> None:
    item = encode(replace(factories.any_watch(), poll_policy=PollPolicy()))

    assert item[stored_as("poll_policy")] == {
        "M": {
            stored_as("share_permille"): {"N": "100"},
            stored_as("floor_seconds"): {"N": "300"},
            stored_as("cap_seconds"): {"N": "43200"},
            stored_as("horizon_seconds"): {"N": "7776000"},
        }
    }


def test_a_field_that_a_record_must_have_is_not_made_up() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Named:
        name: str
        colour: str | None

    form = field_codec_of(Named)

    assert form.read({"name": {"S": "A"}}) == Named(name="A", colour=None)
    with pytest.raises(KeyError):
        form.read({"colour": {"S": "green"}})


def test_a_record_with_a_value_of_no_form_is_a_programming_mistake() -> None:
    @dataclass(frozen=True)
    class Weighed:
        weight: float

    with pytest.raises(TypeError, match="no JSON form"):
        record_codec(Weighed)
