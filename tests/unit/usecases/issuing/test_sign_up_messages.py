"""A message is a sign-up, a command, or quarantined with a reason; none is lost."""

import hashlib
import json

import pytest

from couponbus.events.commands import KEYS_MAX
from couponbus.usecases.issuing.sign_up_messages import FIELDS_SHOWN, Arrivals, sort_messages
from couponbus.usecases.messages import InvalidMessage, Message
from tests.fakes.clock import NOON

type Json = dict[str, object]

SIGN_UP: Json = {
    "signup_id": "signup-1",
    "occurred_at": "2026-06-01T12:00:00Z",
    "customer": {"coniq_customer_id": 42},
}
ENVELOPE: Json = {
    "version": "0",
    "id": "event-1",
    "detail-type": "CustomerSignedUp",
    "source": "shop.accounts",
    "account": "123456789012",
    "detail": SIGN_UP,
}
KEY = "ISSUANCE#J7OV3HHE653VCEMPERBZXHSJMO"


def sort(*bodies: str) -> Arrivals:
    return sort_messages(
        [Message(message_id=f"m-{index}", body=body) for index, body in enumerate(bodies)], now=NOON
    )


def put_aside(body: str) -> InvalidMessage:
    arrivals = sort(body)

    assert (arrivals.sign_ups, arrivals.commands) == ([], [])
    (only,) = arrivals.invalid
    return only


def with_field(name: str, literal: str) -> str:
    return json.dumps(SIGN_UP)[:-1] + f', "{name}": {literal}}}'


def test_an_event_from_the_bus_is_matched_as_a_whole() -> None:
    (only,) = sort(json.dumps(ENVELOPE)).sign_ups

    assert only.message_id == "m-0"
    assert only.event.signup_id == "signup-1"
    assert only.envelope == ENVELOPE


def test_a_bare_sign_up_is_matched_as_if_the_bus_had_brought_it() -> None:
    (only,) = sort(json.dumps(SIGN_UP)).sign_ups

    assert only.envelope == {
        "source": "sqs",
        "detail-type": "CustomerSignedUp",
        "detail": SIGN_UP,
    }


def test_a_command_is_not_a_sign_up() -> None:
    arrivals = sort(json.dumps({"type": "ContinueWork", "keys": [KEY]}))

    assert (arrivals.sign_ups, arrivals.invalid) == ([], [])
    assert [command.keys for command in arrivals.commands] == [(KEY,)]


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"keys": []},
        {"keys": KEY},
        {"keys": [KEY] * (KEYS_MAX + 1)},
        {"keys": [7]},
        {"keys": [""]},
        {"keys": ["\u0000"]},
        {"keys": ["\ud800"]},
        {"keys": [KEY], "more": 1},
    ],
    ids=ascii,
)
def test_a_command_with_bad_keys_is_put_aside(command: Json) -> None:
    wrong = put_aside(json.dumps({"type": "ContinueWork"} | command))

    assert wrong.reason == "not_a_command"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not_json"),
        (" ", "not_json"),
        ("{", "not_json"),
        ("<html></html>", "not_json"),
        ('{"signup_id": "a\x00b"}', "not_json"),
        ('{"signup_id": "a\nb"}', "not_json"),
        ("{'signup_id': 'a'}", "not_json"),
        ("1" * 5000, "not_json"),
        (with_field("n", "1" * 5000), "not_json"),
        ("null", "not_an_object"),
        ("true", "not_an_object"),
        ("42", "not_an_object"),
        ('"text"', "not_an_object"),
        ("[]", "not_an_object"),
        (json.dumps(ENVELOPE | {"detail": None}), "not_an_object"),
        (json.dumps(ENVELOPE | {"detail": [SIGN_UP]}), "not_an_object"),
        (json.dumps(ENVELOPE | {"detail-type": "OrderPlaced"}), "unexpected_detail_type"),
        (json.dumps(ENVELOPE | {"detail-type": None}), "unexpected_detail_type"),
        (json.dumps(ENVELOPE | {"detail-type": ["CustomerSignedUp"]}), "unexpected_detail_type"),
        (with_field("n", "NaN"), "not_a_finite_number"),
        (with_field("n", "Infinity"), "not_a_finite_number"),
        (with_field("n", "[-Infinity]"), "not_a_finite_number"),
        (with_field("n", "1e999"), "not_a_finite_number"),
        (with_field("n", "-1e999"), "not_a_finite_number"),
        (with_field("signup_id", '"signup-2"'), "duplicate_key"),
        (with_field("n", '{"a": 1, "\\u0061": 2}'), "duplicate_key"),
        ("[" * 100_000, "too_large"),
        (with_field("n", '"' + "x" * 65_536 + '"'), "too_large"),
        ("[" * 60_000, "too_deep"),
        (with_field("n", "[" * 30_000 + "]" * 30_000), "too_deep"),
        (with_field("n", "[" * 3_000 + "]" * 3_000), "too_deep"),
        (with_field("n", '{"a":' * 3_000 + "1" + "}" * 3_000), "too_deep"),
        (with_field("n", "[" * 32 + "]" * 32), "too_deep"),
        ("{}", "schema"),
        (json.dumps(ENVELOPE | {"detail": {}}), "schema"),
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_what_no_reader_could_trust_is_put_aside_with_its_reason(body: str, reason: str) -> None:
    assert put_aside(body).reason == reason


