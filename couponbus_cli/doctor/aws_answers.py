"""`Answers` of AWS and of the providers; each client is made at its first question."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from couponbus.aws.clock import SystemClock
from couponbus.aws.ledger.errors import code_of
from couponbus_cli.app.deployment import StackDeployment
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.app.stage import Target
from couponbus_cli.app.table_settings import TableSettings, settings_of
from couponbus_cli.app.triggers import LambdaTriggers, Part, Trigger
from couponbus_cli.doctor.answers import (
    Account,
    Concurrency,
    DeployedStacks,
    ProviderHost,
    StoredSecret,
    Subscription,
)
from couponbus_config.names import STACKS

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

ABSENT = frozenset(
    {
        "ParameterNotFound",
        "ValidationError",  # of CloudFormation, for a stack that does not exist
        "NotFound",
        "NotFoundException",
        "ResourceNotFoundException",
    }
)
REACH_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAnswers:
    """Questions with the operator's credentials, each within the time-outs of its client."""

    target: Target
    deployment: StackDeployment
    all_triggers: LambdaTriggers

    def account(self) -> Account:
        """Return the account, and compare the date of the answer with this machine's clock."""
        client = self.target.identity()
        try:
            answer = client.get_caller_identity()
        except ResponseParserError:
            text = f"what answers at {client.meta.endpoint_url} is not AWS: see HTTPS_PROXY"
            raise Failed(text, kind="unreachable", code=UNREACHABLE) from None
        dated = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return Account(
            number=answer["Account"],
            region=client.meta.region_name,
            ahead=None if dated is None else _ahead_of(dated),
        )

    def bootstrap_version(self, qualifier: str) -> int | None:
        """Return the version that the bootstrap stack keeps in a parameter."""
        name = f"/cdk-bootstrap/{qualifier}/version"
        found = _if_there(lambda: self.target.parameters().get_parameter(Name=name))
        return None if found is None else int(found["Parameter"]["Value"])

    def stacks(self) -> DeployedStacks:
        """Return the stacks, by their names."""
        client = self.target.stacks()
        found: dict[str, StackTypeDef] = {}
        for name in STACKS:
            ask = partial(client.describe_stacks, StackName=self._part(name))
            if (answer := _if_there(ask)) is not None:
                [found[name]] = answer["Stacks"]
        outputs = found["workers"].get("Outputs", []) if "workers" in found else []
        [*paused] = [each["OutputValue"] for each in outputs if each["OutputKey"] == "Paused"]
        return DeployedStacks(
            statuses={name: stack["StackStatus"] for name, stack in found.items()},
            paused=_parts(paused[0]) if paused else None,
        )

    def concurrency(self) -> Concurrency:
        """Return the limits that hold now; Service Quotas has the one that was last granted."""
        limits = self.target.functions().get_account_settings()["AccountLimit"]
        return Concurrency(
            limit=limits["ConcurrentExecutions"],
            unreserved=limits["UnreservedConcurrentExecutions"],
        )

    def quota(self, service: str, code: str) -> float:
        """Return the value of a quota in this account and region."""
        ask = self._call("service-quotas", "get_service_quota")
        answer = ask(ServiceCode=service, QuotaCode=code)
        return float(cast("Mapping[str, float]", answer["Quota"])["Value"])

    def secrets(self) -> Sequence[StoredSecret]:
        """Return the secrets; no value is read."""
        prefix = self.target.secret("")
        pages = self.target.secrets().get_paginator("list_secrets")
        return [
            StoredSecret(
                name=secret["Name"].removeprefix(prefix),
                versions=sum(1 for labels in secret["SecretVersionsToStages"].values() if labels),
            )
            for page in pages.paginate(Filters=[{"Key": "name", "Values": [prefix]}])
            for secret in page["SecretList"]
            if secret["Name"].startswith(prefix)
        ]

    def subscriptions(self) -> Sequence[Subscription] | None:
        """Return the first hundred subscribers of the topic."""
        answer = self.target.identity().get_caller_identity()
        partition = answer["Arn"].split(":")[1]
        region = self.target.identity().meta.region_name
        topic = f"arn:{partition}:sns:{region}:{answer['Account']}:{self._part('alarms')}"
        ask = self._call("sns", "list_subscriptions_by_topic")
        found = _if_there(lambda: ask(TopicArn=topic))
        if found is None:
            return None
        return [
            Subscription(
                protocol=each["Protocol"], confirmed=each["SubscriptionArn"].startswith("arn:")
            )
            for each in cast("Sequence[Mapping[str, str]]", found["Subscriptions"])
        ]

    def table(self) -> TableSettings | None:
        """Return what the table has, with three calls."""
        return settings_of(self.target.table, self.target.dynamodb())

    def triggers(self) -> Sequence[Trigger]:
        """Return the triggers of the workers."""
        return self.all_triggers.all()

    def hosts(self) -> Sequence[ProviderHost]:
        """Return the URLs in the settings of the deployed functions."""
        urls = _if_there(self.deployment.provider_urls) or {}
        return [ProviderHost(account=account, url=url) for account, url in urls.items()]

    def reached(self, url: str) -> str | None:
        """GET the URL from this machine, without a key: any answer will do."""
        from couponbus.providers.http.transport import (  # noqa: PLC0415
            HttpFailed,
            Transport,
            trust_public_authorities,
        )

        transport = Transport(clock=SystemClock(), trust=trust_public_authorities(), repeats=0)
        try:
            transport.get(url, headers={}, params={}, seconds=REACH_SECONDS)
        except HttpFailed as failed:
            return None if failed.failure.is_answer else failed.failure.value.replace("_", " ")
        finally:
            transport.close()
        return None

    def _part(self, name: str) -> str:
        return self.target.part(name)

    def _call(self, service: str, operation: str) -> Callable[..., Mapping[str, object]]:
        client = self.target.other(service)
        return cast("Callable[..., Mapping[str, object]]", getattr(client, operation))


def _if_there[Answer](ask: Callable[[], Answer]) -> Answer | None:
    """Return the answer, None where what is asked for does not exist."""
    try:
        return ask()
    except ClientError as error:
        if code_of(error) in ABSENT:
            return None
        raise


def _ahead_of(dated: str) -> timedelta | None:
    with suppress(ValueError):
        return datetime.now(UTC) - parsedate_to_datetime(dated)
    return None


def _parts(paused: str) -> frozenset[Part]:
    named = [each for each in paused.split(",") if each in set(Part)]
    return frozenset(map(Part, named))
