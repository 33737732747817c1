"""An unusable message is quarantined, blocks no other, and is reported to its producer."""

import json
from typing import cast

import pytest

from couponbus.domain.errors import QueueUnavailable
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests.unit.usecases.world import World, message

NAMED = Message(message_id="bad-1", body=json.dumps({"signup_id": "s-1", "customer": 7}))
NAMELESS = Message(message_id="bad-2", body="{")


def rejections(world: World) -> list[Rejection]:
    return [row for row in world.ledger.rows.values() if isinstance(row, Rejection)]


def test_a_bad_sign_up_is_quarantined_and_an_event_is_published() -> None:
    world = World()

    report = world.handle(NAMED)
    world.publish()

    assert report.failed == []
    assert report.metrics[Metric.QUARANTINED] == 1
    (letter,) = world.quarantine.letters
    assert (letter.reason, letter.message_id, letter.signup_id) == ("schema", "bad-1", "s-1")
    assert letter.received_at == world.clock.now().isoformat()
    (event,) = cast("list[SignUpRejected]", world.bus.events)
    assert (event.data.signup_id, event.data.reason) == ("s-1", "schema")
    assert event.data.fields == list(letter.fields)


def test_a_sign_up_without_a_readable_id_is_quarantined_without_an_event() -> None:
    world = World()

    report = world.handle(NAMELESS)

    assert report.failed == []
    assert [letter.reason for letter in world.quarantine.letters] == ["not_json"]
    assert world.ledger.rows == {}


def test_a_message_without_a_readable_id_is_kept_whole_and_no_other_is() -> None:
    world = World()
    number = Message(message_id="bad-3", body=json.dumps({"signup_id": 7, "customer": {}}))

    world.handle(NAMED, NAMELESS, message(), number)

    assert world.unidentified.bodies == [NAMELESS.body, number.body]


def test_a_message_of_which_some_parts_have_no_id_is_kept_whole_once() -> None:
    world = World()
    body = json.dumps([{}, json.loads(message().body), 7])

    report = world.handle(Message(message_id="several", body=body))

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED]
    assert world.unidentified.bodies == [body]
    assert len(world.quarantine.letters) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_what_may_not_have_been_kept_whole_comes_again(lost: bool) -> None:
    world = World()
    if lost:
        world.unidentified.will_lose_the_answer()
    else:
        world.unidentified.will_fail()

    report = world.handle(NAMED, message(), NAMELESS)

    assert report.failed == ["bad-2"]
    assert [letter.message_id for letter in world.quarantine.letters] == ["bad-1"]
    assert world.states == [IssuanceState.ISSUED]
    assert world.handle(NAMELESS).failed == []
    assert NAMELESS.body in world.unidentified.bodies


def test_a_bad_message_harms_no_other() -> None:
    world = World()

    report = world.handle(NAMED, message(), NAMELESS)

    assert report.failed == []
    assert report.metrics[Metric.QUARANTINED] == 2
    assert world.states == [IssuanceState.ISSUED]


def test_the_same_bad_message_again_is_published_once() -> None:
    world = World()
    world.handle(NAMED, NAMED)
    world.publish()

    report = world.handle(NAMED)
    world.publish()

    assert report.failed == []
    assert world.published_types == ["SignUpRejected"]
    assert len(rejections(world)) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_what_may_not_have_been_put_aside_comes_again(lost: bool) -> None:
    world = World()
    if lost:
        world.quarantine.will_lose_the_answer()
    else:
        world.quarantine.will_fail()

    report = world.handle(NAMED, message(), NAMELESS)

    assert sorted(report.failed) == ["bad-1", "bad-2"]
    assert report.metrics[Metric.QUARANTINED] == 0
    assert world.states == [IssuanceState.ISSUED]
    assert world.handle(NAMED, NAMELESS).failed == []


def test_what_could_not_be_noted_comes_again() -> None:
    world = World()
    world.ledger.will_fail("write", times=3)

    report = world.handle(NAMED)

    assert report.failed == ["bad-1"]
    assert world.quarantine.letters == []


def test_nothing_of_the_payload_is_kept() -> None:
    canary = "canary-7421@customer.example"
    detail = {"signup_id": "s-1", "customer": {"email": canary + "\n", canary: canary}}
    world = World()

    world.handle(Message(message_id="bad-1", body=json.dumps(detail)))
    world.publish()

    kept = repr((world.ledger.rows, world.quarantine.letters, world.bus.events))
    assert "canary" not in kept


def test_without_anything_bad_the_quarantine_is_left_alone() -> None:
    world = World()
    world.quarantine.will_fail()

    world.handle(message())

    assert world.states == [IssuanceState.ISSUED]
    with pytest.raises(QueueUnavailable):
        world.quarantine.put([])
