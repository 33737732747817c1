"""A damaged answer of Uniqodo ends in one of our errors, or in values that it contains."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings

from couponbus.providers.uniqodo import reading
from couponbus.providers.uniqodo.fields import Fields
from couponbus.providers.uniqodo.reading import NoDataError, WrongFormError
from couponbus.providers.uniqodo.wire import WireAnswer, WireCodeOffer
from tests.fuzz.damage import bodies
from tests.fuzz.hunting import assert_found, examples
from tests.fuzz.oracle import Fact, Meanings
from tests.fuzz.places import GONE, Path, at
from tests.fuzz.said import NothingSaid, said_by
from tests.unit.providers.uniqodo.answers import (
    LONDON,
    as_bytes,
    full_answer,
    totals_answer,
    without_records,
)

BASES: tuple[object, ...] = (full_answer(), totals_answer(), without_records())


def facts_of(seen: WireAnswer, said: object) -> Iterator[Fact]:
    """Return each value that was read with the place that it comes from."""
    inside: Path = ("data", "redemption")
    place = inside if at(said, inside) is not GONE else ("data",)
    for name in ("total", "total_order_value", "total_discount_value"):
        yield (*place, name), getattr(seen, name)
    for number, record in enumerate(seen.records or ()):
        yield from facts(record, (*place, "records", number))
    for number, error in enumerate(seen.errors):
        yield from facts(error, ("errors", number))
    yield from facts(seen.offer, ("data", "offer"))
    yield ("result",), seen.result


def facts(value: object, place: Path) -> Iterator[Fact]:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield (*place, field.name), getattr(value, field.name)


def meanings() -> Meanings:
    known = Meanings()
    for base in BASES:
        body = as_bytes(base)
        said = said_by(body)
        known.learn(facts_of(reading.read(body, zone=LONDON), said), said)
    return known


KNOWN = meanings()


def check(body: bytes) -> None:
    """Fail unless each field is what this body has at its place, and each loss is doubted."""
    try:
        seen = reading.read(body, zone=LONDON)
    except (NoDataError, WrongFormError):
        return
    try:
        said = said_by(body)
    except NothingSaid:
        raise AssertionError("something was read where nothing is said") from None
    assert KNOWN.lies(facts_of(seen, said), said) == []
    assert lost(seen, said) == []


def lost(seen: WireAnswer, said: object) -> list[Path]:
    """Return the places whose value was left out without a doubt about it."""
    doubted = {doubt.replace("[", ".").replace("]", "") for doubt in seen.doubts}
    missing = [
        path
        for path, value in [*facts_of(seen, said), (("data", "offer"), seen.offer)]
        if value in (None, ()) and at(said, path) not in (GONE, None, "", [])
        if doubted.isdisjoint((".".join(map(str, path)), *_around(path)))
    ]
    for place, listed in ((("errors",), seen.errors), (_records(said), seen.records or ())):
        there = at(said, place)
        if isinstance(there, list) and len(there) != len(listed):
            missing.append(place)
    return missing


def _around(path: Path) -> tuple[str, ...]:
    """Return the place whose doubt covers this one too: the object around the records."""
    return ("data.redemption",) if str(path[-1]).startswith("total") else ()


def _records(said: object) -> Path:
    inside: Path = ("data", "redemption")
    return (*inside, "records") if at(said, inside) is not GONE else ("data", "records")


ANSWERS = bodies(BASES)


@settings(max_examples=examples())
@given(body=ANSWERS)
@example(body=as_bytes(BASES[0]))
@example(body=as_bytes(BASES[1]))
def test_no_damaged_answer_yields_a_redemption_that_was_not_said(body: bytes) -> None:
    check(body)


def test_a_reader_that_takes_what_it_cannot_read_for_zero_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = Fields.number

    def at_least_zero(self: Fields, key: str) -> int | None:
        number = plain(self, key)
        return 0 if number is None and key == "code_remaining" else number

    monkeypatch.setattr(Fields, "number", at_least_zero)

    assert_found(check, ANSWERS)


def test_a_reader_that_raises_something_else_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Fields.name

    def needed(self: Fields, key: str) -> str | None:
        return None if self._values[key] is None else plain(self, key)

    monkeypatch.setattr(Fields, "name", needed)

    assert_found(check, ANSWERS, failing_with=KeyError)


def test_a_reader_that_swaps_two_fields_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = reading._offer

    def swapped(data: Fields, *, zone: ZoneInfo) -> WireCodeOffer | None:
        one = plain(data, zone=zone)
        return one and replace(one, start_date=one.end_date, end_date=one.start_date)

    monkeypatch.setattr(reading, "_offer", swapped)

    assert_found(check, ANSWERS)


def test_a_reader_that_says_nothing_of_its_doubts_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Fields, "doubt", lambda _self, _key: None)

    assert_found(check, ANSWERS)


def test_a_reader_that_takes_the_last_of_two_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def last(body: bytes) -> Mapping[str, object]:
        value = json.loads(body)
        return value if isinstance(value, dict) else {}

    monkeypatch.setattr(reading, "_root", last)

    assert_found(check, ANSWERS)
