"""A trace id is taken as W3C Trace Context says, or derived; either is the same each time."""

import hmac
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.identity import canonical
from couponbus.domain.trace import (
    span_id_of,
    trace_id_for,
    trace_id_in,
    trace_id_of,
    traceparent_of,
    valid_id,
)

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"
PEPPER = "test-pepper-not-real"
HEX_32, HEX_16 = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ALMOST = st.from_regex(r"[0-9a-fA-F]{2}-[0-9a-f]{31,33}-[0-9a-f]{15,17}-[0-9a-f]{1,3}.{0,3}")


@pytest.mark.parametrize(
    "given",
    [
        GIVEN,
        f"00-{TRACE}-{SPAN}-00",
        f"00-{TRACE}-{SPAN}-ff",
        f"01-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01-what-the-future-brings",
        f"fe-{TRACE}-{SPAN}-01-",
    ],
)
def test_the_id_is_taken_from_this_version_and_from_later_ones(given: str) -> None:
    assert trace_id_in(given) == TRACE


@pytest.mark.parametrize(
    "given",
    [
        "",
        TRACE,
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        GIVEN.upper(),
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0G",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}0-{SPAN}-01",
        f"00-{TRACE}-{SPAN[1:]}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-011",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f"01-{TRACE}-{SPAN}-01.more",
        f"cc-{TRACE}-{SPAN}-0",
        f" {GIVEN}",
        f"{GIVEN} ",
        f"\x00{GIVEN}",
        f"00_{TRACE}_{SPAN}_01",
        f"00-{TRACE[:-1]}\uff11-{SPAN}-01",
        GIVEN * 200,
        "\ud800" * 55,
    ],
)
def test_what_is_no_traceparent_has_no_id(given: str) -> None:
    assert trace_id_in(given) is None


@given(value=ANYTHING | ALMOST | st.just(GIVEN))
def test_anything_at_all_may_be_given(value: object) -> None:
    found = trace_id_in(value)

    assert found is None or (HEX_32.fullmatch(found) and isinstance(value, str) and found in value)


@given(tenant=st.text(), signup_id=st.text())
def test_a_derived_id_is_valid_and_the_same_each_time(tenant: str, signup_id: str) -> None:
    first, second = (
        trace_id_for(pepper=PEPPER, tenant=tenant, signup_id=signup_id) for _ in range(2)
    )

    assert first == second == trace_id_in(traceparent_of(first, span_id=SPAN))
    assert first != trace_id_for(pepper="another", tenant=tenant, signup_id=signup_id)
    parts = canonical(("trace", tenant, signup_id)).encode()
    assert first == hmac.digest(PEPPER.encode(), parts, "sha256").hex()[:32]


def test_the_derived_id_of_a_sign_up_is_what_it_was_when_the_first_one_was_stored() -> None:
    derived = trace_id_for(pepper=PEPPER, tenant="default", signup_id="signup-1")

    assert derived == "3b67d28bd4261a919f4bee0595ef885a"


@given(parts=st.tuples(st.text(), st.text()), others=st.tuples(st.text(), st.text()))
def test_each_sign_up_has_an_id_of_its_own_wherever_its_names_are_cut(
    parts: tuple[str, str], others: tuple[str, str]
) -> None:
    mine, theirs = (
        trace_id_for(pepper=PEPPER, tenant=tenant, signup_id=signup_id)
        for tenant, signup_id in (parts, others)
    )

    assert (mine == theirs) == (json.dumps(parts) == json.dumps(others))


@given(delivery_id=st.text(), round_=st.integers(1, 99), attempt=st.integers(1, 10))
def test_each_attempt_is_a_step_of_its_own(delivery_id: str, round_: int, attempt: int) -> None:
    attempts = {
        span_id_of(delivery_id=delivery_id, round_=each, attempt=number)
        for each in (round_, round_ + 1)
        for number in (attempt, attempt + 1)
    }

    assert len(attempts) == 4
    assert all(HEX_16.fullmatch(one) and int(one, 16) for one in attempts)


def test_a_hash_that_begins_with_zeros_only_still_makes_an_id() -> None:
    assert valid_id("0" * 64, digits=32) == "0" * 31 + "1"
    assert valid_id("0" * 16 + "f" * 48, digits=16) == "0" * 15 + "1"
    assert valid_id("0" * 31 + "a" + "0" * 32, digits=32) == "0" * 31 + "a"


@pytest.mark.parametrize("value", [None, 7, "", "0" * 32, TRACE.upper(), TRACE[1:], [TRACE]])
def test_what_is_no_trace_id_is_none(value: object) -> None:
    assert trace_id_of(value) is None
    assert trace_id_of(TRACE) == TRACE
