"""Each attempt of a webhook names the trace of its sign-up, and itself as a step of it."""

import json
from dataclasses import replace

import pytest

from couponbus.domain.trace import trace_id_in
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus.domain.webhooks.event_record import event_key
from couponbus.events.base import PublishedEvent
from couponbus.usecases.messages import Message
from couponbus.usecases.traces import Traced
from tests import factories
from tests.fakes.webhooks import answered
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, notification, url_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
FORGED = f"{TRACE}\r\nx-forged: 1"


def traced(event: PublishedEvent, trace_id: object = TRACE) -> Message:
    """Return the message of an event that has this trace id."""
    content = json.loads(notification(event).body)
    content["detail"]["metadata"]["trace_id"] = trace_id
    return Message(message_id=f"m-{event.metadata.id}", body=json.dumps(content))


def a_world(*names: str) -> WebhookWorld:
    world = WebhookWorld()
    world.has(*map(world.make, names))
    return world


def traceparents(world: WebhookWorld, name: str = "shop") -> list[str]:
    return [one.headers["traceparent"] for one in world.arrived(name)]


def test_each_attempt_for_each_endpoint_is_a_step_of_its_own() -> None:
    world = a_world("shop", "crm")
    world.webhooks.always(url_of("shop"), answered(500))
    world.fan_out_messages(traced(factories.any_event()))
    world.deliver()
    world.cycle(seconds=600)

    sent = [*traceparents(world), *traceparents(world, "crm")]

    assert [len(traceparents(world)), len(traceparents(world, "crm"))] == [2, 1]
    assert {trace_id_in(each) for each in sent} == {TRACE}
    assert len(set(sent)) == 3


def test_the_body_says_the_id_as_well_which_alone_is_signed() -> None:
    world = a_world("shop")
    world.fan_out_messages(traced(factories.any_event()))
    world.deliver()

    (one,) = world.arrived("shop")

    assert json.loads(one.body)["metadata"]["trace_id"] == TRACE
    assert trace_id_in(one.headers["traceparent"]) == TRACE


@pytest.mark.parametrize("trace_id", [None, 7, "", "0" * 32, TRACE.upper(), FORGED, [TRACE]])
def test_what_is_no_trace_id_makes_no_header(trace_id: object) -> None:
    world = a_world("shop")
    world.fan_out_messages(traced(factories.any_event(), trace_id))
    world.deliver()

    (one,) = world.arrived("shop")

    assert "traceparent" not in one.headers


def test_an_event_of_an_account_or_of_the_version_before_has_no_header() -> None:
    world = a_world("shop")

    world.fan_out_and_deliver(factories.any_event())

    (one,) = world.arrived("shop")
    assert "traceparent" not in one.headers


def test_published_again_with_an_id_where_there_was_none_it_is_the_same_event() -> None:
    world = a_world("shop")
    event = factories.any_event()
    world.fan_out(event)

    report = world.fan_out_messages(traced(event))
    world.deliver()

    assert report.failed == []
    assert world.quarantine.letters == []
    assert len(world.arrived("shop")) == 1


def test_a_delivery_that_waits_or_is_given_up_names_the_trace_in_the_line_as_well() -> None:
    world = a_world("shop")
    world.fan_out_messages(traced(event := factories.any_event()))
    world.change(replace(world.endpoint(), rate=1))
    world.pace.silent.add("shop")

    waiting = world.deliver()
    world.change(replace(world.endpoint(), state=EndpointState.DISABLED))
    given_up = world.cycle(seconds=600)

    rows = {TRACE: event_key(event.metadata.id)}
    assert waiting.traces == {Traced.POSTPONED: rows}
    assert given_up.traces == {Traced.FAILED: rows}
    assert world.arrived("shop") == []


def test_one_that_is_given_back_unsent_names_its_trace() -> None:
    world = a_world("shop")
    world.webhooks.always(url_of("shop"), answered(429, retry_after=60.0))
    events = [factories.any_event() for _ in range(2)]
    world.fan_out_messages(*map(traced, events, [TRACE, TRACE[::-1]]))

    report = world.deliver()

    assert {what: len(rows) for what, rows in report.traces.items()} == {
        Traced.FAILED: 1,
        Traced.POSTPONED: 1,
    }


def test_one_whose_endpoint_is_paused_before_its_attempt_names_its_trace() -> None:
    world = a_world("shop")
    world.fan_out_messages(traced(factories.any_event()))
    endpoint = world.endpoint()
    paused = endpoint.paused(now=world.clock.now())
    world.ledger.will_be_overtaken(lambda: world.change(paused), after=2, of="read")

    report = world.deliver()

    assert [(what, [*rows]) for what, rows in report.traces.items()] == [
        (Traced.POSTPONED, [TRACE])
    ]


def test_another_fact_under_the_id_of_an_event_is_refused_under_its_trace() -> None:
    world = a_world("shop")
    event = factories.any_event()
    world.fan_out_messages(traced(event))
    forged = traced(event, TRACE[::-1])

    report = world.fan_out_messages(replace(forged, message_id="m-forged"))

    assert len(world.quarantine.letters) == 1
    assert [(what, [*rows]) for what, rows in report.traces.items()] == [
        (Traced.REFUSED, [TRACE[::-1]])
    ]
