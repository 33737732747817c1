"""The handler of fan_out_webhooks: its partial-batch response, log and metrics."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from couponbus.runtime.queue_batches import SqsEvent
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from functions.fan_out_webhooks.handler import handler
from tests import factories
from tests.functions.invocation import FakeContext, Output, failing
from tests.functions.webhook_harness import WebhookHarness
from tests.unit.usecases.webhooks.webhook_world import notification

POISON = Message(message_id="poison", body="{")


class Recorder(FanOutWebhooks):
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


def test_what_happened_becomes_a_delivery_for_the_endpoint_that_wants_it(output: Output) -> None:
    harness = WebhookHarness()
    event = factories.any_event()

    answer = handler(batch(notification(event)), FakeContext(), service=harness.fan_out_webhooks)

    assert answer == {"batchItemFailures": []}
    assert harness.delivery(event).attempt == 0
    assert len(harness.deliveries.sent) == 1
    printed = output.read()
    (line,) = printed.logs
    assert (line["level"], line["message"]) == ("INFO", "fanned out")
    assert (line["service"], line["request_id"]) == ("fan_out_webhooks", "request-1")
    assert printed.only_metrics == {"Events": 1, "Deliveries": 1}


def test_what_is_no_event_is_put_aside_and_does_not_come_again(output: Output) -> None:
    harness = WebhookHarness()

    answer = handler(batch(POISON), FakeContext(), service=harness.fan_out_webhooks)

    assert answer == {"batchItemFailures": []}
    assert [letter.message_id for letter in harness.quarantine.letters] == ["poison"]
    assert output.read().only_metrics == {"Quarantined": 1}


def test_what_the_ledger_did_not_take_comes_again(output: Output) -> None:
    harness = WebhookHarness()
    harness.ledger.will_fail("read")
    one, other = (notification(factories.any_event()) for _ in range(2))

    answer = handler(batch(one, other), FakeContext(), service=harness.fan_out_webhooks)

    assert answer == {
        "batchItemFailures": [
            {"itemIdentifier": one.message_id},
            {"itemIdentifier": other.message_id},
        ]
    }
    metrics = output.read().only_metrics
    assert (metrics["Failed"], metrics["Events"]) == (2, 2)


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
    report = BatchResult(causes=failing("m-1"), metrics={Metric.EVENTS: 3}, bugs=("KeyError",))

    handler(batch(), FakeContext(), service=Recorder(report))

    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["errors"]) == ("unexpected error", ["KeyError"])
    assert alarm["failed"] == ["m-1"]
    assert printed.only_metrics == {"Events": 3, "Failed": 1, "UnexpectedErrors": 1}
