"""How to reach a running engine, and typed boto3 clients for it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import boto3

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

# The engine's root user; it knows no other account, so these protect nothing.
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"  # noqa: S105 - not a secret


class Where(TypedDict):
    """The keyword arguments that point any boto3 client at the engine."""

    endpoint_url: str
    region_name: str
    verify: str
    aws_access_key_id: str
    aws_secret_access_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A running engine as its root user; `log` is where the engine writes."""

    endpoint_url: str
    region: str
    ca_bundle: Path
    log: Path
    pid: int
    session: boto3.Session = field(default_factory=boto3.Session, repr=False)

    @property
    def where(self) -> Where:
        """The keyword arguments for a client of a service that has no method here."""
        return Where(
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            verify=str(self.ca_bundle),
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
        )

    def cloudformation(self) -> "CloudFormationClient":
        """A client for stacks."""
        return self.session.client("cloudformation", **self.where)

    def dynamodb(self) -> "DynamoDBClient":
        """A client for tables."""
        return self.session.client("dynamodb", **self.where)

    def events(self) -> "EventBridgeClient":
        """A client for buses and rules."""
        return self.session.client("events", **self.where)

    def functions(self) -> "LambdaClient":
        """A client for Lambda functions."""
        return self.session.client("lambda", **self.where)

    def logs(self) -> "CloudWatchLogsClient":
        """A client for what functions logged."""
        return self.session.client("logs", **self.where)

    def s3(self) -> "S3Client":
        """A client for buckets."""
        return self.session.client("s3", **self.where)

    def secrets(self) -> "SecretsManagerClient":
        """A client for secrets."""
        return self.session.client("secretsmanager", **self.where)

    def sqs(self) -> "SQSClient":
        """A client for queues."""
        return self.session.client("sqs", **self.where)

    def ssm(self) -> "SSMClient":
        """A client for parameters."""
        return self.session.client("ssm", **self.where)

    def sts(self) -> "STSClient":
        """A client that tells who is calling."""
        return self.session.client("sts", **self.where)
