"""What Coniq may send is read tolerantly where it can be, and refused where it means two things."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import InputRejected
from couponbus.domain.issuing.barcode import Barcode
from couponbus.providers.coniq.wire import ItemError, read
from tests.thorough import thorough
from tests.unit.providers.coniq.answers import BARCODE, WHOLE


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def only(**changes: object) -> Barcode:
    reading = read(encoded([{**WHOLE, **changes}]))
    assert (len(reading.barcodes), reading.errors, reading.strays) == (1, (), 0)
    return reading.barcodes[0]


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in WHOLE.items() if name not in names}


def test_all_nine_fields_are_read() -> None:
    assert only() == BARCODE


def test_the_six_fields_that_may_be_absent_may_be_absent() -> None:
    wanted = ("barcode_number", "offer_id", "customer_id")
    item = {name: WHOLE[name] for name in wanted}

    absent = read(encoded([item])).barcodes
    null = read(encoded([{**dict.fromkeys(WHOLE), **item}])).barcodes

    assert absent == null
    assert (absent[0].channel, absent[0].active, absent[0].created_at) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"offer_id": "101", "customer_id": "7"}, "offer_id", 101),
        ({"channel": "PIGEON"}, "channel", "PIGEON"),
        ({"a_field_of_tomorrow": {"x": [1]}}, "number", BARCODE.number),
        ({"tracking_code": ""}, "tracking_code", None),
        ({"tracking_code": 12345}, "tracking_code", "12345"),
        ({"image_url": {"href": "x"}}, "image_url", None),
        ({"active": "false"}, "active", False),
        ({"active": 1}, "active", True),
        ({"active": "perhaps"}, "active", None),
        ({"active": None}, "active", None),
        ({"expiry_date": "2026-12-31T23:59:59+00:00"}, "expires_on", date(2026, 12, 31)),
        ({"expiry_date": "0000-00-00"}, "expires_on", None),
        ({"expiry_date": "20261231"}, "expires_on", None),
        ({"expiry_date": 1767225599}, "expires_on", None),
        ({"created_datetime_utc": "2026-11-22T10:00:00"}, "created_at", BARCODE.created_at),
        ({"created_datetime_utc": "2026-11-22 10:00:00"}, "created_at", BARCODE.created_at),
        ({"created_datetime_utc": "2026-11-22T10:00:00Z"}, "created_at", BARCODE.created_at),
        ({"created_datetime_utc": "2026-11-22T11:00:00+0100"}, "created_at", BARCODE.created_at),
        ({"created_datetime_utc": "2026-11-22T05:00:00-05:00"}, "created_at", BARCODE.created_at),
        ({"created_datetime_utc": 1795341600}, "created_at", None),
        ({"created_datetime_utc": "1795341600"}, "created_at", None),
        ({"created_datetime_utc": "soon"}, "created_at", None),
        ({"created_datetime_utc": "2026-13-45T10:00:00"}, "created_at", None),
        ({"created_datetime_utc": "0001-01-01T00:00:00+23:59"}, "created_at", None),
        ({"created_datetime_utc": {"date": "2026-11-22 10:00:00"}}, "created_at", None),
    ],
)
def test_a_field_is_read_in_each_form_or_left_out(
    changes: dict[str, object], field: str, value: object
) -> None:
    assert getattr(only(**changes), field) == value


@pytest.mark.parametrize(
    "item",
    [
        without("barcode_number"),
        without("offer_id"),
        without("customer_id"),
        {**WHOLE, "barcode_number": ""},
        {**WHOLE, "barcode_number": None},
        {**WHOLE, "barcode_number": 24000000},
        {**WHOLE, "barcode_number": "24\u000001"},
        {**WHOLE, "customer_id": 0},
        {**WHOLE, "customer_id": -7},
        {**WHOLE, "customer_id": 7.5},
        {**WHOLE, "customer_id": 10**30},
        {**WHOLE, "customer_id": "seven"},
        {**WHOLE, "customer_id": "1_0"},
        {**WHOLE, "customer_id": True},
        {**WHOLE, "offer_id": True},
        {},
        [],
        None,
        7,
    ],
)
def test_without_what_identifies_it_there_is_no_barcode(item: object) -> None:
    reading = read(encoded([item, WHOLE]))

    assert (reading.barcodes, reading.errors, reading.strays) == ([BARCODE], [], 1)


@pytest.mark.parametrize(
    "body",
    [
        WHOLE,
        {**WHOLE, "errors": []},
        [WHOLE],
        {"barcodes": [WHOLE]},
        {"data": [WHOLE], "errors": []},
        {"successes": [WHOLE], "failures": []},
    ],
)
def test_a_barcode_is_found_in_each_envelope(body: object) -> None:
    reading = read(encoded(body))

    assert (list(reading.barcodes), list(reading.errors), reading.strays) == ([BARCODE], [], 0)


def test_a_byte_order_mark_is_harmless() -> None:
    assert read(b"\xef\xbb\xbf" + encoded([WHOLE])).barcodes == [BARCODE]


@pytest.mark.parametrize(
    ("item", "error"),
    [
        (
            {"code": 400, "message": "Bad", "tracking_code": "sig-b"},
            ItemError(
                reason="provider_400",
                status=400,
                tracking_code="sig-b",
                customer_id=None,
                offer_id=None,
            ),
        ),
        (
            {"error": ["x"], "customer_id": "7", "offer_id": 101},
            ItemError(
                reason="provider_error",
                status=None,
                tracking_code=None,
                customer_id=7,
                offer_id=101,
            ),
        ),
        (
            {"code": "Unknown-Offer", "index": 3, "customer_id": True},
            ItemError(
                reason="provider_unknown_offer",
                status=None,
                tracking_code=None,
                customer_id=None,
                offer_id=None,
            ),
        ),
        (
            "ann@example.test is not a customer",
            ItemError(
                reason="provider_error",
                status=None,
                tracking_code=None,
                customer_id=None,
                offer_id=None,
            ),
        ),
    ],
)
def test_an_error_among_the_items_names_its_request_as_far_as_it_does(
    item: object, error: ItemError
) -> None:
    for body in ([WHOLE, item], {"data": [WHOLE], "errors": [item]}):
        reading = read(encoded(body))

        assert (list(reading.barcodes), list(reading.errors)) == ([BARCODE], [error])


def test_a_code_that_may_carry_anything_is_not_repeated() -> None:
    reading = read(encoded([{"code": "ann@example.test", "error": "x"}]))

    assert reading.errors[0].reason == "provider_error"


REASONS = {
    "duplicate_key",
    "no_items",
    "not_a_finite_number",
    "not_json",
    "not_unicode",
    "not_utf8",
    "too_deep",
}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>We will be back soon</html>",
        b"null",
        b"true",
        b"7",
        b'"text"',
        b'[{"barcode_number": "24"',
        '[{"barcode_number": "\u00e9t\u00e9"}]'.encode("latin-1"),
        encoded([WHOLE])[:-20],
        encoded([WHOLE]) + b"]",
        b'[{"error": NaN}]',
        b'[{"error": 1e999}]',
        b'[{"error": "\\ud800"}]',
        b"[" * 100_000,
        b"[" * 300 + b"]" * 300,
        b'{"data": [], "data": []}',
        b'[{"error": ' + b"9" * 5000 + b"}]",
        encoded([WHOLE]).replace(b'"offer_id"', b'"barcode_number": "9", "offer_id"'),
        encoded([WHOLE]).replace(b'"offer_id"', b'"customer_id": 8, "offer_id"'),
        encoded([WHOLE]).replace(b'"MAIL"', b'"MAIL", "tracking_code": "sig-b"'),
        encoded([WHOLE]).replace(b'"MAIL"', b'"MAIL", "tracking\\u005fcode": "sig-b"'),
        encoded([WHOLE, without("tracking_code")]).replace(
            b'"MAIL"', b'"MAIL", "tracking_code": "sig-b"', 1
        ),
        encoded([WHOLE]).replace(b"true", b'true, "active": false'),
        encoded([WHOLE]).replace(b'"MAIL"', b'"\\udc00"'),
        encoded([WHOLE]).decode().encode("utf-16"),
    ],
)
def test_what_cannot_be_read_in_one_way_only_is_not_read(body: bytes) -> None:
    with pytest.raises(InputRejected) as raised:
        read(body)

    # A code says why, and nothing of what was there.
    assert str(raised.value) in REASONS


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        read(body)
    except InputRejected:
        return


@thorough(300, few=25)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*WHOLE, "errors"]), inner),
    )
)
def test_no_json_breaks_the_reader(value: object) -> None:
    try:
        read(json.dumps(value).encode())
    except InputRejected:
        return


SAYS_OTHERWISE = (
    {"error": "upstream"},
    {"errors": {"offer_id": ["closed"]}},
    {"code": 502},
    {"code": "504"},
    {"status": 400},
    {"status": "Error"},
    {"success": False},
    {"total": 1},
    {"count": "3"},
)


@pytest.mark.parametrize("beside", SAYS_OTHERWISE)
@pytest.mark.parametrize("key", ["data", "barcodes"])
def test_a_list_is_not_all_when_what_is_around_it_says_otherwise(
    beside: dict[str, object], key: str
) -> None:
    assert read(encoded({key: [], **beside})).strays == 1


@pytest.mark.parametrize(
    "beside",
    [{}, {"code": 200}, {"status": "ok"}, {"success": True}, {"total": 1}, {"error": None}],
)
def test_a_list_is_all_when_what_is_around_it_agrees(beside: dict[str, object]) -> None:
    assert read(encoded({"data": [WHOLE], **beside})).strays == 0


def test_what_a_barcode_says_of_itself_is_no_word_about_a_list() -> None:
    reading = read(encoded({**WHOLE, "code": 24000001, "status": 400, "count": 7, "errors": {}}))

    assert (len(reading.barcodes), reading.strays) == (1, 0)
