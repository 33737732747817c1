"""No answer, however damaged, ends in a foreign error or in a value that was not sent."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import ProviderError
from couponbus.domain.polling.redemption import CustomParams, RedemptionList, StatedTime
from couponbus.providers.uniqodo.reading import NoDataError, WrongFormError
from couponbus.providers.uniqodo.redemption_list import redemption_list_of
from couponbus.providers.uniqodo.wire import WireAnswer
from tests.fuzz.places import GONE, at, field_paths
from tests.thorough import thorough
from tests.unit.providers.uniqodo.answers import as_bytes, full_answer, read_answer, redemption_list
from tests.unit.providers.uniqodo.canned import CLOCK, PROMOTION, USER, Canned, answered, client
from tests.unit.providers.uniqodo.mutations import (
    BASES,
    Mutant,
    mutants,
    place_of_records,
)

EXAMPLES = 600
WORDS = sorted({str(path[-1]) for base in BASES for path in field_paths(base())})
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS | st.sampled_from([*WORDS, "2019-05-15T08:55:37+0100", "27-02-2019 00:00:00", "201"]),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inside, max_size=8)
    ),
    max_leaves=25,
)


def wrong_values(mutant: Mutant, seen: WireAnswer) -> list[str]:
    """Return the fields that are neither unchanged nor unknown."""
    base = read_answer(mutant.base)
    known = {record.id: record for record in base.records or ()}
    wrong = list(_differences(base.offer, seen.offer, at="data.offer"))
    for record in seen.records or ():
        wrong += _differences(known[record.id], record, at="records")
    for name in ("total", "total_order_value", "total_discount_value", "result"):
        if getattr(seen, name) not in (None, getattr(base, name)):
            wrong.append(name)
    if len(seen.errors) not in (0, len(base.errors)):
        wrong.append("errors")
    for before, after in zip(base.errors, seen.errors, strict=False):
        wrong += _differences(before, after, at="errors")
    return wrong


def _differences(before: object, after: object, *, at: str) -> Iterator[str]:
    if not is_dataclass(after) or not is_dataclass(before):
        if after is not None:
            yield at
        return
    for field in fields(after):
        now, then = getattr(after, field.name), getattr(before, field.name)
        # It is passed on as it came, and nothing is concluded from it.
        if field.name == "promotion_specific_error":
            continue
        if now != then and not _says_nothing(now):
            yield f"{at}.{field.name}"


def _says_nothing(value: object) -> bool:
    if isinstance(value, StatedTime):
        return value.at is None
    return value in (None, ()) or isinstance(value, CustomParams)


def unexplained(mutant: Mutant, seen: WireAnswer) -> list[str]:
    """Return the retyped fields that were lost without a doubt."""
    doubted = {doubt.replace("[", ".").replace("]", "") for doubt in seen.doubts}
    lost = []
    for path in mutant.changed:
        value = _value_at(mutant.answer, path)
        if value is None or value == "" or _value_at(_as_read(seen), path) is not None:
            continue
        names = [".".join(map(str, path[: length + 1])) for length in range(len(path))]
        if not doubted.intersection(names):
            lost.append(names[-1])
    return lost


def _as_read(seen: WireAnswer) -> object:
    """Return what was read in the form of an answer, doubtful values left out."""

    def shown(value: object) -> object:
        if isinstance(value, StatedTime):
            return value.at
        if isinstance(value, CustomParams):
            return value.values
        if isinstance(value, tuple):
            return [shown(each) for each in value]
        if is_dataclass(value):
            return {each.name: shown(getattr(value, each.name)) for each in fields(value)}
        return value

    records = shown(seen.records)
    data = {
        "redemption": {"records": records, "total": seen.total},
        "records": records,
        "total_order_value": seen.total_order_value,
        "total_discount_value": seen.total_discount_value,
        "offer": shown(seen.offer),
    }
    return {"data": data, "errors": shown(seen.errors), "result": seen.result}


def _value_at(value: object, path: tuple[str | int, ...]) -> object:
    found = at(value, path)
    return None if found is GONE else found


@thorough(EXAMPLES, few=EXAMPLES // 5)
@given(mutant=mutants())
def test_a_damaged_answer_says_less_and_never_something_else(mutant: Mutant) -> None:
    try:
        seen = read_answer(mutant.answer)
    except (NoDataError, WrongFormError):
        return

    assert wrong_values(mutant, seen) == []
    assert unexplained(mutant, seen) == []


@thorough(EXAMPLES, few=EXAMPLES // 5)
@given(mutant=mutants())
def test_a_damaged_history_is_complete_only_if_nothing_is_missing(mutant: Mutant) -> None:
    try:
        seen = redemption_list(mutant.answer)
    except (NoDataError, WrongFormError):
        return

    before = {each.redemption_id for each in redemption_list(mutant.base).redemptions}
    after = {each.redemption_id for each in seen.redemptions}
    assert after <= before
    assert after == before or not seen.is_complete


@thorough(EXAMPLES, few=EXAMPLES // 5)
@given(mutant=mutants(), lost=st.integers(min_value=0, max_value=1))
def test_a_history_that_lost_a_record_is_never_complete(mutant: Mutant, lost: int) -> None:
    before = place_of_records(mutant.base)["records"]
    try:
        listed = place_of_records(mutant.answer)["records"]
    except (AssertionError, KeyError):
        return
    if before == [] or listed != before:
        return
    assert isinstance(listed, list)
    del listed[lost]

    try:
        assert not redemption_list(mutant.answer).is_complete
    except (NoDataError, WrongFormError):
        return


@thorough(EXAMPLES, few=EXAMPLES // 5)
@given(
    body=st.binary(max_size=200)
    | VALUES.map(as_bytes)
    | mutants().map(lambda mutant: as_bytes(mutant.answer))
    | st.tuples(mutants(), st.integers(0, 3000)).map(lambda cut: as_bytes(cut[0].answer)[: cut[1]]),
    status=st.sampled_from([200, 200, 200, 201, 302, 400, 401, 404, 409, 422, 429, 500, 503, 999]),
)
def test_whatever_is_answered_becomes_a_snapshot_or_an_error_of_ours(
    body: bytes, status: int
) -> None:
    uniqodo = client(Canned(answered(body, status=status)))

    try:
        result: object = uniqodo.redemptions(
            account="main", promotion=PROMOTION, user_id=USER, deadline=CLOCK.after(5)
        )
    except ProviderError as error:
        result = error

    assert isinstance(result, RedemptionList | ProviderError)
    assert "test-key-not-real" not in repr(result)


@pytest.mark.parametrize("base", BASES)
def test_what_is_not_damaged_is_as_it_was(base: object) -> None:
    answer = base()  # type: ignore[operator]
    mutant = Mutant(base=answer, answer=answer, changed=tuple(field_paths(answer)))

    seen = read_answer(answer)

    assert wrong_values(mutant, seen) == []
    assert redemption_list_of(seen, error_kinds={}).is_complete


def test_a_reader_that_guesses_would_be_found_out() -> None:
    answer = full_answer()
    mutant = Mutant(base=answer, answer=answer, changed=())
    guessed = full_answer()
    guessed["result"] = "success"

    assert wrong_values(mutant, read_answer(guessed)) == ["result"]
