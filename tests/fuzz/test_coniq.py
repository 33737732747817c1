"""A damaged answer of Coniq ends in one of our errors, or in values that it contains."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from couponbus.domain.errors import ContractBroken, InputRejected
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.row import cut
from couponbus.providers.coniq import customers, fields, wire
from couponbus.providers.coniq.wire import ConiqReading, ItemError
from tests.fuzz.damage import bodies
from tests.fuzz.hunting import assert_found, examples
from tests.fuzz.oracle import Fact, Meanings
from tests.fuzz.said import NothingSaid, objects_in, said_by
from tests.unit.providers.coniq.answers import WHOLE

NAMES = {
    "number": "barcode_number",
    "offer_id": "offer_id",
    "customer_id": "customer_id",
    "channel": "channel",
    "tracking_code": "tracking_code",
    "image_url": "image_url",
    "active": "active",
    "expires_on": "expiry_date",
    "created_at": "created_datetime_utc",
}
OTHER: dict[str, object] = {
    **WHOLE,
    "barcode_number": "0024000000000002",
    "customer_id": "8",
    "tracking_code": "sig-b",
    "image_url": None,
    "active": False,
    "created_datetime_utc": "2026-11-22 10:00:01",
}
ERROR: dict[str, object] = {"code": 400, "message": "Bad", "tracking_code": "sig-c", "offer_id": 1}
BASES: tuple[object, ...] = (
    [WHOLE, OTHER],
    WHOLE,
    {"data": [WHOLE, OTHER], "errors": [ERROR]},
    [WHOLE, ERROR, OTHER],
)
ANN: dict[str, object] = {"customer_id": 7, "email": "ann@example.test"}
BOB: dict[str, object] = {"id": "8", "email": "bob@example.test"}
CUSTOMERS: tuple[object, ...] = ([ANN, BOB], ANN, {"data": [BOB, ANN]}, [BOB], [])


def facts(barcode: Barcode) -> Iterator[Fact]:
    return (((key,), getattr(barcode, name)) for name, key in NAMES.items())


def error_facts(error: ItemError) -> Iterator[Fact]:
    names = ("tracking_code", "customer_id", "offer_id")
    return (((name,), getattr(error, name)) for name in names)


def meanings() -> Meanings:
    known = Meanings()
    for item in (WHOLE, OTHER):
        body = json.dumps(item).encode()
        known.learn(facts(wire.read(body).barcodes[0]), said_by(body))
    return known


KNOWN = meanings()


def check(body: bytes) -> None:
    """Fail unless everything that is read from this body is in it."""
    try:
        reading = wire.read(body)
    except InputRejected:
        return
    try:
        # A key that is not read may occur twice.
        said = said_by(body, known=NAMES.values())
    except NothingSaid:
        raise AssertionError(f"something was read where nothing is said: {reading}") from None
    found = [each for one in objects_in(said) for each in (one, cut_as_read(one))]
    for barcode in reading.barcodes:
        assert None not in (barcode.offer_id, barcode.customer_id)
        assert any(not KNOWN.lies(facts(barcode), one) for one in found), list(facts(barcode))
    for error in reading.errors:
        texts = [{"message": said}]
        assert any(not KNOWN.lies(error_facts(error), one) for one in [*found, *texts]), error
    assert lost(said, reading) == []


def cut_as_read(said: Mapping[str, object]) -> Mapping[str, object]:
    """Return the item with each text cut to the length that is kept."""
    return {
        key: cut(value, most=wire.TEXT_BYTES)
        if isinstance(value, str) and key != NAMES["image_url"]
        else value
        for key, value in said.items()
    }


def lost(said: object, reading: ConiqReading) -> Sequence[object]:
    """Return the items of a list that were neither read nor counted as strays."""
    if not isinstance(said, list):
        return []
    read = len(reading.barcodes) + len(reading.errors) + reading.strays
    whole = [item for item in said if repr(item) in (repr(WHOLE), repr(OTHER))]
    numbers = {barcode.number for barcode in reading.barcodes}
    return said[read:] + [item for item in whole if item["barcode_number"] not in numbers]


def check_customers(body: bytes) -> None:
    """Fail unless the found customer has this e-mail in the body, or no e-mail."""
    try:
        found = customers.customer_with(body, email="ann@example.test")
    except ContractBroken:
        return
    said = said_by(body)
    if found is None:
        assert repr(ANN) not in map(repr, said if isinstance(said, list) else [said])
        return
    assert any(
        not KNOWN.lies([((key,), found)], one) and one.get("email") != BOB["email"]
        for one in objects_in(said)
        for key in ("customer_id", "id")
    ), found


BARCODES = bodies(BASES)
WHO = bodies(CUSTOMERS)


@settings(max_examples=examples())
@given(body=BARCODES)
@example(body=json.dumps([{**WHOLE, "customer_id": True}]).encode())
@example(body=json.dumps([WHOLE]).encode().replace(b"101,", b'101, "offer\\u005fid": 102,'))
def test_no_damaged_answer_yields_a_barcode_that_was_not_said(body: bytes) -> None:
    check(body)


@settings(max_examples=examples())
@given(body=WHO)
def test_no_damaged_answer_yields_a_customer_who_was_not_said(body: bytes) -> None:
    check_customers(body)


def test_a_reader_that_makes_an_id_up_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "as_id", lambda value: fields.as_id(value) or 0)

    assert_found(check_customers, WHO)


def test_a_reader_that_raises_something_else_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = {"None": None, "True": True, "False": False}
    monkeypatch.setattr(wire, "as_flag", lambda value: flags[str(value)])

    assert_found(check, BARCODES, failing_with=KeyError)


def test_a_reader_that_swaps_two_fields_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = wire._barcode

    def swapped(item: wire.WireBarcode) -> Barcode:
        one = plain(item)
        return replace(one, channel=one.tracking_code, tracking_code=one.channel)

    monkeypatch.setattr(wire, "_barcode", swapped)

    assert_found(check, BARCODES)


def test_a_reader_that_guesses_a_day_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    day = fields.as_day("2026-12-31")
    monkeypatch.setattr(wire, "as_day", lambda value: fields.as_day(value) or day)

    assert_found(check, BARCODES)


def test_a_reader_that_loses_an_item_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "ERROR_KEYS", ())
    plain = wire.ConiqReading

    monkeypatch.setattr(wire, "ConiqReading", lambda **parts: plain(**{**parts, "strays": 0}))

    assert_found(check, BARCODES)


def test_a_reader_that_takes_the_last_of_two_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_may_say_two_things", lambda _body, _items: False)

    assert_found(check, BARCODES)
