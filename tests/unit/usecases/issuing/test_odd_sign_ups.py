"""An odd field costs no barcode that needs nothing of it; each of 77 sign-ups has its outcome."""

import json
from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.rejection import Rejection
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests.unit.usecases.issuing.odd_sign_ups import Case, cases, text_of
from tests.unit.usecases.world import PROGRAM, World

type Json = dict[str, object]


def body_of(case: Case) -> str:
    text = text_of(case)
    if "queue" in case["via"]:
        return text
    return f'{{"id": "1", "source": "shop", "detail-type": "CustomerSignedUp", "detail": {text}}}'


def after(body: str, *programs: Program) -> World:
    """Return the world in which it was issued what the message asks for, and published."""
    world = World(*programs)
    world.handle(Message(message_id="m-1", body=body))
    world.publish()
    return world


def outcome_of(world: World) -> str:
    """Return the one thing that became of it."""
    if world.quarantine.letters:
        assert all(isinstance(row, Rejection) for row in world.ledger.rows.values())
        return "quarantined"
    if IssuanceState.ISSUED in world.states:
        assert world.states == [IssuanceState.ISSUED]
        return "issued"
    assert world.published_types == ["BarcodeRefused"]
    return "refused"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_each_odd_sign_up_has_the_outcome_that_was_decided(case: Case) -> None:
    world = after(body_of(case))

    assert outcome_of(world) == case["outcome"]
    if case["outcome"] == "quarantined":
        (letter,) = world.quarantine.letters
        assert case["why"] in f"{letter.reason} {letter.fields}"
        return
    (event,) = world.bus.events
    data = event.model_dump()["data"]
    assert data["dropped_fields"] == case.get("dropped", [])
    if case["outcome"] == "refused":
        assert data["reason"] == case["why"]


def test_all_of_them_are_tried() -> None:
    assert len(cases()) == 77


def odd(**changed: object) -> str:
    """Return a sign-up of a customer born in 1990 with some fields replaced."""
    usual: Json = {
        "signup_id": "s",
        "occurred_at": "2026-01-31T12:00:00Z",
        "customer": {"coniq_customer_id": 42, "birth_date": "1990-05-17"},
        "consents": ["marketing"],
    }
    return json.dumps(usual | changed)


ADULTS = replace(PROGRAM, minimum_age=18)
CONSENTING = replace(PROGRAM, required_consents=("marketing",))


@pytest.mark.parametrize(
    ("program", "changed", "reason", "dropped"),
    [
        (
            ADULTS,
            {"customer": {"coniq_customer_id": 42, "birth_date": "05/17/1990"}},
            "age_unknown",
            "customer.birth_date",
        ),
        (ADULTS, {"occurred_at": "yesterday"}, "age_unknown", "occurred_at"),
        (ADULTS, {"occurred_at": "0001-01-01T00:00:00Z"}, "age_unknown", "occurred_at"),
        (CONSENTING, {"consents": {"marketing": True}}, "consent_missing", "consents"),
        (CONSENTING, {"consents": "marketing"}, "consent_missing", "consents"),
        (PROGRAM, {"customer": {"email": "n/a"}}, "identity_missing", "customer.email"),
    ],
)
def test_a_program_that_needs_the_odd_field_refuses_and_names_it(
    program: Program, changed: Json, reason: str, dropped: str
) -> None:
    world = after(odd(**changed), program)

    (event,) = world.bus.events
    data = event.model_dump()["data"]
    assert (event.detail_type, data["reason"]) == ("BarcodeRefused", reason)
    assert data["dropped_fields"] == [dropped]


def test_one_odd_consent_does_not_cost_the_others() -> None:
    world = after(odd(consents=["", None, "marketing", 7, "a\u202eb"]), CONSENTING)

    assert outcome_of(world) == "issued"
    assert world.issuance.consents == ("marketing",)
    assert world.issuance.dropped_fields == ("consents.1", "consents.2")


def test_dropped_fields_are_counted() -> None:
    body = odd(customer={"coniq_customer_id": 42, "email": "n/a"}, attributes={"a": [[]], "b": {}})

    report = World().handle(Message(message_id="m-1", body=body))

    assert report.metrics[Metric.DROPPED_FIELDS] == 2  # e-mail, and all attributes


def test_a_time_in_the_future_is_a_fault_but_for_what_clocks_may_differ() -> None:
    fault = after(odd(occurred_at="2026-06-01T12:05:01Z"))

    assert outcome_of(fault) == "quarantined"
    assert fault.quarantine.letters[0].fields == ("occurred_at: in_the_future",)
    assert outcome_of(after(odd(occurred_at="2026-06-01T12:05:00Z"))) == "issued"


def test_no_clock_of_a_producer_makes_a_customer_older() -> None:
    """It is noon of the first of June here, and a minute past midnight there."""
    eighteen_tomorrow = {"coniq_customer_id": 42, "birth_date": "2008-06-02"}
    ahead = World(ADULTS)
    ahead.clock.pass_time(12 * 3600 - 60)

    ahead.handle(
        Message(
            message_id="m-1",
            body=odd(customer=eighteen_tomorrow, occurred_at="2026-06-02T00:01:00Z"),
        )
    )
    ahead.publish()

    assert outcome_of(ahead) == "refused"
    assert ahead.issuance.reason == "under_age"


def test_a_sign_up_without_a_readable_time_is_kept_once_however_often_it_comes() -> None:
    never = replace(PROGRAM, pattern={"detail": {"signup_id": ["another"]}})
    world = World(never)

    for _ in range(2):
        world.handle(Message(message_id="m-1", body=odd(occurred_at="yesterday")))
        world.clock.pass_time(60)

    assert len([key for key in world.ledger.rows if key.startswith("UNMATCHED#")]) == 1
