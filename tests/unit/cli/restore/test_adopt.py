"""What an earlier deployment left behind is taken into the stacks, from the command on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target
from couponbus_cli.restore.leftovers import Adopted, Leftovers
from tests.unit.cli.restore.test_stack_import import (
    MOST_IMPORTED,
    STACK,
    TABLE,
    FakeCloudFormation,
    target_with,
)
from tests.unit.cli.stage import FakeStage

BOOTSTRAP = {"BootstrapVersion": {"Default": "/cdk-bootstrap/mine/version"}}
GROUP = "/aws/lambda/any"
KEPT = {"DeletionPolicy": "RetainExceptOnCreate"}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": TABLE}, **KEPT},
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "a/key"}, **KEPT},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": "a-queue",
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
            },
            "DependsOn": ["Dead"],
            **KEPT,
        },
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "a-dead-one"}, **KEPT},
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": GROUP}, **KEPT},
        "Unnamed": {"Type": "AWS::SQS::Queue", **KEPT},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "a-role"}},
    },
    "Outputs": {"Name": {"Value": {"Ref": "Table"}}},
}


@pytest.fixture
def aws() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session(
            region_name="eu-west-1", aws_access_key_id="any", aws_secret_access_key="any"
        )


def target(
    aws: boto3.Session, stacks: FakeCloudFormation, bucket: "FakeBucket | None" = None
) -> Target:
    return target_with(
        stacks,
        dynamodb=lambda: aws.client("dynamodb"),
        secrets=lambda: aws.client("secretsmanager"),
        sqs=lambda: aws.client("sqs"),
        logs=lambda: aws.client("logs"),
        identity=lambda: aws.client("sts"),
        other=lambda _service: bucket,
    )


def make_all(aws: boto3.Session) -> None:
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.client("secretsmanager").create_secret(Name="a/key", SecretString="kept")
    aws.client("sqs").create_queue(QueueName="a-queue")
    aws.client("logs").create_log_group(logGroupName=GROUP)


def test_what_has_the_names_of_the_template_is_taken_in(aws: boto3.Session) -> None:
    make_all(aws)
    stacks = FakeCloudFormation(template={})

    [adopted] = Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})

    assert adopted == Adopted(
        stack=STACK, discarded=False, names=[TABLE, "a/key", "a-queue", GROUP]
    )
    assert stacks.template["Resources"].keys() == {"Table", "Secret", "Queue", "Log"}


def test_a_table_that_lacks_an_index_of_the_template_is_not_taken_for_one_that_has_it(
    aws: boto3.Session,
) -> None:
    make_all(aws)
    newer = {"TableName": TABLE, "GlobalSecondaryIndexes": [{"IndexName": "newer"}]}
    table = {**TEMPLATE["Resources"]["Table"], "Properties": newer}
    stacks = FakeCloudFormation(template={})

    with pytest.raises(Failed, match=f"{TABLE} has no index newer.*deployed last"):
        Leftovers(target=target(aws, stacks)).adopt({STACK: {"Resources": {"Table": table}}})
    assert stacks.template == {}


def test_what_is_not_there_yet_is_left_to_the_deployment(aws: boto3.Session) -> None:
    make_all(aws)
    stacks = FakeCloudFormation(template={})

    Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})

    queue = stacks.template["Resources"]["Queue"]
    assert queue["Properties"] == {"QueueName": "a-queue"}
    assert "DependsOn" not in queue


def test_what_the_stack_has_already_stays_as_it_is(aws: boto3.Session) -> None:
    make_all(aws)
    of_today = {**TEMPLATE["Resources"], "Queue": {"Type": "AWS::SQS::Queue"}}
    stacks = FakeCloudFormation(template={**TEMPLATE, "Resources": of_today})

    assert Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE}) == []
    assert stacks.template["Resources"] == of_today


def test_a_stack_that_never_worked_is_deleted_though_it_is_protected(aws: boto3.Session) -> None:
    stacks = FakeCloudFormation(status="ROLLBACK_COMPLETE")

    [adopted] = Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})

    assert (adopted.discarded, adopted.names, stacks.template) == (True, [], {})


def test_while_a_stack_rolls_back_it_is_not_said_that_nothing_was_left(
    aws: boto3.Session,
) -> None:
    stacks = FakeCloudFormation(template=TEMPLATE, status="ROLLBACK_IN_PROGRESS")

    with pytest.raises(Failed, match="is ROLLBACK_IN_PROGRESS: wait"):
        Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})


def test_a_stack_that_works_keeps_its_protection(aws: boto3.Session) -> None:
    stacks = FakeCloudFormation(status="UPDATE_ROLLBACK_COMPLETE")

    Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})

    assert stacks.protected
    assert stacks.template


@dataclass
class FakeBucket:
    """The bucket of the bootstrap, with what was put into it by its address."""

    meta = SimpleNamespace(region_name="eu-west-1", endpoint_url="https://s3.example.com")
    files: dict[str, str] = field(default_factory=dict)

    def put_object(self, *, Bucket: str, Key: str, Body: str) -> None:
        assert Bucket == "cdk-mine-assets-123456789012-eu-west-1"
        self.files[f"https://s3.example.com/{Bucket}/{Key}"] = Body


def test_a_template_that_is_too_large_for_a_call_lies_in_the_bucket_of_the_bootstrap(
    aws: boto3.Session,
) -> None:
    make_all(aws)
    bucket = FakeBucket()
    role = {"Type": "AWS::IAM::Role", "Properties": {"Description": "x" * 60_000}}
    stacks = FakeCloudFormation(
        template={"Resources": {"Role": role}}, read=bucket.files.__getitem__
    )
    reached = target(aws, stacks, bucket)

    Leftovers(target=reached).adopt({STACK: {**TEMPLATE, "Parameters": BOOTSTRAP}})

    assert stacks.template["Resources"].keys() == {"Role", "Table", "Secret", "Queue", "Log"}


def test_a_template_that_is_too_large_and_names_no_bootstrap_is_not_sent(
    aws: boto3.Session,
) -> None:
    make_all(aws)
    big = {"Big": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": "x" * 60_000}}}
    stacks = FakeCloudFormation(template={"Resources": big})

    with pytest.raises(Failed, match="too large"):
        Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})
    assert stacks.template["Resources"] == big


class AnyQueue:
    """SQS of an account that has each queue that it is asked for."""

    exceptions = SimpleNamespace(QueueDoesNotExist=KeyError)

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": f"https://sqs.example.com/{QueueName}"}


def test_more_than_cloudformation_imports_at_once_is_taken_in_step_by_step() -> None:
    names = [f"queue-{number}" for number in range(MOST_IMPORTED + 1)]
    queues = {
        name: {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}, **KEPT}
        for name in names
    }
    stacks = FakeCloudFormation(template={})
    of_the_account = target_with(stacks, sqs=AnyQueue)

    [adopted] = Leftovers(target=of_the_account).adopt({STACK: {"Resources": queues}})

    assert adopted.names == names
    assert list(stacks.template["Resources"]) == names


def test_a_failed_stack_that_cannot_be_deleted_is_said_with_its_reason(aws: boto3.Session) -> None:
    stacks = FakeCloudFormation(status="ROLLBACK_COMPLETE", ending="DELETE_FAILED")

    with pytest.raises(Failed, match="DELETE_FAILED: it says why"):
        Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})


def test_a_secret_that_is_being_deleted_is_not_taken_in_but_named(aws: boto3.Session) -> None:
    make_all(aws)
    aws.client("secretsmanager").delete_secret(SecretId="a/key")
    stacks = FakeCloudFormation(template={})

    with pytest.raises(Failed, match="restore-secret --secret-id a/key"):
        Leftovers(target=target(aws, stacks)).adopt({STACK: TEMPLATE})
    assert stacks.template == {}


def synthesised(folder: Path, *parts: str) -> Path:
    for part in parts:
        file = folder / f"couponbus-local-{part}.template.json"
        file.write_text(json.dumps(TEMPLATE))
    return folder


def test_the_command_reads_the_templates_of_the_stage_and_says_what_it_took(
    tmp_path: Path,
) -> None:
    stage = FakeStage()
    stage.leftovers.left = {"couponbus-local-ledger"}
    stage.leftovers.failed = {"couponbus-local-ledger"}
    folder = synthesised(tmp_path, "ledger", "state", "of-another-stage")

    first = stage.run("restore", "adopt", "--assembly", str(folder))
    code, data = stage.run_json("restore", "adopt", "--assembly", str(folder))

    assert "queue of couponbus-local-ledger" in first.out
    assert "deleted" in first.out
    assert (first.code, code, data) == (0, 0, {"adopted": {}})


def test_without_templates_it_says_what_to_do(tmp_path: Path) -> None:
    outcome = FakeStage().run("restore", "adopt", "--assembly", str(tmp_path))

    assert outcome.code == 1
    assert "make synth" in outcome.err
