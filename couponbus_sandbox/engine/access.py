"""How to reach a running engine, and typed boto3 clients for it, each made once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

import boto3

from couponbus.aws.loopback import loopback_session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
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


@dataclass(frozen=True, kw_only=True)
class Access:
    """Access to a running engine as its root user; `log` is the file that the engine writes."""

    endpoint_url: str
    region: str
    ca_bundle: Path
    log: Path
    pid: int
    _made: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def session(self) -> boto3.Session:
        """The session for clients, which ignores the shell's AWS settings and proxies."""
        session = loopback_session(
            access_key_id=ACCESS_KEY_ID, secret_access_key=SECRET_ACCESS_KEY, region=self.region
        )
        return boto3.Session(botocore_session=session)

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
        return cast("CloudFormationClient", self._client("cloudformation"))

    def dynamodb(self) -> "DynamoDBClient":
        """A client for tables."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    def events(self) -> "EventBridgeClient":
        """A client for buses and rules."""
        return cast("EventBridgeClient", self._client("events"))

    def functions(self) -> "LambdaClient":
        """A client for Lambda functions."""
        return cast("LambdaClient", self._client("lambda"))

    def metrics(self) -> "CloudWatchClient":
        """A client for metrics and alarms."""
        return cast("CloudWatchClient", self._client("cloudwatch"))

    def logs(self) -> "CloudWatchLogsClient":
        """A client for what functions logged."""
        return cast("CloudWatchLogsClient", self._client("logs"))

    def s3(self) -> "S3Client":
        """A client for buckets."""
        return cast("S3Client", self._client("s3"))

    def secrets(self) -> "SecretsManagerClient":
        """A client for secrets."""
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    def sqs(self) -> "SQSClient":
        """A client for queues."""
        return cast("SQSClient", self._client("sqs"))

    def ssm(self) -> "SSMClient":
        """A client for parameters."""
        return cast("SSMClient", self._client("ssm"))

    def sts(self) -> "STSClient":
        """A client for the identity of the caller."""
        return cast("STSClient", self._client("sts"))

    def _client(self, service: str) -> object:
        """Return the kept client of a service: a new connection costs more than a call."""
        if service not in self._made:
            make = cast("Callable[..., object]", self.session.client)
            self._made[service] = make(service, **self.where)
        return self._made[service]
