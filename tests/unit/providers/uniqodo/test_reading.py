"""What is read of an answer, and what is done about an unknown form."""

from decimal import Decimal

import pytest

from couponbus.providers.uniqodo.fields import DOUBTS_MAX
from couponbus.providers.uniqodo.reading import NoDataError, WrongFormError, read
from tests.unit.providers.uniqodo.answers import (
    LONDON,
    Json,
    as_bytes,
    full_answer,
    inner,
    items,
    read_answer,
    totals_answer,
    without_records,
)


def with_record(**changes: object) -> Json:
    answer = full_answer()
    items(inner(answer, "data", "redemption"), "records")[0] |= changes
    return answer


def test_an_answer_without_surprises_leaves_no_doubt() -> None:
    for known in (full_answer(), totals_answer(), without_records()):
        assert read_answer(known).doubts == ()


def test_both_bodies_hold_the_same_records() -> None:
    counted, summed = read_answer(full_answer()), read_answer(totals_answer())

    assert counted.records == summed.records
    assert counted.offer == summed.offer
    assert (counted.total, counted.total_order_value) == (2, None)
    assert (summed.total, summed.total_order_value) == (None, Decimal("264.99"))
    assert summed.total_discount_value == Decimal("22.5")


def test_a_byte_order_mark_does_no_harm() -> None:
    body = b"\xef\xbb\xbf" + as_bytes(full_answer())

    assert read(body, zone=LONDON) == read_answer(full_answer())


def test_unknown_fields_are_left_alone() -> None:
    answer = with_record(later="x", order_value=1)
    inner(answer, "data")["later"] = {"a": [1]}

    assert read_answer(answer).doubts == ()


@pytest.mark.parametrize(
    "said", [{"error": "upstream"}, {"success": False}, {"status": 503}, {"code": "500"}]
)
def test_a_failure_beside_the_data_leaves_a_doubt(said: Json) -> None:
    answer = read_answer({**without_records(), **said})

    assert answer.doubts == tuple(said)


@pytest.mark.parametrize("said", [{"error": None}, {"success": True}, {"status": "ok"}])
def test_a_success_beside_the_data_leaves_no_doubt(said: Json) -> None:
    assert read_answer({**without_records(), **said}).doubts == ()


@pytest.mark.parametrize("value", [None, -1, 1.5, True, "x", "", [], {}])
def test_a_record_without_an_id_breaks_the_contract(value: object) -> None:
    with pytest.raises(WrongFormError, match="record_without_id"):
        read_answer(with_record(id=value))


@pytest.mark.parametrize("value", [None, "x", 7, [], True])
def test_a_record_that_is_no_object_breaks_the_contract(value: object) -> None:
    answer = full_answer()
    items(inner(answer, "data", "redemption"), "records").append(value)  # type: ignore[arg-type]

    with pytest.raises(WrongFormError, match="unreadable_record"):
        read_answer(answer)


@pytest.mark.parametrize("value", [None, "x", 1, {}, True])
def test_records_that_are_no_list_are_no_records(value: object) -> None:
    answer = full_answer()
    inner(answer, "data", "redemption")["records"] = value

    assert read_answer(answer).records is None
    assert read_answer(answer).doubts == ("data.redemption.records",)


def test_records_under_numbers_exist_but_prove_nothing() -> None:
    answer = full_answer()
    place = inner(answer, "data", "redemption")
    first, second = items(place, "records")
    place["records"] = {"0": first, "2": second}

    assert read_answer(answer).records == read_answer(full_answer()).records
    assert read_answer(answer).doubts == ("data.redemption.records",)


@pytest.mark.parametrize("value", [None, "x", 1, [], True])
def test_an_answer_without_the_object_around_the_records_has_none(value: object) -> None:
    answer = full_answer()
    inner(answer, "data")["redemption"] = value

    assert read_answer(answer).records is None
    assert read_answer(answer).doubts == ("data.redemption",)


def test_data_that_holds_nothing_has_no_records() -> None:
    answer = read_answer({"data": {}, "errors": []})

    assert (answer.records, answer.offer) == (None, None)
    assert answer.doubts == ("data.redemption",)


def test_two_lists_of_records_are_doubted() -> None:
    answer = full_answer()
    inner(answer, "data")["records"] = []

    read_one = read_answer(answer)

    assert read_one.records == read_answer(full_answer()).records
    assert read_one.doubts == ("data.records",)


@pytest.mark.parametrize("value", ["x", 1, [], True, {}, {"status": "active"}])
def test_an_offer_that_cannot_be_read_is_none_and_doubted(value: object) -> None:
    answer = full_answer()
    inner(answer, "data")["offer"] = value

    assert read_answer(answer).offer is None
    assert read_answer(answer).doubts == ("data.offer",)


@pytest.mark.parametrize("value", [None, {}, "x", 1])
def test_errors_that_are_no_list_are_doubted(value: object) -> None:
    assert read_answer({**full_answer(), "errors": value}).doubts == ("errors",)


@pytest.mark.parametrize("value", [None, "x", 1, []])
def test_an_error_that_cannot_be_read_still_is_one(value: object) -> None:
    answer = read_answer({**full_answer(), "errors": [value]})

    assert [error.code for error in answer.errors] == [None]
    assert answer.doubts == ("errors[0]", "errors[0].code")


@pytest.mark.parametrize("codes", [[204], [1, "x", 209, None]])
def test_no_data_but_errors_is_a_refusal(codes: list[object]) -> None:
    errors = [{"code": code, "message": "any"} for code in codes]

    for answer in ({"data": None, "errors": errors}, {"errors": errors}):
        with pytest.raises(NoDataError) as refusal:
            read_answer(answer)
        assert refusal.value.codes == tuple(code for code in codes if isinstance(code, int))


@pytest.mark.parametrize(
    "answer",
    [
        {"data": None, "errors": []},
        {"data": None},
        {},
        {"data": [], "errors": [{"code": 204}]},
        {"data": "x"},
    ],
)
def test_an_answer_without_data_has_a_wrong_form(answer: object) -> None:
    with pytest.raises(WrongFormError, match="answer_without_data"):
        read_answer(answer)


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b"null", b'{"data":{},"data":{}}', b"\xff", b"[" * 100_000, b'{"a":"\xff"}'],
)
def test_what_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(WrongFormError, match="unreadable_answer"):
        read(body, zone=LONDON)


def test_doubts_have_an_end() -> None:
    answer = full_answer()
    listed = [{"id": number, "code": True} for number in range(DOUBTS_MAX + 50)]
    inner(answer, "data", "redemption")["records"] = listed

    assert len(read_answer(answer).doubts) == DOUBTS_MAX


def test_what_is_worth_money_is_not_shown() -> None:
    shown = repr(read_answer(full_answer()))

    for hidden in ("XMAS10", "BF39KD2H", "1262434SH", "example1", "TCJGGJGF"):
        assert hidden not in shown
