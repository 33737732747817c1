"""A damaged answer of Koupon ends in one of our errors, or in values that it contains."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import example, given, settings
from pydantic import ValidationError

from couponbus.domain.polling.offer import StoreScope, Texts, When
from couponbus.providers.koupon import reading, translation
from couponbus.providers.koupon.lenient import Lenient, Unreadable
from couponbus.providers.koupon.reading import BrokenAnswer, KouponReading, ReadOffer, read_answer
from couponbus.providers.koupon.wire import WireOffer
from tests.fuzz.damage import bodies
from tests.fuzz.hunting import assert_found, examples
from tests.fuzz.oracle import Fact, Meanings, is_said
from tests.fuzz.places import GONE, Path, at, paths
from tests.fuzz.said import NothingSaid, said_by
from tests.unit.providers.koupon.answers import ADULT_CPG, encoded, envelope, offer
from tests.unit.providers.koupon.reading_of import CHICAGO
from tests.unit.providers.koupon.whole import WHOLE

AD: dict[str, object] = {
    "offerId": "ad-1",
    "offerStyle": "Native Ad",
    "limitedStores": "true",
    "validAtStores": ["12", 34],
}
BASES: tuple[object, ...] = (
    envelope(offer()),
    envelope(offer(), AD),
    envelope(offer(cpg=ADULT_CPG, is_active="false", priority="8"), code="200", version=2),
    envelope(),
)


def facts(model: Lenient, place: Path) -> Iterator[Fact]:
    """Return each field of a model with the place that it comes from."""
    for name, field in type(model).model_fields.items():
        yield from _facts(getattr(model, name), (*place, field.alias or name))


def _facts(value: object, place: Path) -> Iterator[Fact]:
    if isinstance(value, Lenient):
        yield from facts(value, place)
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _facts(each, (*place, number))
    else:
        yield place, value


def facts_of(seen: KouponReading) -> Iterator[Fact]:
    for number, one in enumerate(seen.offers):
        yield from facts(one.wire, ("Offers", number))
    yield from facts(seen.summary, ("summary",))


def meanings() -> Meanings:
    known = Meanings()
    for base in BASES:
        body = encoded(base)
        known.learn(facts_of(read_answer(body)), plain(said_by(body)))
    return known


def check(body: bytes) -> None:
    """Fail unless each field of each offer is what this body has at its place."""
    try:
        seen = reading.read_answer(body)
    except BrokenAnswer:
        return
    try:
        said = plain(said_by(body))
    except NothingSaid:
        raise AssertionError("something was read where nothing is said") from None
    assert KNOWN.lies(facts(seen.summary, ("summary",)), said) == []
    listed = at(said, ("Offers",))
    assert isinstance(listed, list)
    offers = {one.wire.offer_id: one for one in seen.offers}
    assert offers.keys() == {str(item["offerId"]) for item in listed}
    for item in listed:
        one = offers[str(item["offerId"])]
        assert KNOWN.lies(facts(one.wire, ("Offers", 0)), {"Offers": [item]}) == []
        check_offer(item, one, seen=seen)


def plain(said: object) -> object:
    """Return the answer with each store that is only an id as an object with this id."""
    listed = at(said, ("Offers",))
    if not isinstance(said, dict) or not isinstance(listed, list):
        return said
    return {**said, "Offers": [_with_stores(item) for item in listed]}


def _with_stores(item: object) -> object:
    stores = at(item, ("validAtStores",))
    if not isinstance(item, dict) or not isinstance(stores, list):
        return item
    return {**item, "validAtStores": [s if isinstance(s, dict) else {"id": s} for s in stores]}


def check_offer(item: object, one: ReadOffer, *, seen: KouponReading) -> None:
    """Fail if a value is not from this item, or if an offer may be shown that may be for adults."""
    found = translation.to_offer(
        one, zone=CHICAGO, scope=StoreScope.ALL_ASKED, tobacco_brands=seen.tobacco_brands
    )
    # Compared by repr, because 0.0 == False in Python.
    if repr(item) == repr(WHOLE_ITEM) and seen.summary == WHOLE_SUMMARY:
        assert found == WHOLE
    said = [item, *(at(item, path) for path in paths(item))]
    made_up = [
        (name, value)
        for name, value in leaves(found)
        if isinstance(value, When) or type(value) in (str, int, float)
        if not any(is_said(value, there) for there in said)
    ]
    assert made_up == []
    assert set(found.tags) <= {tag.strip() for tag in (found.tags_raw or "").split(",")}
    if found.may_be_shown:
        assert_harmless(at(item, ("cpg",)))


def assert_harmless(cpg: object) -> None:
    if cpg is GONE or cpg is None:
        return
    assert isinstance(cpg, dict)
    assert is_said(False, cpg.get("isAdult")) or is_said(True, cpg.get("isAuthenticated"))


KNOWN = meanings()
WHOLE_ITEM = at(said_by(encoded(BASES[0])), ("Offers", 0))
WHOLE_SUMMARY = read_answer(encoded(BASES[0])).summary


def leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value of an offer with its name; a date counts as one."""
    if isinstance(value, tuple) and not name.endswith((".tags", ".unreadable")):
        for number, each in enumerate(value):
            yield from leaves(each, f"{name}[{number}]")
    elif is_dataclass(value) and not isinstance(value, type | When):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), f"{name}.{field.name}")
    else:
        yield name, value


ANSWERS = bodies(BASES)


@settings(max_examples=examples())
@given(body=ANSWERS)
@example(body=encoded(BASES[1]))
@example(body=encoded(BASES[2]))
def test_no_damaged_answer_yields_an_offer_that_was_not_said(body: bytes) -> None:
    check(body)


def test_a_reader_that_takes_what_it_cannot_read_for_zero_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = WireOffer.read

    def at_least_zero(item: object, *, unreadable: Unreadable) -> WireOffer:
        one = read(item, unreadable=unreadable)
        numbers = ("clientid", "priority", "timer", "total_offers_remaining")
        return one.model_copy(update={name: getattr(one, name) or 0 for name in numbers})

    monkeypatch.setattr(WireOffer, "read", at_least_zero)

    assert_found(check, ANSWERS)


def test_a_reader_that_raises_something_else_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ValidationError", ZeroDivisionError)

    assert_found(check, ANSWERS, failing_with=ValidationError)


def test_a_translation_that_swaps_two_fields_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = translation._texts

    def swapped(wire: WireOffer) -> Texts:
        found = texts(wire)
        return replace(found, title=found.subtitle, subtitle=found.title)

    monkeypatch.setattr(translation, "_texts", swapped)

    assert_found(check, ANSWERS)


def test_a_gate_that_opens_when_in_doubt_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "brand_of", lambda *_arguments, **_brands: None)

    assert_found(check, ANSWERS)


def test_a_reader_that_loses_an_offer_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plain_offers = reading._offers
    monkeypatch.setattr(reading, "_offers", lambda envelope: list(plain_offers(envelope))[:1])

    assert_found(check, ANSWERS)
