"""The handler of issue_barcodes: its partial-batch response, log and metrics."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from couponbus.runtime.queue_batches import SqsEvent
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.messages import Message
from functions.issue_barcodes.handler import handler
from tests.fakes.barcodes import Fate
from tests.functions.invocation import FakeContext, Output, failing
from tests.functions.issuing_harness import IssuingHarness
from tests.unit.usecases.world import message

SAMPLES = Path(__file__).parent.parent.parent / "events" / "samples"


class Recorder(IssueBarcodes):
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


def reporting(*, failed: Sequence[str] = (), **counts: int) -> Recorder:
    metrics = {Metric[name.upper()]: number for name, number in counts.items()}
    return Recorder(BatchResult(causes=failing(*failed), metrics=metrics))


def delivery(*messages: Message) -> SqsEvent:
    return {"Records": [{"messageId": each.message_id, "body": each.body} for each in messages]}


def bridged(sample: str) -> str:
    """Return a released sample in the EventBridge envelope, as the queue receives it."""
    detail = json.loads((SAMPLES / sample).read_text(encoding="utf-8"))
    return json.dumps({"detail-type": "CustomerSignedUp", "source": "shop", "detail": detail})


def test_a_released_sample_gets_its_barcode_and_does_not_come_again() -> None:
    harness = IssuingHarness()
    body = bridged("CustomerSignedUp.v1.json")

    answer = handler(
        delivery(Message(message_id="m-1", body=body)),
        FakeContext(),
        service=harness.issue_barcodes,
    )

    assert answer == {"batchItemFailures": []}
    assert [post.requests[0].customer_id for post in harness.barcodes.posts] == [4001]


def test_only_messages_that_may_be_lost_come_again() -> None:
    job = reporting(failed=("m-2", "m-5"))
    messages = [message(signup_id=str(number), message_id=f"m-{number}") for number in range(6)]

    answer = handler(delivery(*messages), FakeContext(), service=job)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-2"}, {"itemIdentifier": "m-5"}]}


def test_a_silent_ledger_sends_every_message_back() -> None:
    harness = IssuingHarness()
    harness.ledger.will_fail("write", times=10)

    answer = handler(
        delivery(message(message_id="m-1")), FakeContext(), service=harness.issue_barcodes
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_id_and_body_of_each_message_reach_the_job_as_they_are() -> None:
    job = reporting()
    sent = [message(message_id="m-1"), Message(message_id="m-2", body="{not json")]

    handler(delivery(*sent), FakeContext(), service=job)

    assert job.messages == sent


def test_the_job_ends_when_the_invocation_does() -> None:
    job = reporting()
    before = datetime.now(UTC)

    handler(delivery(message()), FakeContext(milliseconds=42_000), service=job)

    (deadline,) = job.deadlines
    assert timedelta(seconds=41) < deadline - before < timedelta(seconds=43)


def test_a_batch_makes_one_log_line_and_one_metric_record(
    output: Output,
) -> None:
    harness = IssuingHarness()
    messages = [message(customer, signup_id=f"s-{customer}") for customer in range(1, 31)]

    handler(delivery(*messages), FakeContext(), service=harness.issue_barcodes)

    printed = output.read()
    (line,) = printed.logs
    assert (line["level"], line["message"]) == ("INFO", "batch done")
    assert (line["service"], line["request_id"]) == ("issue_barcodes", "request-1")
    assert printed.only_metrics == {
        "SignUps": 30,
        "Calls": 1,
        "ItemsPosted": 30,
        "ItemsPerCall": 30,
        "Issued": 30,
        "UnmatchedShare": 0,
        "RefusedShare": 0,
    }
    assert printed.units["UnmatchedShare"] == "Percent"


def test_what_went_wrong_is_counted(output: Output) -> None:
    harness = IssuingHarness()
    harness.barcodes.will(Fate.LOST_AFTER)

    handler(delivery(message()), FakeContext(), service=harness.issue_barcodes)

    printed = output.read()
    assert printed.only_metrics["Unknown"] == 1
    assert printed.only_metrics["LongestWaitSeconds"] == 0
    assert printed.units["LongestWaitSeconds"] == "Seconds"


def test_messages_that_come_again_are_counted(output: Output) -> None:
    handler(delivery(message()), FakeContext(), service=reporting(failed=("m-1", "m-2")))

    assert output.read().only_metrics == {"Failed": 2}


def test_items_per_call_are_the_mean_of_a_batch(output: Output) -> None:
    handler(delivery(message()), FakeContext(), service=reporting(calls=4, items_posted=10))

    assert output.read().only_metrics["ItemsPerCall"] == 2.5


def test_the_share_of_refused_barcodes_is_of_those_that_the_batch_decided(output: Output) -> None:
    job = reporting(sign_ups=9, issued=2, adopted=1, refused=1, unknown=5)

    handler(delivery(message()), FakeContext(), service=job)

    printed = output.read()
    assert printed.only_metrics["RefusedShare"] == 25
    assert printed.units["RefusedShare"] == "Percent"


def test_a_batch_that_decided_nothing_has_no_share_of_refusals(output: Output) -> None:
    handler(delivery(message()), FakeContext(), service=reporting(sign_ups=1, unknown=1))

    assert "RefusedShare" not in output.read().only_metrics


def test_a_batch_with_nothing_to_count_makes_no_empty_metric_record(
    output: Output,
) -> None:
    handler(delivery(), FakeContext(), service=reporting())

    printed = output.read()
    assert len(printed.logs) == 1
    assert printed.metrics == []


def test_a_mistake_of_ours_raises_an_alarm_and_only_its_messages_come_again(
    output: Output,
) -> None:
    job = Recorder(BatchResult(causes=failing("m-1"), metrics={}, bugs=("KeyError",)))

    answer = handler(delivery(message()), FakeContext(), service=job)

    printed = output.read()
    alarms = [line for line in printed.logs if line["level"] == "ERROR"]
    assert [(line["message"], line["errors"], line["failed"]) for line in alarms] == [
        ("unexpected error", ["KeyError"], ["m-1"])
    ]
    assert printed.only_metrics == {"Failed": 1, "UnexpectedErrors": 1}
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_what_can_neither_be_read_nor_stored_is_named_and_counted(output: Output) -> None:
    job = Recorder(BatchResult(causes={}, metrics={}, broken=frozenset({"PROGRAM#welcome"})))

    handler(delivery(message()), FakeContext(), service=job)

    printed = output.read()
    alarms = [line for line in printed.logs if line["level"] == "ERROR"]
    assert [(line["message"], line["keys"]) for line in alarms] == [
        ("rows broken", ["PROGRAM#welcome"])
    ]
    assert printed.only_metrics["BrokenRows"] == 1


def test_a_letter_names_the_source_of_the_event_and_the_queue_of_the_message() -> None:
    harness = IssuingHarness()
    body = json.dumps({"id": "e-1", "source": "shop.orders", "detail-type": "OrderPlaced"})
    arn = "arn:aws:sqs:eu-west-1:111122223333:couponbus-dev-signups"

    handler(
        {"Records": [{"messageId": "m-1", "body": body, "eventSourceARN": arn}]},
        FakeContext(),
        service=harness.issue_barcodes,
    )

    (letter,) = harness.quarantine.letters
    assert (letter.event_id, letter.source) == ("e-1", "shop.orders")
    assert letter.queue == "couponbus-dev-signups"
