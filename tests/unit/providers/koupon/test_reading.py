"""An answer is used whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.koupon.reading import BrokenAnswer, KouponReading, read_answer
from tests.unit.providers.koupon.answers import SUMMARY, encoded, envelope, offer, without


def read(value: object) -> KouponReading:
    return read_answer(encoded(value))


def ids(reading: KouponReading) -> list[str]:
    return [one.wire.offer_id for one in reading.offers]


def test_offers_come_in_their_order() -> None:
    assert ids(read(envelope(offer(offerId=3), offer(offerId="1"), offer(offerId=2)))) == [
        "3",
        "1",
        "2",
    ]


@pytest.mark.parametrize("code", [200, "200", 201, 200.0, None])
def test_a_code_may_be_a_number_or_its_digits_or_absent(code: object) -> None:
    assert ids(read(envelope(offer(), code=code))) == ["1281"]


@pytest.mark.parametrize("version", ["2", "2.0", 2, None, {"x": 1}])
def test_the_version_does_not_matter(version: object) -> None:
    assert ids(read(envelope(offer(), version=version))) == ["1281"]


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_answer(b"\xef\xbb\xbf" + encoded(envelope())).offers == ()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (envelope(code=404), "code_contradicts_status"),
        (envelope(code="500"), "code_contradicts_status"),
        ({**envelope(), "error": "upstream"}, "contradicted_list"),
        ({**envelope(), "errors": {"upstream": "down"}}, "contradicted_list"),
        ({**envelope(), "success": False}, "contradicted_list"),
        ({**envelope(), "status": 503}, "contradicted_list"),
        (envelope(code=[200]), "unreadable_answer"),
        (envelope(code="soon"), "unreadable_answer"),
        (envelope(code=True), "unreadable_answer"),
        ({"code": 200, "message": "success"}, "unreadable_answer"),
        ({"code": 200, "offers": []}, "unreadable_answer"),
        ({"Offers": None}, "unreadable_answer"),
        ({"Offers": {"offerId": 1}}, "unreadable_answer"),
        ({"Offers": "[]"}, "unreadable_answer"),
        ([], "unreadable_answer"),
        (None, "unreadable_answer"),
        (envelope(None), "offer_without_id"),
        (envelope("1281"), "offer_without_id"),
        (envelope(without("offerId")), "offer_without_id"),
        (envelope(offer(), offer(offerId="")), "offer_without_id"),
        (envelope(offer(offerId=None)), "offer_without_id"),
        (envelope(offer(offerId=True)), "offer_without_id"),
        (envelope(offer(offerId=12.5)), "offer_without_id"),
        (envelope(offer(offerId="1,2")), "offer_without_id"),
        (envelope(offer(offerId="a\nb")), "offer_without_id"),
        (envelope(offer(), offer(offerTitle="Another")), "offer_twice"),
        (envelope(offer(), offer(offerId="1281", priority=8)), "offer_twice"),
    ],
)
def test_an_answer_that_may_mean_something_else_is_broken(answer: object, reason: str) -> None:
    with pytest.raises(BrokenAnswer, match=f"^{reason}$"):
        read(answer)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"Offers": [', b'{"Offers":[],"Offers":[1]}', b"\xff", b"NaN"]
)
def test_what_is_not_json_is_broken(body: bytes) -> None:
    with pytest.raises(BrokenAnswer, match=r"^unreadable_answer$"):
        read_answer(body)


def test_an_offer_that_is_repeated_word_for_word_counts_once() -> None:
    assert ids(read(envelope(offer(), offer()))) == ["1281"]


@pytest.mark.parametrize(
    ("summary", "short_by"),
    [
        (SUMMARY, 0),
        ({**SUMMARY, "numCoupon": 3}, 2),
        ({**SUMMARY, "numCoupon": "3", "numRedirect": 1}, 3),
        ({**SUMMARY, "numCoupon": 0}, 0),
        ({**SUMMARY, "numCoupon": None}, 0),
        ({**SUMMARY, "numCoupon": -3}, 0),
        ({**SUMMARY, "numCoupon": [9]}, 0),
        ({}, 0),
        (None, 0),
        ("none", 0),
    ],
)
def test_a_summary_that_counts_more_than_came_is_noticed(summary: object, short_by: int) -> None:
    assert read(envelope(offer(), summary=summary)).short_by == short_by


def test_tobacco_brands_are_known_inside_only() -> None:
    assert read(envelope()).tobacco_brands == {77: False}
    assert (
        read(envelope(summary={"tobacco": {"brands": [{"brandName": "x"}]}})).tobacco_brands == {}
    )
    assert read(envelope(summary={"tobacco": None})).tobacco_brands == {}


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        read_answer(body)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*offer(), *SUMMARY, "id", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(offers=st.lists(values, max_size=3), code=values, summary=values)
def test_no_json_breaks_it(offers: list[object], code: object, summary: object) -> None:
    answer = encoded(envelope(*offers, code=code, summary=summary))

    try:
        reading = read_answer(answer)
    except BrokenAnswer as broken:
        reason = str(broken)
    else:
        reason = ""
        assert len(reading.offers) <= len(offers)

    assert reason in (
        "",
        "unreadable_answer",
        "offer_without_id",
        "offer_twice",
        "code_contradicts_status",
    )
