"""A body is a list of valid sign-ups, or a list of errors that quotes nothing of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.strict_json import BODY_LIMIT, DEPTH_LIMIT
from couponbus.usecases.inbound.http import Problem
from couponbus.usecases.inbound.sign_up_body import (
    PROBLEMS_SHOWN,
    SCHEMA,
    SignUpBatch,
    Unfit,
    advice_on,
    read_sign_ups,
)
from couponbus.usecases.issuing.sign_up_messages import sort_messages
from couponbus.usecases.issuing.sign_up_reading import KNOWN_FIELDS
from couponbus.usecases.messages import Message
from infra.sources import ROOT
from tests.callback_factories import Json, any_detail, body_of
from tests.fakes.clock import NOON

PLANTED = "planted@customer.example"
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
UNKNOWN_FIELDS = st.text(max_size=9).filter(lambda name: name not in KNOWN_FIELDS)


def read(body: bytes) -> SignUpBatch:
    batch = read_sign_ups(body, webhook_id="msg_1", now=NOON)
    assert isinstance(batch, SignUpBatch)
    return batch


def unfit(body: bytes) -> Unfit:
    found = read_sign_ups(body, webhook_id="msg_1", now=NOON)
    assert isinstance(found, Unfit)
    assert PLANTED not in str(found)
    return found


def only(body: bytes) -> Problem:
    (problem,) = unfit(body).problems
    return problem


def test_one_sign_up_may_come_without_a_list() -> None:
    detail = any_detail(signup_id="signup-1")

    assert read(json.dumps(detail).encode()) == read(body_of(detail))
    assert [one.signup_id for one in read(body_of(detail)).sign_ups] == ["signup-1"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (b"", "", "not_json"),
        (b"{", "", "not_json"),
        (b"\xef\xbb\xbf{}", "", "not_json"),
        (b'"\xff"', "", "not_utf8"),
        (b"[]", "", "not_an_object"),
        (b'"planted@customer.example"', "", "not_an_object"),
        (b"null", "", "not_an_object"),
        (b'{"sign_ups": [], "sign_ups": []}', "", "duplicate_key"),
        (b'{"signup_id": NaN}', "", "not_a_finite_number"),
        (b'{"signup_id": 1e999}', "", "not_a_finite_number"),
        (b"[" * 40 + b"]" * 40, "", "too_deep"),
        (b"[" * 100_000, "", "too_deep"),
        (b'{"sign_ups": {}}', "sign_ups", "list_type"),
        (b'{"sign_ups": "planted@customer.example"}', "sign_ups", "list_type"),
        (b'{"sign_ups": null}', "sign_ups", "list_type"),
        (b'{"sign_ups": []}', "sign_ups", "too_short"),
        (json.dumps({"sign_ups": [1] * 101}).encode(), "sign_ups", "too_long"),
    ],
)
def test_a_body_of_another_form_is_answered_with_the_form_that_is_wanted(
    body: bytes, field: str, code: str
) -> None:
    problem = only(body)

    assert (problem.index, problem.field, problem.problem) == (None, field, code)
    assert problem.message.endswith(".")


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"signup_id": ""}, "signup_id", "string_too_short"),
        ({"signup_id": PLANTED * 9}, "signup_id", "string_too_long"),
        ({"signup_id": [PLANTED]}, "signup_id", "string_type"),
        ({"signup_id": f"\x07{PLANTED}"}, "signup_id", "string_pattern_mismatch"),
        ({"signup_id": f"\u202e{PLANTED}"}, "signup_id", "invisible_character"),
        ({"signup_id": " "}, "signup_id", "blank"),
        ({"occurred_at": None}, "occurred_at", "value_error"),
        ({"occurred_at": "2026-06-01T12:05:01Z"}, "occurred_at", "in_the_future"),
        ({"tenant": f"\u200b{PLANTED}"}, "tenant", "invisible_character"),
        ({"customer": PLANTED}, "customer", "model_type"),
    ],
)
def test_a_wrong_field_is_named_with_its_place_and_what_to_do(
    wrong: Json, field: str, code: str
) -> None:
    problem = only(body_of(any_detail(), any_detail(**wrong)))

    assert (problem.index, problem.field, problem.problem) == (1, field, code)


def test_a_missing_field_is_named() -> None:
    problems = unfit(body_of({})).problems

    assert {(each.index, each.field, each.problem) for each in problems} == {
        (0, name, "missing") for name in ("signup_id", "occurred_at", "customer")
    }


def test_what_is_no_object_is_named_by_its_index() -> None:
    problems = unfit(body_of(any_detail(), 7, None, [PLANTED])).problems

    assert [(each.index, each.problem) for each in problems] == [
        (1, "model_type"),
        (2, "model_type"),
        (3, "model_type"),
    ]


def test_unknown_names_are_hidden() -> None:
    problems = unfit(
        body_of(any_detail(signup_id=7.5, attributes={PLANTED: {PLANTED: PLANTED}}))
    ).problems

    assert {each.field for each in problems} == {"signup_id", "attributes.*.*"}


def test_a_flood_of_problems_is_cut_and_counted() -> None:
    found = unfit(body_of(*[{}] * 100))

    assert (len(found.problems), found.omitted) == (PROBLEMS_SHOWN, 300 - PROBLEMS_SHOWN)


def test_a_sign_up_that_its_reader_would_put_aside_is_refused_here() -> None:
    large = any_detail(note="x" * BODY_LIMIT)
    deep = any_detail(note=json.loads("[" * (DEPTH_LIMIT - 1) + "]" * (DEPTH_LIMIT - 1)))

    assert only(body_of(any_detail(), large)).problem == "too_large"
    assert only(json.dumps(deep).encode()).problem == "too_deep"


def test_no_field_of_a_sign_up_is_taken_for_an_envelope_or_a_command() -> None:
    detail = any_detail(**{"type": "ContinueWork", "keys": ["WATCH#A"], "detail-type": "Other"})

    (message,) = read(body_of(detail)).messages
    arrivals = sort_messages([Message(message_id="m-1", body=message)], now=NOON)

    assert (arrivals.commands, arrivals.invalid) == ([], [])
    assert [one.envelope["source"] for one in arrivals.sign_ups] == ["webhook"]


@given(st.dictionaries(UNKNOWN_FIELDS, json_values, max_size=4))
def test_whatever_is_accepted_can_be_sent_and_is_read_as_it_came(extra: Json) -> None:
    detail = {**extra, **any_detail()}

    (message,) = read(body_of(detail)).messages
    arrivals = sort_messages([Message(message_id="m-1", body=message)], now=NOON)

    assert json.loads(message)["detail"] == detail
    assert arrivals.invalid == []
    assert not any(0xD800 <= ord(c) <= 0xDFFF or ord(c) in (0xFFFE, 0xFFFF) for c in message)
    assert message.encode()


@pytest.mark.parametrize("escaped", ["\\ud800", "\\ufffe", "\\uffff", "\\ud83d\\ude00"])
def test_a_character_that_a_queue_refuses_travels_in_another_spelling(escaped: str) -> None:
    body = json.dumps(any_detail())[:-1] + f', "note": "{escaped}"}}'

    (message,) = read(body.encode()).messages

    assert json.loads(message)["detail"]["note"] == json.loads(f'"{escaped}"')
    assert message.encode()


def test_advice_is_a_sentence_and_where_there_is_none_the_schema_is_named() -> None:
    assert advice_on("missing") == "Add this field."
    assert SCHEMA in advice_on("a_code_of_tomorrow")
    assert (ROOT / SCHEMA).is_file()
