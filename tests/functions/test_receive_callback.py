"""The handler of receive_callback: an HTTP request in, a response and one log line out."""

import json

import pytest

from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.events.commands import ContinueWork
from couponbus.usecases.inbound.http import Reception, Request
from couponbus.usecases.inbound.receive_callback import ReceiveCallback
from functions.receive_callback.handler import handler
from tests.callback_factories import any_detail, body_of
from tests.functions.invocation import FakeContext, Output
from tests.functions.receiving_harness import ReceivingHarness
from tests.unit.usecases.inbound.receiving_world import PATH_SECRET
from tests.unit.usecases.webhooks.test_traceparent import TRACE

PLANTED = "planted@customer.example"


class Stumbling(ReceiveCallback):
    def __init__(self, error: Exception) -> None:
        self.error = error

    def handle(self, request: Request) -> Reception:
        raise self.error


def test_sign_ups_are_queued_and_counted(output: Output) -> None:
    harness = ReceivingHarness()
    event = harness.sign_ups_event(body_of(any_detail(signup_id="signup-1"), any_detail()))

    answer = handler(event, FakeContext(), service=harness.receiver)

    assert answer["statusCode"] == 202
    assert json.loads(answer["body"])["accepted"][0] == {"signup_id": "signup-1"}
    assert len(harness.sign_ups.sent) == 2
    printed = output.read()
    (line,) = printed.logs
    assert (line["level"], line["message"]) == ("INFO", "answered")
    assert (line["service"], line["request_id"]) == ("receive_callback", "request-1")
    assert (line["route"], line["status"]) == ("ANY /sign-ups", 202)
    assert printed.only_metrics == {"SignUpsReceived": 2}


def test_the_line_names_the_traces_that_the_accepted_sign_ups_will_have(output: Output) -> None:
    harness = ReceivingHarness()
    derived = harness.pseudonyms.trace_id(tenant="default", signup_id=PLANTED)
    body = body_of(
        any_detail(traceparent=f"00-{TRACE}-00f067aa0ba902b7-01"),
        any_detail(signup_id=PLANTED, traceparent="00-not-one"),
    )
    event = harness.sign_ups_event(body)

    handler(event, FakeContext(), service=harness.receiver)
    handler(event, FakeContext(), service=harness.receiver)
    refused = harness.sign_ups_event(body_of(any_detail(signup_id="")))
    handler(refused, FakeContext(), service=harness.receiver)

    printed = output.read()
    assert [line.get("traces") for line in printed.logs] == [
        {"received": [TRACE, derived]},
        {"duplicate": [TRACE, derived]},
        None,
    ]
    assert PLANTED not in json.dumps(printed.lines)


def test_without_the_pepper_sign_ups_are_accepted_and_the_line_has_no_traces(
    output: Output,
) -> None:
    harness = ReceivingHarness()
    harness.pseudonyms.failure = SecretUnavailable("pepper", code="get_secret_value:AccessDenied")

    answer = handler(
        harness.sign_ups_event(body_of(any_detail())), FakeContext(), service=harness.receiver
    )

    (line,) = output.read().logs
    assert answer["statusCode"] == 202
    assert len(harness.sign_ups.sent) == 1
    assert line["counts"] == {"SignUpsReceived": 1}
    assert "traces" not in line


def test_what_could_not_be_queued_is_named_with_its_reason(output: Output) -> None:
    harness = ReceivingHarness()
    event = harness.sign_ups_event(
        body_of(any_detail(traceparent=f"00-{TRACE}-00f067aa0ba902b7-01"))
    )
    harness.sign_ups.will_fail()

    answer = handler(event, FakeContext(), service=harness.receiver)
    harness.keys.failure = SecretUnavailable(PLANTED, code="get_secret_value:AccessDenied")
    handler(event, FakeContext(), service=harness.receiver)

    unqueued, unread = output.read().logs
    assert answer["statusCode"] == 503
    assert unqueued["traces"] == {"failed": [TRACE]}
    assert unqueued["failed"] == [{"why": "QueueUnavailable:send_message_batch:ReadTimeoutError"}]
    assert "traces" not in unread
    assert unread["failed"] == [{"why": "SecretUnavailable:get_secret_value:AccessDenied"}]


def test_a_callback_becomes_a_hint(output: Output) -> None:
    harness = ReceivingHarness()

    answer = handler(
        harness.callback_event("promotionId=p&userId=u"), FakeContext(), service=harness.receiver
    )

    assert answer["statusCode"] == 204
    assert [type(command) for command in harness.polls.sent] == [ContinueWork]
    assert output.read().only_metrics == {"Hints": 1}


@pytest.mark.parametrize("secret", [PATH_SECRET, "a-wrong-obviously-fake-secret"])
def test_the_log_has_neither_secret_nor_parameters(output: Output, secret: str) -> None:
    harness = ReceivingHarness()
    event = harness.callback_event(f"promotionId=p&userId={PLANTED}", secret=secret)

    handler({**event, "rawQueryString": PLANTED}, FakeContext(), service=harness.receiver)

    printed = json.dumps(output.read().lines)
    assert "ANY /callbacks/uniqodo/{secret}" in printed
    assert secret not in printed
    assert PLANTED not in printed


def test_a_refusal_is_counted_by_its_reason(output: Output) -> None:
    harness = ReceivingHarness()
    body = body_of(any_detail(customer=PLANTED))

    answer = handler(harness.sign_ups_event(body), FakeContext(), service=harness.receiver)

    assert answer["statusCode"] == 400
    printed = output.read()
    assert printed.only_metrics == {"RefusedInvalid": 1}
    assert PLANTED not in json.dumps(printed.lines) + answer["body"]


def test_an_unusable_secret_raises_an_alarm_that_says_which_form_it_must_have(
    output: Output,
) -> None:
    harness = ReceivingHarness()
    harness.keys.failure = ConfigurationInvalid("a signing secret is whsec_ and so on")

    answer = handler(harness.sign_ups_event(b"{}"), FakeContext(), service=harness.receiver)

    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "30")
    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["error"]) == ("secret unusable", str(harness.keys.failure))
    assert printed.only_metrics == {"Misconfigured": 1}


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (KeyError(PLANTED), "KeyError"),
        (ConfigurationInvalid("these are missing: TABLE_NAME"), "these are missing: TABLE_NAME"),
    ],
)
def test_a_mistake_of_ours_is_answered_without_a_word_of_it_and_raises_an_alarm(
    output: Output, error: Exception, named: str
) -> None:
    event = ReceivingHarness().sign_ups_event(b"{}")

    answer = handler(event, FakeContext(), service=Stumbling(error))

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["error"] == "internal"
    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["errors"]) == ("unexpected error", [named])
    assert printed.only_metrics == {"UnexpectedErrors": 1}
    assert PLANTED not in json.dumps(printed.lines) + answer["body"]
