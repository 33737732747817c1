"""The stage dev in moto, without functions: real adapters, table, queues and secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse
from typer.testing import CliRunner

from couponbus.domain.row import Row
from couponbus_cli.app.queues import QUEUES
from couponbus_cli.app.stage import Stage, Target, target_of
from couponbus_cli.app.world import World, open_world
from couponbus_cli.endpoints.signing_secrets import PART
from couponbus_cli.main import app
from tests.integration.aws import cloud as aws
from tests.unit.cli.stage import FakeDeployment

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

CLOUDFORMATION = Target.stacks


@dataclass(frozen=True, slots=True)
class Deployed:
    """The stage as tests use it; it is opened once, since that takes longer than most commands."""

    target: Target
    worlds: dict[Stage, World] = field(default_factory=dict)

    def open(self, stage: Stage) -> World:
        if stage not in self.worlds:
            self.worlds[stage] = replace(open_world(stage), deployment=FakeDeployment())
        return self.worlds[stage]

    def run(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*arguments, "--stage", "dev"], obj=self.open)
        return result.exit_code, result.stdout + result.stderr

    def store(self, *rows: Row) -> None:
        world = self.open(Stage("dev"))
        assert not world.rows.write([row.written("test") for row in rows])

    def read[R: Row](self, row: R) -> R:
        found = self.open(Stage("dev")).rows.read([row.key])[row.key]
        assert isinstance(found, type(row))
        return found

    def bodies_in(self, queue: str) -> list[str]:
        """Return the messages of a queue without removing them."""
        url = self.target.sqs().get_queue_url(QueueName=self.target.part(queue))["QueueUrl"]
        return aws.bodies_in(url)


NO_STACK = b"""\
<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
<Message>Stack with id any does not exist</Message></Error></ErrorResponse>"""


def no_stack(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    """Answer as CloudFormation does where nothing is deployed: this moto has no CloudFormation."""
    return AWSResponse(request.url, 400, HTTPHeaders(), MockRawResponse(NO_STACK))


def _without_stacks(target: Target) -> "CloudFormationClient":
    client = CLOUDFORMATION(target)
    client.meta.events.register("before-send.cloudformation", cast("Any", no_stack))
    return client


@contextmanager
def a_deployed_stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(aws, "TABLE", "couponbus-dev")
    monkeypatch.setattr(Target, "stacks", _without_stacks)
    with aws.a_cloud() as cloud:
        target = target_of(Stage("dev"))
        for queue in QUEUES:
            cloud.clients.sqs.create_queue(QueueName=target.part(queue))
        target.secrets().create_secret(Name=target.secret(PART), SecretString="{}")
        yield Deployed(target)
