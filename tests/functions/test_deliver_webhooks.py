"""The handler of deliver_webhooks: its partial-batch response, log and metrics."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.events.base import Command
from couponbus.runtime.queue_batches import SqsEvent
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from functions.deliver_webhooks.handler import handler
from tests import factories
from tests.fakes.webhooks import answered
from tests.functions.invocation import FakeContext, Output, failing
from tests.functions.webhook_harness import WebhookHarness
from tests.unit.usecases.webhooks.webhook_world import url_of

POISON = Message(message_id="poison", body="{")


class Recorder(DeliverWebhooks):
    """Records its calls and answers as configured."""

    __setattr__ = object.__setattr__  # the real service is frozen, this fake records

    def __init__(self, report: BatchResult) -> None:
        self.report = report
        self.messages: list[Message] = []
        self.deadlines: list[datetime] = []

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        self.messages += messages
        self.deadlines.append(deadline)
        return self.report


def batch(*messages: Message) -> SqsEvent:
    return {"Records": [{"messageId": each.message_id, "body": each.body} for each in messages]}


def asking(*commands: Command) -> SqsEvent:
    return batch(
        *(
            Message(message_id=f"m-{number}", body=command.model_dump_json())
            for number, command in enumerate(commands)
        )
    )


def test_what_is_due_is_sent_and_counted(output: Output) -> None:
    harness = WebhookHarness()
    event = factories.any_event()
    harness.fan_out(event)

    answer = handler(
        asking(*harness.deliveries.sent), FakeContext(), service=harness.deliver_webhooks
    )

    assert answer == {"batchItemFailures": []}
    assert harness.delivery(event).state is DeliveryState.DELIVERED
    assert len(harness.arrived()) == 1
    printed = output.read()
    (line,) = printed.logs
    assert (line["level"], line["message"]) == ("INFO", "batch delivered")
    assert (line["service"], line["request_id"]) == ("deliver_webhooks", "request-1")
    assert printed.only_metrics == {"Attempts": 1, "Delivered": 1}


def test_an_attempt_that_failed_brings_no_message_back(output: Output) -> None:
    harness = WebhookHarness()
    harness.webhooks.will(url_of("shop"), answered(500))
    harness.fan_out(factories.any_event())

    answer = handler(
        asking(*harness.deliveries.sent), FakeContext(), service=harness.deliver_webhooks
    )

    assert answer == {"batchItemFailures": []}
    assert output.read().only_metrics == {"Attempts": 1, "FailedAttempts": 1}


def test_a_disabled_endpoint_rings(output: Output) -> None:
    harness = WebhookHarness()
    harness.webhooks.will(url_of("shop"), answered(410))
    harness.fan_out(factories.any_event())

    handler(asking(*harness.deliveries.sent), FakeContext(), service=harness.deliver_webhooks)

    metrics = output.read().only_metrics
    assert (metrics["Disabled"], metrics["Exhausted"]) == (1, 1)


def test_an_invocation_that_is_about_to_end_sends_nothing(output: Output) -> None:
    harness = WebhookHarness()
    harness.fan_out(factories.any_event())
    context = FakeContext(milliseconds=15_000)

    answer = handler(asking(*harness.deliveries.sent), context, service=harness.deliver_webhooks)

    assert answer == {"batchItemFailures": []}
    assert harness.arrived() == []
    assert output.read().metrics == []


def test_what_is_no_request_is_put_aside_and_does_not_come_again() -> None:
    harness = WebhookHarness()

    answer = handler(batch(POISON), FakeContext(), service=harness.deliver_webhooks)

    assert answer == {"batchItemFailures": []}
    assert [letter.message_id for letter in harness.quarantine.letters] == ["poison"]


def test_what_could_not_be_stored_comes_again() -> None:
    harness = WebhookHarness()
    harness.fan_out(factories.any_event())
    harness.ledger.will_fail("write", times=3)

    answer = handler(
        asking(*harness.deliveries.sent), FakeContext(), service=harness.deliver_webhooks
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert len(harness.arrived()) == 1


def test_id_and_body_of_each_message_reach_the_job_which_ends_when_the_invocation_does() -> None:
    job = Recorder(BatchResult(causes=failing("m-2"), metrics={}))
    sent = [Message(message_id="m-1", body="{}"), POISON]
    before = datetime.now(UTC)

    answer = handler(batch(*sent), FakeContext(milliseconds=42_000), service=job)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    assert job.messages == sent
    (deadline,) = job.deadlines
    assert timedelta(seconds=41) < deadline - before < timedelta(seconds=43)


def test_a_mistake_of_ours_raises_an_alarm_that_names_its_kind(output: Output) -> None:
    report = BatchResult(causes=failing("m-1"), metrics={Metric.ATTEMPTS: 3}, bugs=("KeyError",))

    handler(batch(), FakeContext(), service=Recorder(report))

    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["errors"]) == ("unexpected error", ["KeyError"])
    assert printed.only_metrics == {"Attempts": 3, "Failed": 1, "UnexpectedErrors": 1}
