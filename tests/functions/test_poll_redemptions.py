"""The handler of poll_redemptions: its partial-batch response, log and metrics."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from couponbus.domain.errors import CredentialsRefused
from couponbus.events.base import Command
from couponbus.events.commands import ContinueWork
from couponbus.runtime.queue_batches import SqsEvent
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.messages import Message
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from functions.poll_redemptions.handler import handler
from tests.functions.invocation import FakeContext, Output, failing
from tests.functions.polling_harness import PollingHarness
from tests.unit.usecases.polling.polling_world import snapshot, use

FIVE_MINUTES = FakeContext(milliseconds=300_000)


class Recorder(PollRedemptions):
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


def delivery(*messages: Message) -> SqsEvent:
    return {"Records": [{"messageId": each.message_id, "body": each.body} for each in messages]}


def commanding(*commands: Command) -> SqsEvent:
    return delivery(
        *(
            Message(message_id=f"m-{number}", body=command.model_dump_json())
            for number, command in enumerate(commands)
        )
    )


def test_due_watches_are_polled_and_what_is_new_is_recorded(output: Output) -> None:
    harness = PollingHarness(minutes=30)
    harness.show(snapshot(use()))
    harness.tick()

    answer = handler(commanding(*harness.polls.sent), FIVE_MINUTES, service=harness.poller)

    assert answer == {"batchItemFailures": []}
    assert [row.native_id for row in harness.recorded] == ["1"]
    metrics = output.read().only_metrics
    assert (metrics["Recorded"], metrics["News"]) == (1, 1)
    assert metrics["Polls"] == len(harness.redemptions.asked) - 1  # the first poll was earlier


def test_a_poll_without_news_is_counted_and_nothing_else(output: Output) -> None:
    harness = PollingHarness()
    hint = ContinueWork(keys=(harness.watch().key,))

    handler(commanding(hint), FIVE_MINUTES, service=harness.poller)

    printed = output.read()
    (line,) = printed.logs
    assert (line["level"], line["message"]) == ("INFO", "batch polled")
    assert (line["service"], line["request_id"]) == ("poll_redemptions", "request-1")
    assert printed.only_metrics == {"Polls": 1}


def test_a_key_that_is_refused_pauses_the_account_and_rings(output: Output) -> None:
    harness = PollingHarness()
    refused = CredentialsRefused("status_401", provider="uniqodo", route="test", status=401)
    harness.redemptions.failures.append(refused)

    handler(
        commanding(ContinueWork(keys=(harness.watch().key,))), FIVE_MINUTES, service=harness.poller
    )

    metrics = output.read().only_metrics
    assert (metrics["Unauthorised"], metrics["Paused"]) == (1, 1)


def test_what_is_no_command_is_put_aside_and_does_not_come_again() -> None:
    harness = PollingHarness()

    answer = handler(
        delivery(Message(message_id="m-1", body="{not json")), FIVE_MINUTES, service=harness.poller
    )

    assert answer == {"batchItemFailures": []}
    assert [letter.message_id for letter in harness.quarantine.letters] == ["m-1"]


def test_only_messages_that_may_be_lost_come_again(output: Output) -> None:
    report = BatchResult(causes=failing("m-2", "m-5"), metrics={})

    answer = handler(commanding(), FIVE_MINUTES, service=Recorder(report))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-2"}, {"itemIdentifier": "m-5"}]}
    assert output.read().only_metrics == {"Failed": 2}


def test_id_and_body_of_each_message_reach_the_job_as_they_are() -> None:
    job = Recorder(BatchResult(causes={}, metrics={}))
    sent = [Message(message_id="m-1", body="{}"), Message(message_id="m-2", body="{not json")]

    handler(delivery(*sent), FIVE_MINUTES, service=job)

    assert job.messages == sent


def test_the_job_ends_when_the_invocation_does() -> None:
    job = Recorder(BatchResult(causes={}, metrics={}))
    before = datetime.now(UTC)

    handler(delivery(), FakeContext(milliseconds=42_000), service=job)

    (deadline,) = job.deadlines
    assert timedelta(seconds=41) < deadline - before < timedelta(seconds=43)


def test_a_mistake_of_ours_raises_an_alarm_that_names_its_kind(output: Output) -> None:
    report = BatchResult(causes=failing("m-1"), metrics={Metric.POLLS: 3}, bugs=("KeyError",))

    handler(delivery(), FIVE_MINUTES, service=Recorder(report))

    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["errors"]) == ("unexpected error", ["KeyError"])
    assert printed.only_metrics == {"Polls": 3, "Failed": 1, "UnexpectedErrors": 1}
