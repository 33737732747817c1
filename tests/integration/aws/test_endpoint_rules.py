"""Calls that no endpoint rules are applied to are sent and signed as botocore would."""

from collections.abc import Callable

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.session import get_session

from couponbus.aws.clients import Clients, bypass_endpoint_rules, configuration

CALLS: dict[str, Callable[..., object]] = {
    "dynamodb": lambda client: client.get_item(TableName="any", Key={"pk": {"S": "any"}}),
    "events": lambda client: client.put_events(Entries=[]),
    "secretsmanager": lambda client: client.get_secret_value(SecretId="any"),
    "sqs": lambda client: client.send_message_batch(QueueUrl="https://any.example/q", Entries=[]),
}
REGIONS = ("eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1")


class Empty:
    def stream(self) -> list[bytes]:
        return [b"{}"]


@pytest.fixture(autouse=True)
def of_a_function(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def sent_to(client: BaseClient, service: str) -> tuple[str, str]:
    """Return where a call goes, and what its signature is for."""
    sent: list[tuple[str, str]] = []

    def note(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        credential = str(request.headers["Authorization"]).partition("SignedHeaders=")[0]
        sent.append((request.url, credential))
        return AWSResponse(request.url, 200, HTTPHeaders(), Empty())

    client.meta.events.register("before-send", note)  # type: ignore[arg-type]
    CALLS[service](client)
    (only,) = sent
    return only


def rules_applied(client: BaseClient, service: str) -> int:
    applied: list[object] = []
    client.meta.events.register("before-endpoint-resolution", lambda **_: applied.append(None))
    sent_to(client, service)
    return len(applied)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", CALLS)
def test_a_call_goes_where_the_rules_would_send_it(service: str, region: str) -> None:
    ruled, bypassed = (
        get_session().create_client(service, region_name=region, config=configuration())
        for _ in range(2)
    )
    bypass_endpoint_rules(bypassed)

    assert sent_to(bypassed, service) == sent_to(ruled, service)


@pytest.mark.parametrize("service", CALLS)
def test_no_client_of_ours_applies_the_rules_to_a_call(service: str) -> None:
    clients = Clients()
    ours = clients.secrets if service == "secretsmanager" else getattr(clients, service)
    botocores = get_session().create_client(service, config=configuration())

    assert (rules_applied(ours, service), rules_applied(botocores, service)) == (0, 1)


@pytest.mark.parametrize("asked", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_other_endpoints_are_left_to_the_rules(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(asked, "true")
    botocores = get_session().create_client("dynamodb", config=configuration())

    assert sent_to(Clients().dynamodb, "dynamodb") == sent_to(botocores, "dynamodb")
    assert rules_applied(Clients().dynamodb, "dynamodb") == 1
