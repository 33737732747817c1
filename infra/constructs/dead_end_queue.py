"""A queue whose messages wait for an operator: dead letters, quarantine, undeliverable events."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_sqs as sqs
from constructs import Construct

KEEP = Duration.days(14)


class DeadEndQueue(sqs.Queue):
    """Encrypted, TLS only, with the longest retention of SQS."""

    def __init__(self, scope: Construct, id_: str, *, name: str, removal: RemovalPolicy) -> None:
        super().__init__(
            scope,
            id_,
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEEP,
            removal_policy=removal,
        )
