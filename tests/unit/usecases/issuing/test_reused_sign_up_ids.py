"""A `signup_id` that is used for a second customer: no sign-up is lost."""

import json
from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import ResolutionState
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.inbound.sign_up_body import SignUpBatch, read_sign_ups
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.store import WRITE_TRIES
from tests.fakes.clock import NOON
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

ANN, BOB = "ann@customer.example", "bob@customer.example"


def of(email: str | None, *, message_id: str, customer_id: int | None = None) -> Message:
    return message(customer_id, signup_id="s1", message_id=message_id, email=email)


def coniq_knows(world: World, email: str, *, customer_id: int) -> None:
    world.barcodes.knows(account=BRAND, email=email, customer_id=customer_id)


def rejections(world: World) -> list[Rejection]:
    return [row for row in world.ledger.rows.values() if isinstance(row, Rejection)]


def rejection_events(world: World) -> list[tuple[str, str]]:
    world.publish()
    events = [one for one in world.bus.events if isinstance(one, SignUpRejected)]
    return [(event.data.signup_id, event.data.reason) for event in events]


def test_the_second_customer_is_rejected_while_the_first_one_waits() -> None:
    world = World()
    world.handle(of(ANN, message_id="m-1"))

    report = world.handle(of(BOB, message_id="m-2"))

    assert report.failed == []
    assert report.metrics[Metric.REUSED_SIGN_UP_IDS] == 1
    assert rejection_events(world) == [("s1", "signup_id_reused")]
    assert [row.email for row in world.resolutions] == [ANN]


def test_the_second_customer_of_one_batch_is_rejected_as_well() -> None:
    world = World()

    report = world.handle(of(ANN, message_id="m-1"), of(BOB, message_id="m-2"))

    assert report.failed == []
    assert report.metrics[Metric.REUSED_SIGN_UP_IDS] == 1
    assert rejection_events(world) == [("s1", "signup_id_reused")]
    assert [row.email for row in world.resolutions] == [ANN]


def test_who_comes_again_behind_another_customer_of_the_same_id_keeps_the_place() -> None:
    world = World()
    world.handle(of(BOB, message_id="m-2"))

    world.handle(of(ANN, message_id="m-1"), of(BOB, message_id="m-2"))

    assert [row.email for row in world.resolutions] == [BOB]
    assert len(rejections(world)) == 1


def test_two_known_customers_of_one_batch_get_a_barcode_each() -> None:
    world = World()
    coniq_knows(world, ANN, customer_id=1)
    coniq_knows(world, BOB, customer_id=2)

    report = world.handle(of(ANN, message_id="m-1"), of(BOB, message_id="m-2"))

    assert report.failed == []
    assert sorted(one.customer_id for one in world.issuances) == [1, 2]
    assert world.states == [IssuanceState.ISSUED] * 2
    assert rejections(world) == []


def test_a_known_customer_gets_a_barcode_even_if_another_waits_under_the_id() -> None:
    world = World()
    world.handle(of(ANN, message_id="m-1"))
    coniq_knows(world, BOB, customer_id=2)

    world.handle(of(BOB, message_id="m-2"))

    assert (world.issuance.customer_id, world.issuance.state) == (2, IssuanceState.ISSUED)
    assert [row.state for row in world.resolutions] == [ResolutionState.WAITING]


@pytest.mark.parametrize("together", [True, False])
def test_customers_named_by_their_coniq_ids_get_a_barcode_each(*, together: bool) -> None:
    world = World()
    messages = [
        of(None, message_id="m-1", customer_id=1),
        of(None, message_id="m-2", customer_id=2),
    ]

    for batch in [messages] if together else [[one] for one in messages]:
        world.handle(*batch)

    assert sorted(one.customer_id for one in world.issuances) == [1, 2]
    assert rejections(world) == []


def test_the_same_sign_up_again_is_a_duplicate() -> None:
    world = World()
    world.handle(of(ANN, message_id="m-1"))

    report = world.handle(of(ANN.upper(), message_id="m-2"), of(ANN, message_id="m-1"))

    assert report.failed == []
    assert report.metrics[Metric.DUPLICATES] == 2
    assert report.metrics[Metric.REUSED_SIGN_UP_IDS] == 0
    assert rejection_events(world) == []


def test_the_same_sign_up_in_another_spelling_is_a_duplicate() -> None:
    world = World()
    world.handle(of("jos\u00e9@m\u00fcnchen.example", message_id="m-1"))

    report = world.handle(of("jose\u0301@XN--MNCHEN-3YA.example", message_id="m-2"))

    assert report.metrics[Metric.DUPLICATES] == 1
    assert rejection_events(world) == []


def test_the_second_customer_is_rejected_once_however_often_the_sign_up_comes() -> None:
    second = replace(PROGRAM, name="second", offer_id=8)
    world = World(PROGRAM, second)
    world.handle(of(ANN, message_id="m-1"))

    for _ in range(3):
        world.handle(of(BOB, message_id="m-2"))

    assert rejection_events(world) == [("s1", "signup_id_reused")]


def test_a_customer_refused_by_a_gate_is_rejected_for_the_reused_id_too() -> None:
    world = World(replace(PROGRAM, required_consents=("marketing",)))
    world.handle(message(None, signup_id="s1", email=ANN, consents=["marketing"]))

    world.handle(of(BOB, message_id="m-2"))

    assert rejection_events(world) == [("s1", "signup_id_reused")]
    assert [row.state for row in world.resolutions] == [ResolutionState.WAITING]


def test_a_customer_refused_by_a_gate_does_not_vanish_behind_the_next_one_of_the_batch() -> None:
    world = World(replace(PROGRAM, required_consents=("marketing",)))

    world.handle(
        of(ANN, message_id="m-1"),
        message(None, signup_id="s1", message_id="m-2", email=BOB, consents=["marketing"]),
    )

    (row,) = world.resolutions
    assert (row.state, row.reason) == (ResolutionState.REFUSED, "consent_missing")
    assert rejection_events(world) == [("s1", "signup_id_reused")]


def test_over_http_the_second_customer_is_rejected_as_well() -> None:
    world = World()
    detail = {"signup_id": "s1", "occurred_at": "2026-06-01T11:59:00Z"}
    body = {"sign_ups": [{**detail, "customer": {"email": email}} for email in (ANN, BOB)]}
    batch = read_sign_ups(json.dumps(body).encode(), webhook_id="msg_1", now=NOON)
    assert isinstance(batch, SignUpBatch)

    world.handle(
        *(Message(message_id=f"m-{n}", body=text) for n, text in enumerate(batch.messages))
    )

    assert rejection_events(world) == [("s1", "signup_id_reused")]


def test_what_may_not_be_stored_comes_again() -> None:
    world = World()
    world.handle(of(ANN, message_id="m-1"))
    world.ledger.will_fail("write", times=WRITE_TRIES, after=1)

    report = world.handle(of(BOB, message_id="m-2"))

    assert report.failed == ["m-2"]
