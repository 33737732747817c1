"""The one log line of each function names its traces, and why each message comes again."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import BusUnavailable
from couponbus.domain.webhooks.event_record import event_key
from functions.deliver_webhooks.handler import handler as deliver_webhooks
from functions.fan_out_webhooks.handler import handler as fan_out_webhooks
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.poll_redemptions.handler import handler as poll_redemptions
from functions.publish_events.handler import handler as publish_events
from functions.sweep_due.handler import handler as sweep_due
from tests import factories
from tests.fakes.webhooks import answered
from tests.functions.invocation import FakeContext, Json, Output
from tests.functions.issuing_harness import IssuingHarness
from tests.functions.polling_harness import PollingHarness
from tests.functions.test_deliver_webhooks import asking
from tests.functions.test_fan_out_webhooks import batch
from tests.functions.test_issue_barcodes import delivery
from tests.functions.test_poll_redemptions import commanding
from tests.functions.test_publish_events import decision, in_the_ledger, stream
from tests.functions.webhook_harness import WebhookHarness
from tests.unit.usecases.polling.polling_world import snapshot, use
from tests.unit.usecases.webhooks.test_traceparent import TRACE, traced
from tests.unit.usecases.webhooks.webhook_world import url_of
from tests.unit.usecases.world import message

MINUTES = FakeContext(milliseconds=300_000)
LEDGER = "LedgerUnavailable:{operation}:ReadTimeoutError"


def the_line(output: Output) -> Json:
    (line,) = [each for each in output.read().logs if each["level"] == "INFO"]
    return line


def test_a_batch_of_sign_ups_names_each_with_its_row(output: Output) -> None:
    harness = IssuingHarness()

    issue_barcodes(delivery(message()), FakeContext(), service=harness.issue_barcodes)

    line, row = the_line(output), harness.issuance
    assert line["traces"] == {"issued": [row.trace_id]}
    assert line["rows"] == {"issued": [row.key]}
    assert "failed" not in line


def test_what_is_issued_and_not_yet_published_is_named_as_both_with_the_reason(
    output: Output,
) -> None:
    harness = IssuingHarness()
    harness.bus.will(BusUnavailable("a text", code="put_events:ReadTimeoutError"))

    answer = issue_barcodes(delivery(message()), FakeContext(), service=harness.issue_barcodes)

    line, row = the_line(output), harness.issuance
    assert answer == {"batchItemFailures": []}
    assert line["traces"] == {"issued": [row.trace_id], "failed": [row.trace_id]}
    assert line["rows"] == {"issued": [row.key], "failed": [row.key]}
    assert line["failed"] == [{"rows": 1, "why": "BusUnavailable:put_events:ReadTimeoutError"}]


def test_each_message_that_comes_again_stands_in_the_line_with_its_reason(output: Output) -> None:
    harness = IssuingHarness()
    harness.ledger.will_fail("write", times=10)
    messages = [message(number, signup_id=f"s-{number}") for number in range(1, 4)]

    answer = issue_barcodes(delivery(*messages), FakeContext(), service=harness.issue_barcodes)

    again = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
    line = the_line(output)
    assert len(again) == 3
    assert line["failed"] == [
        {"message": one, "why": LEDGER.format(operation="write")} for one in again
    ]
    assert line["traces"] == {
        "failed": [
            harness.pseudonyms.trace_id(tenant="default", signup_id=f"s-{number}")
            for number in range(1, 4)
        ]
    }


def test_a_poll_names_the_traces_of_what_it_recorded(output: Output) -> None:
    harness = PollingHarness(minutes=30)
    harness.ledger.rows[harness.watch().key] = replace(harness.watch(), trace_id=TRACE)
    harness.show(snapshot(use()))
    harness.tick()

    poll_redemptions(commanding(*harness.polls.sent), MINUTES, service=harness.poller)

    (row,) = harness.recorded
    line = the_line(output)
    assert (line["traces"], line["rows"]) == ({"recorded": [TRACE]}, {"recorded": [row.key]})


def test_a_published_event_names_its_trace_and_a_refused_one_why_as_well(output: Output) -> None:
    harness = IssuingHarness()
    before, after = (replace(row, trace_id=TRACE) for row in decision())
    in_the_ledger(harness, after)

    harness.bus.will(BusUnavailable("a text", code="put_events:ReadTimeoutError"))
    publish_events(stream((before, after)), FakeContext(), service=harness.publish_events)
    refused = the_line(output)
    publish_events(stream((before, after)), FakeContext(), service=harness.publish_events)
    published = the_line(output)

    assert refused["traces"] == {"failed": [TRACE]}
    assert refused["failed"] == [
        {"message": "seq-0", "why": "BusUnavailable:put_events:ReadTimeoutError"}
    ]
    assert (published["traces"], published["rows"]) == (
        {"published": [TRACE]},
        {"published": [after.key]},
    )


def test_what_the_sweeper_publishes_names_its_trace(output: Output) -> None:
    harness = IssuingHarness()
    owed = replace(factories.any_issued(), due_at=harness.clock.now(), trace_id=TRACE)
    harness.ledger.rows[owed.key] = owed

    sweep_due({}, FakeContext(), service=harness.sweep_due)

    assert the_line(output)["traces"] == {"published": [TRACE]}


def test_what_the_sweeper_cannot_do_is_counted_by_its_reason(output: Output) -> None:
    harness = IssuingHarness()
    for _ in range(3):
        watch = replace(factories.any_watch(), due_at=harness.clock.now())
        harness.ledger.rows[watch.key] = watch
    harness.polls.will_fail()

    sweep_due({}, FakeContext(), service=harness.sweep_due)

    why = "QueueUnavailable:send_message_batch:ReadTimeoutError"
    assert the_line(output)["failed"] == [{"rows": 3, "why": why}]


def test_a_fan_out_names_the_traces_of_its_events(output: Output) -> None:
    harness = WebhookHarness()
    sent = traced(event := factories.any_event())

    harness.ledger.will_fail("read")
    fan_out_webhooks(batch(sent), FakeContext(), service=harness.fan_out_webhooks)
    failed = the_line(output)
    fan_out_webhooks(batch(sent), FakeContext(), service=harness.fan_out_webhooks)
    done = the_line(output)

    assert failed["traces"] == {"failed": [TRACE]}
    assert failed["failed"] == [
        {"message": sent.message_id, "why": LEDGER.format(operation="write")}
    ]
    assert done["traces"] == {"fanned_out": [TRACE]}
    assert done["rows"] == {"fanned_out": [event_key(event.metadata.id)]}


@pytest.mark.parametrize(("status", "outcome"), [(200, "delivered"), (500, "failed")])
def test_an_attempt_names_the_trace_of_its_event(output: Output, status: int, outcome: str) -> None:
    harness = WebhookHarness()
    harness.webhooks.will(url_of("shop"), answered(status))
    harness.fan_out_messages(traced(event := factories.any_event()))

    deliver_webhooks(
        asking(*harness.deliveries.sent), FakeContext(), service=harness.deliver_webhooks
    )

    line = the_line(output)
    assert line["traces"] == {outcome: [TRACE]}
    assert line["rows"] == {outcome: [event_key(event.metadata.id)]}
