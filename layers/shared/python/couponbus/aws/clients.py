"""The boto3 clients: one session, short time-outs, few retries, nothing rebuilt per call."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

import couponbus
from couponbus.aws.ready_lists import send_lists_as_they_are

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 1
READ_SECONDS = 3
TRIES = 3
CONNECTIONS = 16


class Clients:
    """Clients made when they are first used; the environment gives region and endpoint."""

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Return the client of the ledger."""
        client = self._session.client("dynamodb", config=configuration())
        send_lists_as_they_are(client)
        return client

    @cached_property
    def events(self) -> "EventBridgeClient":
        """Return the client of the bus."""
        client = self._session.client("events", config=configuration())
        send_lists_as_they_are(client)
        return client

    @cached_property
    def sqs(self) -> "SQSClient":
        """Return the client of the queues."""
        return self._session.client("sqs", config=configuration())

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """Return the client of the secrets."""
        return self._session.client("secretsmanager", config=configuration())

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session()


def configuration() -> Config:
    """Return what all clients share (docs/performance.md#aws-client).

    The names of our own fields are checked by types and tests, so botocore need not check them
    at each call; a fixed user agent spares it from building one. `total_max_attempts` counts
    tries, where `max_attempts` would count repetitions.
    """
    return Config(
        parameter_validation=False,
        user_agent=f"couponbus/{couponbus.__version__}",
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=CONNECTIONS,
    )
