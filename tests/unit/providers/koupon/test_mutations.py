"""One defect anywhere in an answer breaks it, costs the field or changes nothing."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.polling.offer import OfferStyle, StoreScope
from couponbus.providers.koupon.reading import BrokenAnswer
from tests.fuzz.damage import RETYPED
from tests.fuzz.places import Defect, Path, at, changed, paths, renamed
from tests.thorough import thorough
from tests.unit.providers.koupon.answers import ADULT_CPG, envelope, offer
from tests.unit.providers.koupon.reading_of import offers_in, only

WHOLE = envelope(offer())
STORES: Path = ("Offers", 0, "validAtStores")
ALL_PATHS = sorted(paths(WHOLE), key=str)


def leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Return each value of an offer with its place."""
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from leaves(getattr(value, each.name), f"{name}.{each.name}")
    elif name.endswith(".stores") and isinstance(value, tuple):
        for place, store in enumerate(value):
            yield from leaves(store, f"{name}[{place}]")
    else:
        yield name, value


def wrong_values(answer: object) -> list[tuple[str, object]]:
    """Return the values that differ from the whole offer's and do not mean unknown."""
    truth = dict(leaves(only(offer())))
    wrong = []
    for read in offers_in(answer):
        for name, value in leaves(read):
            if name == ".unreadable" or value == truth.get(name, value):
                continue
            if value not in (None, (), OfferStyle.OTHER, StoreScope.UNKNOWN):
                wrong.append((name, value))
    return wrong


@pytest.mark.parametrize("defect", RETYPED)
def test_no_retyped_value_is_taken_for_another_one(defect: Defect) -> None:
    found = {}
    for path in ALL_PATHS:
        answer = changed(WHOLE, path, defect)
        try:
            wrong = wrong_values(answer)
        except BrokenAnswer:
            continue
        if wrong and not _says_so(path, answer, wrong):
            found[path] = wrong

    assert found == {}


def _says_so(path: Path, answer: object, wrong: list[tuple[str, object]]) -> bool:
    """Whether the provider itself says the other value: a number is a number."""
    said = at(answer, path)
    meant = {str(said).lower(), str(said)}
    return all(
        str(value).lower() in meant
        or _deny(name, value)
        or _is_number_of(said, value)
        or (value is StoreScope.NONE_ASKED and at(answer, STORES) == [])
        for name, value in wrong
    )


def _deny(name: str, value: object) -> bool:
    # Adult content is denied when in doubt, so a closed gate is no wrong value.
    return (name, value) in ((".brand.is_adult", True), (".brand.is_authenticated", False))


def _is_number_of(said: object, value: object) -> bool:
    return isinstance(said, int | float) and isinstance(value, int | float) and said == value


def test_no_renamed_key_yields_a_wrong_value() -> None:
    found = {}
    for path in ALL_PATHS:
        try:
            wrong = [
                each
                for each in wrong_values(renamed(WHOLE, path, f"{path[-1]}X"))
                if not _deny(*each)
            ]
        except BrokenAnswer:
            continue
        if wrong:
            found[path] = wrong

    assert found == {}


@given(path=st.sampled_from(ALL_PATHS), key=st.text(max_size=5), value=st.integers() | st.text())
def test_an_added_key_changes_nothing(path: Path, key: str, value: object) -> None:
    def add(holder: object) -> object:
        return {f"+{key}": value, **holder} if isinstance(holder, dict) else holder

    assert offers_in(changed(WHOLE, path, add)) == offers_in(WHOLE)


@pytest.mark.parametrize("defect", RETYPED)
def test_no_defect_inside_of_an_adult_brand_opens_the_gate(defect: Defect) -> None:
    adult = offer(cpg={**ADULT_CPG, "cpgBrandId": 79})
    plainly_authenticated = changed(adult, ("cpg", "isAuthenticated"), lambda value: True)

    answers = [changed(adult, ("cpg", name), defect) for name in ADULT_CPG]
    answers.append(changed(adult, ("cpg",), lambda value: [value]))

    assert only(plainly_authenticated).may_be_shown
    assert not any(
        only(answer).may_be_shown for answer in answers if answer != plainly_authenticated
    )


defects = st.sampled_from(RETYPED)


@thorough(150, few=50)
@given(st.lists(st.tuples(st.sampled_from(ALL_PATHS), defects), min_size=2, max_size=6))
def test_no_heap_of_defects_raises_anything_else(heap: list[tuple[Path, Defect]]) -> None:
    answer: object = WHOLE
    for path, defect in heap:
        try:
            answer = changed(answer, path, defect)
        except LookupError:
            continue

    try:
        offers = offers_in(answer)
    except BrokenAnswer:
        offers = []

    assert all(offer.offer_id for offer in offers)
