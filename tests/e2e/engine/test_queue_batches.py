"""Batches from a queue: as large as configured, as late as the window, settled item by item."""

import json
import time

import pytest

from tests.e2e.engine.laboratory import (
    Laboratory,
    arn,
    function,
    mapping,
    queue,
    ref,
    role,
    until,
)

SEND_THE_BATCH_SIZE = """
    import json, os, boto3, time
    sqs = boto3.client("sqs")

    def handler(event, context):
        report = json.dumps({"size": len(event["Records"]), "at": time.time()})
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=report)
"""

FAIL_WHAT_IS_BAD = """
    def handler(event, context):
        failed = [{"KEY": r["messageId"]} for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": failed}
"""

# What is sent before the mapping is enabled is shared out at once, in ten at a time.
WAITING = {"BatchSize": 200, "MaximumBatchingWindowInSeconds": 1, "Enabled": False}


def counting_stack(laboratory: Laboratory, **settings: object) -> tuple[str, str]:
    stack = laboratory.deploy(
        {
            "In": queue(),
            "Out": queue(),
            "Role": role(("sqs:SendMessage", arn("Out"))),
            "Count": function(
                SEND_THE_BATCH_SIZE,
                its_role="Role",
                Environment={"Variables": {"OUT": ref("Out")}},
            ),
            "Mapping": mapping(source=arn("In"), target=ref("Count"), **settings),
        }
    )
    return laboratory.physical(stack, "In"), laboratory.physical(stack, "Out")


def reports(laboratory: Laboratory, out: str, *, total: int) -> list[dict[str, float]]:
    received: list[dict[str, float]] = []

    def all_handled() -> bool:
        received.extend(json.loads(body) for body in laboratory.take(out))
        return sum(report["size"] for report in received) >= total

    until(all_handled)
    return received


def test_a_thousand_waiting_messages_arrive_in_batches_of_two_hundred(
    laboratory: Laboratory,
) -> None:
    source, out = counting_stack(laboratory, **WAITING)
    laboratory.send(source, [f"message {i}" for i in range(1000)])

    laboratory.enable(source)

    sizes = [report["size"] for report in reports(laboratory, out, total=1000)]
    assert sizes == [200] * 5


@pytest.mark.parametrize(("most_at_once", "sizes"), [(9, [10] * 5), (2, [20, 30])])
def test_what_waits_is_shared_by_five_collectors_or_as_many_as_may_run_at_once(
    laboratory: Laboratory, most_at_once: int, sizes: list[int]
) -> None:
    scaling = {"MaximumConcurrency": most_at_once}
    source, out = counting_stack(laboratory, **WAITING, ScalingConfig=scaling)
    laboratory.send(source, [f"message {i}" for i in range(50)])

    laboratory.enable(source)

    assert sorted(each["size"] for each in reports(laboratory, out, total=50)) == sizes


def test_a_batch_that_is_not_full_waits_for_its_window(laboratory: Laboratory) -> None:
    source, out = counting_stack(laboratory, BatchSize=200, MaximumBatchingWindowInSeconds=2)
    sent = time.time()

    laboratory.send(source, ["first", "second", "third"])

    [report] = reports(laboratory, out, total=3)
    assert report["size"] == 3
    assert 1.9 <= report["at"] - sent < 4


def test_without_a_window_a_message_is_delivered_at_once(laboratory: Laboratory) -> None:
    source, out = counting_stack(laboratory, BatchSize=10)
    laboratory.send(source, ["warm up"])
    reports(laboratory, out, total=1)
    sent = time.time()

    laboratory.send(source, ["only one"])

    [report] = reports(laboratory, out, total=1)
    assert report["at"] - sent < 1.5


def test_only_the_failed_items_come_again_and_end_in_the_dead_letters(
    laboratory: Laboratory,
) -> None:
    source, dead = failing_stack(laboratory, key="itemIdentifier")

    laboratory.send(source, ["good", "bad", "good"])

    assert until(lambda: laboratory.take(dead)) == ["bad"]


def test_a_misspelt_identifier_fails_the_whole_batch(laboratory: Laboratory) -> None:
    source, dead = failing_stack(laboratory, key="itemIdentifer")

    laboratory.send(source, ["good", "bad"])

    assert sorted(laboratory.take_all(dead, count=2)) == ["bad", "good"]


def failing_stack(laboratory: Laboratory, *, key: str) -> tuple[str, str]:
    stack = laboratory.deploy(
        {
            "Dead": queue(),
            "In": queue(
                VisibilityTimeout=3,
                RedrivePolicy={"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 2},
            ),
            "Role": role(),
            "Fail": function(FAIL_WHAT_IS_BAD.replace("KEY", key), its_role="Role", Timeout=1),
            "Mapping": mapping(
                source=arn("In"),
                target=ref("Fail"),
                BatchSize=10,
                FunctionResponseTypes=["ReportBatchItemFailures"],
            ),
        }
    )
    return laboratory.physical(stack, "In"), laboratory.physical(stack, "Dead")
