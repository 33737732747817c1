"""Publish the events that rows owe, as the ledger's stream shows them, and mark the rows."""

from aws_cdk import aws_iam as iam

from infra.declared import BROKEN_ROWS, Function, StageResources, StreamTrigger, counts
from infra.permissions import publish, send, use_ledger
from infra.settings import bus, issuance_days, ledger, queue_urls

# Only rows that wait for publication concern the publisher.
UNPUBLISHED = {"dynamodb": {"NewImage": {"unpublished": {"S": [{"exists": True}]}}}}


def _read_stream(given: StageResources) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:DescribeStream",
            # Lambda requires it of a mapping, and accepts it on the stream alone.
            "dynamodb:ListStreams",
        ],
        resources=[str(given.ledger.table.table_stream_arn)],
    )


FUNCTION = Function(
    name="publish_events",
    memory_mb=512,
    timeout_seconds=60,
    triggers=(StreamTrigger(pattern=UNPUBLISHED, failed="unpublished"),),
    settings=(ledger, issuance_days, bus, queue_urls("notifications")),
    permissions=(
        _read_stream,
        *use_ledger("publish_events"),
        publish,
        send("notifications", "unpublished"),
    ),
    alarms=counts(BrokenRows=BROKEN_ROWS),
)
