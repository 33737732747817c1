"""The botocore clients: one session, short time-outs, few retries, nothing rebuilt per call.

Items and long lists go into a request, and lists come out of an answer, as they are: botocore would
walk over each value of each item.
"""

import json
import re
from collections.abc import Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.session import get_session
from pydantic_core import from_json, to_json

import couponbus
from couponbus.aws.shared_trust import SharedTrust

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 1
READ_SECONDS = 3
TRIES = 3
CONNECTIONS = 16
# Operations, and their parameters that are JSON already: times are numbers, and there are no bytes.
LISTS: Mapping[str, str] = {
    "BatchExecuteStatement": "Statements",
    "PutItem": "Item",
    "TransactWriteItems": "TransactItems",
    "PutEvents": "Entries",
    "SendMessageBatch": "Entries",
}
ANSWERED_LISTS: Mapping[str, str] = {
    "Query": "Items",
    "BatchExecuteStatement": "Responses",
    "PutEvents": "Entries",
}
OK = 200
_BINARY = re.compile(rb'\{"BS?"')
DETACHED = "couponbus.detached_list"


class Clients:
    """Clients made at first use; the environment gives region and endpoint."""

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """Return the client of the ledger."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    @cached_property
    def events(self) -> "EventBridgeClient":
        """Return the client of the bus."""
        return cast("EventBridgeClient", self._client("events"))

    @cached_property
    def sqs(self) -> "SQSClient":
        """Return the client of the queues."""
        return cast("SQSClient", self._client("sqs"))

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """Return the client of the secrets."""
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    def _client(self, service: str) -> "BaseClient":
        client = self._session.create_client(service, config=configuration())
        bypass_endpoint_rules(client)
        bypass_list_serialiser(client)
        bypass_list_parser(client)
        self._trust.share_with(client)
        return client

    @cached_property
    def _session(self) -> "Session":
        return get_session()

    @cached_property
    def _trust(self) -> SharedTrust:
        return SharedTrust()


def configuration() -> Config:
    """Return the configuration that all clients share (docs/performance.md#aws-client).

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


def bypass_endpoint_rules(client: "BaseClient") -> None:
    """Send each call to the address that the client was made for: rules would give the same.

    To apply them was a sixteenth of a call (docs/performance.md#aws-client); they stay where a user
    asks for other endpoints. botocore has no parameter for it: a version that goes by another way
    fails the test of the rules that are not applied.
    """
    config = client.meta.config
    if not (config.use_fips_endpoint or config.use_dualstack_endpoint):  # type: ignore[attr-defined]
        client._ruleset_resolver = None  # type: ignore[attr-defined]


def bypass_list_serialiser(client: "BaseClient") -> None:
    """Bypass botocore's serialiser for `LISTS`; signing, retries and responses stay botocore's.

    Its walk is most of the cost of writing a hundred rows (docs/performance.md#aws-client).
    """
    events = client.meta.events
    service = client.meta.service_model.service_id.hyphenize()
    for operation, name in LISTS.items():
        if operation in client.meta.service_model.operation_names:
            hook = _DetachedList(name)
            events.register(f"before-parameter-build.{service}.{operation}", hook.detach)
            events.register(f"before-call.{service}.{operation}", hook.attach)


def bypass_list_parser(client: "BaseClient") -> None:
    """Bypass botocore's parser for `ANSWERED_LISTS`; errors and all else stay botocore's.

    Its walk is most of the cost of reading thousands of items (docs/performance.md#aws-client).
    """
    service = client.meta.service_model.service_id.hyphenize()
    for operation, name in ANSWERED_LISTS.items():
        if operation in client.meta.service_model.operation_names:
            read = partial(_read_list, name)
            client.meta.events.register(f"before-parse.{service}.{operation}", read)


def _read_list(
    name: str,
    /,
    *,
    response_dict: dict[str, object],
    customized_response_dict: dict[str, object],
    **_: object,
) -> None:
    body = response_dict["body"]
    # Of all types, only the binary ones are another thing in Python than in JSON.
    if response_dict["status_code"] != OK or not isinstance(body, bytes) or _BINARY.search(body):
        return
    try:
        answer = from_json(body)
        items = answer.pop(name)
    except (ValueError, AttributeError, KeyError, TypeError):
        return  # botocore says what is wrong with it
    customized_response_dict[name] = items
    response_dict["body"] = to_json(answer)


class _DetachedList:
    """One parameter, between the two events of a call."""

    def __init__(self, name: str) -> None:
        self._name = name

    def detach(self, *, params: dict[str, object], context: dict[str, object], **_: object) -> None:
        context[DETACHED] = params.pop(self._name)

    def attach(self, *, params: dict[str, object], context: dict[str, object], **_: object) -> None:
        body = params["body"]
        assert isinstance(body, bytes)  # noqa: S101 - the JSON serialiser makes nothing else
        whole = {**json.loads(body), self._name: context[DETACHED]}
        params["body"] = to_json(whole)
