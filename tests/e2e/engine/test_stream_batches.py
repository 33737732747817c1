"""Batches of a table's stream: retried, bisected and given up by the rules of Lambda."""

import json
from collections.abc import Sequence

from tests.e2e.engine.laboratory import (
    Laboratory,
    arn,
    function,
    mapping,
    queue,
    ref,
    role,
    table,
    until,
)

REPORT_OR_RAISE = """
    import json, os, boto3
    sqs = boto3.client("sqs")

    def handler(event, context):
        keys = [r["dynamodb"]["Keys"]["pk"]["S"] for r in event["Records"]]
        if "raise" in keys:
            raise ValueError("one record cannot be read")
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(keys))
        bad = [r for r in event["Records"] if r["dynamodb"]["Keys"]["pk"]["S"] == "fail"]
        return {"batchItemFailures": [
            {"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in bad
        ]}
"""


class Stream:
    def __init__(self, laboratory: Laboratory, **settings: object) -> None:
        self._laboratory = laboratory
        stack = laboratory.deploy(
            {
                "Table": table(StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}),
                "Out": queue(),
                "Dead": queue(),
                "Role": role(("sqs:SendMessage", arn("Out"))),
                "Read": function(
                    REPORT_OR_RAISE,
                    its_role="Role",
                    Environment={"Variables": {"OUT": ref("Out")}},
                ),
                "Mapping": mapping(
                    source={"Fn::GetAtt": ["Table", "StreamArn"]},
                    target=ref("Read"),
                    StartingPosition="TRIM_HORIZON",
                    FunctionResponseTypes=["ReportBatchItemFailures"],
                    DestinationConfig={"OnFailure": {"Destination": arn("Dead")}},
                    **settings,
                ),
            }
        )
        self._table = laboratory.physical(stack, "Table")
        self._out = laboratory.physical(stack, "Out")
        self._dead = laboratory.physical(stack, "Dead")
        self._mapping = laboratory.physical(stack, "Mapping")

    def write(self, keys: Sequence[str]) -> None:
        """Write all keys while the stream is not read, so that one batch finds them in it."""
        functions = self._laboratory.access.functions()
        functions.update_event_source_mapping(UUID=self._mapping, Enabled=False)
        self._laboratory.access.dynamodb().transact_write_items(
            TransactItems=[
                {"Put": {"TableName": self._table, "Item": {"pk": {"S": key}}}} for key in keys
            ]
        )
        functions.update_event_source_mapping(UUID=self._mapping, Enabled=True)

    def delivered_until(self, last: str) -> list[list[str]]:
        batches: list[list[str]] = []

        def came() -> bool:
            batches.extend(json.loads(body) for body in self._laboratory.take(self._out))
            return any(last in batch for batch in batches)

        until(came)
        return batches

    def given_up(self) -> dict[str, dict[str, object]]:
        [body] = until(lambda: self._laboratory.take(self._dead))
        record: dict[str, dict[str, object]] = json.loads(body)
        return record


def test_a_reported_record_comes_again_without_those_before_it(laboratory: Laboratory) -> None:
    stream = Stream(laboratory, MaximumRetryAttempts=1)

    stream.write(["a", "fail", "b"])

    assert stream.given_up()["DDBStreamBatchInfo"]["batchSize"] == 2
    assert stream.delivered_until("b") == [["a", "fail", "b"], ["fail", "b"], ["fail", "b"]]


def test_bisection_leaves_the_poison_record_alone_in_the_dead_letters(
    laboratory: Laboratory,
) -> None:
    stream = Stream(laboratory, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True)

    stream.write(["a", "b", "c", "raise", "d"])

    record = stream.given_up()
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    delivered = [key for batch in stream.delivered_until("d") for key in batch]
    assert delivered == ["a", "b", "c", "d"]


def test_a_record_that_is_too_old_is_given_up_before_its_retries_are_used(
    laboratory: Laboratory,
) -> None:
    stream = Stream(laboratory, MaximumRetryAttempts=1000, MaximumRecordAgeInSeconds=1)

    stream.write(["raise"])

    assert stream.given_up()["requestContext"]["condition"] == "MaxRecordAgeExceeded"


def test_a_slow_stream_reader_does_not_hold_up_a_queue(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(
        {
            "Table": table(StreamSpecification={"StreamViewType": "KEYS_ONLY"}),
            "In": queue(),
            "Out": queue(),
            "Role": role(("sqs:SendMessage", arn("Out"))),
            "Slow": function(
                "import time\ndef handler(event, context): time.sleep(8)", its_role="Role"
            ),
            "Quick": function(
                """
                import os, boto3
                sqs = boto3.client("sqs")

                def handler(event, context):
                    sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody="quick")
                """,
                its_role="Role",
                Environment={"Variables": {"OUT": ref("Out")}},
            ),
            "Stream": mapping(
                source={"Fn::GetAtt": ["Table", "StreamArn"]},
                target=ref("Slow"),
                StartingPosition="TRIM_HORIZON",
            ),
            "Queue": mapping(source=arn("In"), target=ref("Quick")),
        }
    )
    laboratory.access.dynamodb().put_item(
        TableName=laboratory.physical(stack, "Table"), Item={"pk": {"S": "slow"}}
    )

    laboratory.send(laboratory.physical(stack, "In"), ["now"])

    out = laboratory.physical(stack, "Out")
    assert until(lambda: laboratory.take(out), seconds=5) == ["quick"]