@pytest.mark.parametrize(
    "literal",
    [
        "[" * 31 + "]" * 31,
        "[" + "[1]," * 5_000 + "{}]",
        '"' + "[" * 60_000 + '"',
        "1e308",
        "1" * 4000,
        '"\\ud83d\\ude00"',
        '"\\ud800"',
        '{"\\ud800": 1}',
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_odd_values_in_fields_that_are_not_read_do_no_harm(literal: str) -> None:
    assert [one.event.signup_id for one in sort(with_field("n", literal)).sign_ups] == ["signup-1"]


def test_the_wrong_fields_are_named_and_their_values_are_not() -> None:
    canary = "canary-7421"
    wrong = put_aside(
        json.dumps(
            {
                "signup_id": canary + "\n",
                "occurred_at": canary,
                "tenant": canary * 99,
                "customer": {"email": canary, "birth_date": canary, "coniq_customer_id": canary},
                "consents": [canary, 7],
                "attributes": {canary: {canary: canary}},
            }
        )
    )

    assert "customer.email: string_pattern_mismatch" in wrong.fields
    assert "consents.1: string_type" in wrong.fields
    assert any(field.startswith("attributes.*") for field in wrong.fields)
    assert "canary" not in repr(wrong)
    assert (wrong.signup_id, wrong.tenant) == (None, None)


def test_a_message_that_is_all_wrong_names_some_of_its_fields() -> None:
    attributes: Json = {f"a{number}": {} for number in range(49)}
    consents = list(range(49))

    wrong = put_aside(json.dumps({"attributes": attributes, "consents": consents}))

    assert len(wrong.fields) == FIELDS_SHOWN


def test_a_bad_sign_up_with_a_readable_id_is_reported_to_its_producer() -> None:
    wrong = put_aside(json.dumps(ENVELOPE | {"detail": SIGN_UP | {"customer": None}}))

    assert (wrong.event_id, wrong.signup_id, wrong.tenant) == ("event-1", "signup-1", "default")
    assert wrong.fields == ("customer: model_type",)


@pytest.mark.parametrize("hostile", [7, True, [], "a\nb", "\u202e", "\ud800", "x" * 129])
def test_ids_that_are_no_names_are_not_repeated(hostile: object) -> None:
    detail = {"signup_id": hostile, "tenant": hostile}

    wrong = put_aside(json.dumps(ENVELOPE | {"id": hostile, "detail": detail}))

    assert (wrong.event_id, wrong.signup_id, wrong.tenant) == (None, None, None)


@pytest.mark.parametrize("body", ["é", "\ud800 not utf-8", ""])
def test_a_bad_message_is_known_by_its_bytes(body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")

    wrong = put_aside(body)

    assert (wrong.sha256, wrong.size) == (hashlib.sha256(raw).hexdigest(), len(raw))


def test_a_bad_message_harms_no_other() -> None:
    good = [json.dumps(SIGN_UP | {"signup_id": f"good-{number}"}) for number in range(3)]
    schema = json.dumps(SIGN_UP | {"customer": 7})
    command = json.dumps({"type": "ContinueWork", "keys": [KEY]})

    arrivals = sort(good[0], "{", schema, good[1], command, schema, good[2])

    assert [one.event.signup_id for one in arrivals.sign_ups] == ["good-0", "good-1", "good-2"]
    assert [one.message_id for one in arrivals.sign_ups] == ["m-0", "m-3", "m-6"]
    assert [one.message_id for one in arrivals.invalid] == ["m-1", "m-2", "m-5"]
    assert len(arrivals.commands) == 1


def test_nothing_is_sorted_into_nothing() -> None:
    assert sort() == Arrivals(sign_ups=[], commands=[], invalid=[])


def test_a_message_does_not_show_what_it_carries() -> None:
    assert "secret" not in repr(Message(message_id="m", body="secret"))
    (only,) = sort(with_field("canary", '"secret"')).sign_ups
    assert "secret" not in repr(only)
