"""Single fields of an answer: every known form is read, any other is none and doubted."""

from decimal import Decimal

import pytest

from couponbus.providers.uniqodo.reading import WrongFormError, read
from couponbus.providers.uniqodo.wire import WireAnswer, WireCodeOffer
from tests.unit.providers.uniqodo.answers import (
    LONDON,
    Json,
    as_bytes,
    full_answer,
    inner,
    items,
    read_answer,
)

RECORD = "data.redemption.records[0]"


def with_record(**changes: object) -> Json:
    answer = full_answer()
    items(inner(answer, "data", "redemption"), "records")[0] |= changes
    return answer


def with_offer(**changes: object) -> Json:
    answer = full_answer()
    inner(answer, "data", "offer").update(changes)
    return answer


def first_record_of(answer: WireAnswer) -> object:
    assert answer.records
    return answer.records[0]


def offer_of(answer: WireAnswer) -> WireCodeOffer:
    assert answer.offer is not None
    return answer.offer


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("45", "45"),
        ("-11.25", "-11.25"),
        ("219.99", "219.99"),
        ("0.1", "0.1"),
        ("1E+2", "100"),
        ("0.30000000000000004", "0.30000000000000004"),
        ('"45.50"', "45.50"),
        ("999999999999999.99", "999999999999999.99"),
    ],
)
def test_money_is_as_exact_as_it_came(written: str, amount: str) -> None:
    body = as_bytes(with_record(order_value="HERE")).replace(b'"HERE"', written.encode())

    answer = read(body, zone=LONDON)

    assert answer.records is not None
    assert answer.records[0].order_value == Decimal(amount)
    assert type(answer.records[0].order_value) is Decimal
    assert answer.doubts == ()


@pytest.mark.parametrize(
    "written",
    ["true", '"45,50"', '"GBP 45"', '"1e3"', "[45]", "{}", '""', "1e15", "1E-31", "1" + "0" * 4000],
)
def test_what_is_no_amount_is_none_and_doubted(written: str) -> None:
    body = as_bytes(with_record(order_value="HERE")).replace(b'"HERE"', written.encode())

    answer = read(body, zone=LONDON)

    assert answer.records is not None
    assert answer.records[0].order_value is None
    assert answer.doubts == (f"{RECORD}.order_value",)


@pytest.mark.parametrize("written", ["1e99999999999999999999", "NaN", "Infinity", "1" + "0" * 5000])
def test_a_number_beyond_reason_spoils_the_answer(written: str) -> None:
    body = as_bytes(with_record(order_value="HERE")).replace(b'"HERE"', written.encode())

    with pytest.raises(WrongFormError, match="unreadable_answer"):
        read(body, zone=LONDON)


@pytest.mark.parametrize("value", [-1, 1.0, True, "x", "-1", "1" * 20, 2**63, [], {}])
@pytest.mark.parametrize("field", ["offer_id", "merchant_id", "distributor_id"])
def test_what_is_no_number_is_none_and_doubted(field: str, value: object) -> None:
    answer = read_answer(with_record(**{field: value}))

    assert getattr(first_record_of(answer), field) is None
    assert answer.doubts == (f"{RECORD}.{field}",)


@pytest.mark.parametrize("value", [True, 1.5, [], {}, "x" * 10_001])
@pytest.mark.parametrize("field", ["code", "order_id", "currency", "redeemed_at", "custom_params"])
def test_what_is_no_text_is_none_and_doubted(field: str, value: object) -> None:
    if (field, value) == ("custom_params", {}):
        value = [{}]  # an object is another way to send them

    answer = read_answer(with_record(**{field: value}))

    assert getattr(first_record_of(answer), field) is None
    assert answer.doubts == (f"{RECORD}.{field}",)


def test_an_order_may_be_numbered() -> None:
    answer = read_answer(with_record(order_id=1262434))

    assert answer.records is not None
    assert answer.records[0].order_id == "1262434"


def test_a_date_in_no_known_form_keeps_its_words() -> None:
    answer = read_answer(with_offer(end_date="May 17, 2019"))

    end = offer_of(answer).end_date
    assert end is not None
    assert (end.raw, end.at) == ("May 17, 2019", None)
    assert answer.doubts == ("data.offer.end_date",)


@pytest.mark.parametrize(
    ("value", "raw", "values"),
    [
        ('{"p1":"example1","n":1.10}', None, {"p1": "example1", "n": Decimal("1.10")}),
        ({"p1": "x"}, '{"p1": "x"}', {"p1": "x"}),
        ({"n": 1.5}, '{"n": "1.5"}', {"n": Decimal("1.5")}),
    ],
)
def test_custom_parameters_are_read(value: object, raw: str | None, values: object) -> None:
    answer = read_answer(with_record(custom_params=value))

    assert answer.records is not None
    params = answer.records[0].custom_params
    assert params is not None
    assert (params.raw, params.values) == (raw or value, values)
    assert not params.is_broken
    assert answer.doubts == ()


@pytest.mark.parametrize("text", ['{"p1":"example1",', "[1]", "x", '{"a":1,"a":2}', '"{}"'])
def test_broken_custom_parameters_are_kept_as_they_are(text: str) -> None:
    answer = read_answer(with_record(custom_params=text))

    assert answer.records is not None
    params = answer.records[0].custom_params
    assert params is not None
    assert params.is_broken
    assert (params.raw, params.values) == (text, None)
    assert answer.doubts == (f"{RECORD}.custom_params",)


@pytest.mark.parametrize("value", [None, ""])
def test_no_custom_parameters_are_no_doubt(value: object) -> None:
    answer = read_answer(with_record(custom_params=value, tags=None))

    assert answer.records is not None
    assert answer.records[0].custom_params is None
    assert answer.records[0].tags == ()
    assert answer.doubts == ()


@pytest.mark.parametrize("value", ["SUMMER", [1], [["x"]], {}, True])
def test_tags_that_are_no_list_of_texts_are_left_out_and_doubted(value: object) -> None:
    answer = read_answer(with_record(tags=value))

    assert answer.records is not None
    assert answer.records[0].tags == ()
    assert answer.doubts == (f"{RECORD}.tags",)
