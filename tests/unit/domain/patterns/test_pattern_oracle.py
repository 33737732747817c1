"""An independent implementation agrees on random patterns, where it knows the operator."""

import json
from typing import cast

from hypothesis import assume, given
from hypothesis import event as note
from hypothesis import strategies as st
from moto.events.models import EventPattern
from moto.events.utils import EventMessageType

from couponbus.domain.patterns.matcher import compiled
from tests.thorough import thorough

type Json = dict[str, object]

KEYS = st.sampled_from("ab")
TEXTS = st.text("xX", max_size=2)
NETWORKS = st.sampled_from(["10.0.0.0/24", "10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/31"])
ADDRESSES = st.sampled_from(["10.0.0.33", "10.1.2.3", "192.168.0.1"])
# Neither 0 nor 1: the oracle takes them for false and true.
NUMBERS = st.sampled_from([2, 2.5, 3, 3.0, 4, -4.0])
SCALARS = TEXTS | NUMBERS | ADDRESSES | st.none()
EVENTS = st.recursive(
    st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, min_size=1, max_size=3), min_size=1),
    lambda inner: st.dictionaries(KEYS, inner | SCALARS, min_size=1),
    max_leaves=4,
)
FILLED = st.text("xX", min_size=1, max_size=2)
WILDCARDS = st.sampled_from(["*", "x*", "*X", "x*X", "*x*", "*x*X*", "xX", r"x\\*", ""])


def one_or_more(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | list[str]]:
    return values | st.lists(values, min_size=1, max_size=3)


def operator(name: str, operand: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    return operand.map(lambda value: {name: value})


EXCLUDED = st.one_of(
    TEXTS,
    NUMBERS,
    st.lists(TEXTS, min_size=1),
    st.lists(NUMBERS, min_size=1),
    operator("prefix", one_or_more(FILLED)),
    operator("suffix", one_or_more(FILLED)),
    operator("equals-ignore-case", one_or_more(TEXTS)),
    operator("wildcard", one_or_more(WILDCARDS)),
)
COMPARISON = st.tuples(st.sampled_from(["<", "<=", "=", ">=", ">"]), NUMBERS).map(list)
RANGE = st.builds(
    lambda above, low, below, width: [above, low, below, low + width],
    st.sampled_from([">", ">="]),
    NUMBERS,
    st.sampled_from(["<", "<="]),
    st.sampled_from([0.5, 1, 2]),
)
ANY_CASE = operator("equals-ignore-case", TEXTS)
VALUES = st.one_of(
    SCALARS,
    operator("prefix", TEXTS | ANY_CASE),
    operator("suffix", TEXTS | ANY_CASE),
    ANY_CASE,
    operator("wildcard", WILDCARDS),
    operator("anything-but", EXCLUDED),
    operator("numeric", COMPARISON | RANGE),
    operator("cidr", NETWORKS),
    operator("exists", st.booleans()),
)
FIELDS = st.dictionaries(KEYS, st.lists(VALUES, min_size=1, max_size=3), min_size=1)
PATTERNS = st.recursive(
    FIELDS,
    lambda inner: (
        st.dictionaries(KEYS, inner, min_size=1, max_size=2)
        | st.builds(
            lambda fields, choices: fields | {"$or": choices},
            FIELDS,
            st.lists(
                inner.map(
                    lambda fields: (
                        {f"{key}{key}": fields[key] for key in fields if key in "ab"} or fields
                    )
                ),
                min_size=2,
                max_size=3,
            ),
        )
    ),
    max_leaves=4,
)


def paths(pattern: object, within: str = "") -> list[str]:
    if not isinstance(pattern, dict):
        return [within]
    found = [
        path
        for key, value in pattern.items()
        if key != "$or"
        for path in paths(value, f"{within}.{key}")
    ]
    choices = [{*paths(choice, within)} for choice in pattern.get("$or", [])]
    return [*found, *set().union(*choices)]


def agree(pattern: Json, event: Json) -> None:
    oracle = EventPattern.load(json.dumps(pattern))

    expected = oracle.matches_event(cast("EventMessageType", event))

    note(f"matches: {expected}")
    assert compiled(pattern)(event) is expected


@thorough(400, few=100)
@given(value=VALUES, found=SCALARS | st.lists(SCALARS, min_size=1, max_size=3))
def test_the_oracle_agrees_on_one_field(value: object, found: object) -> None:
    agree({"a": [value]}, {"a": found})


@thorough(200, few=60)
@given(pattern=PATTERNS, event=EVENTS)
def test_the_oracle_agrees_on_nested_fields_and_alternatives(pattern: Json, event: Json) -> None:
    # The oracle asks for both where EventBridge's engine takes the last for a path.
    assume(len(set(paths(pattern))) == len(paths(pattern)))
    agree(pattern, event)
