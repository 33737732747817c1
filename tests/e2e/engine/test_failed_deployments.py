"""What failed, or was destroyed, is deployed again, and finds what it kept.

Small functions and layers: what is deployed of them is not run here. The deployer does as the CDK
CLI: it cannot delete a protected stack whose creation failed.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import pytest

from couponbus.aws.loopback import loopback_session
from couponbus_cli.app.stage import Stage, Target
from couponbus_cli.restore.leftovers import Leftovers
from couponbus_config.accounts import ConiqAccount
from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.assembly import StackTemplate, stacks_in_order
from couponbus_sandbox.engine.deploy import deploy
from couponbus_sandbox.engine.stacks import StackFailed
from infra.sources import Sources
from tests.e2e.engine.laboratory import any_name
from tests.infra.project import app_of, small_project
from tests.infra.stages import PROD
from tests.thorough import amount

URL = "https://provider.example.com"
FEW = 1  # resource of each stack


@dataclass(frozen=True)
class Deployments:
    """The consecutive assemblies of one installation; its stage keeps its data, as prod does."""

    access: Access
    sources: Sources
    folder: Path
    installation: str
    taken: str

    def write(self, stage: StageConfig = PROD) -> Path:
        out = self.folder / any_name("assembly")
        names = Names(stage="local", installation=self.installation)
        app_of(self.sources, out, stage=stage, names=names).synth()
        return out

    def deploy(self, assembly: Path) -> None:
        deploy(access=self.access, assembly=assembly)

    def fail_after(self, stack: StackTemplate, logical_id: str, assembly: Path) -> str:
        """Deploy what fails when this resource is made; return all that was said about it."""
        good = stack.template.read_text()
        template = json.loads(good)
        template["Resources"]["Planted"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": self.taken},
            "DependsOn": [logical_id],
        }
        stack.template.write_text(json.dumps(template))
        with pytest.raises(StackFailed) as failed:
            self.deploy(assembly)
        stack.template.write_text(good)
        _status, *reasons = str(failed.value).splitlines()
        return "\n".join(reasons)

    def adopt(self, assembly: Path) -> Sequence[str]:
        """Do what `couponbus restore adopt` does, and return what was taken in."""
        session = loopback_session(
            access_key_id="test", secret_access_key="test", region=self.access.region
        )
        target = Target(
            stage=Stage("local", installation=self.installation),
            session=boto3.Session(botocore_session=session),
            endpoint_url=self.access.endpoint_url,
            ca_bundle=str(self.access.ca_bundle),
        )
        templates = {
            each.name: json.loads(each.template.read_text()) for each in stacks_in_order(assembly)
        }
        return [name for each in Leftovers(target=target).adopt(templates) for name in each.names]

    def destroy(self, assembly: Path) -> None:
        client = self.access.cloudformation()
        for stack in reversed(stacks_in_order(assembly)):
            client.update_termination_protection(
                StackName=stack.name, EnableTerminationProtection=False
            )
            client.delete_stack(StackName=stack.name)
            client.get_waiter("stack_delete_complete").wait(
                StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return small_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def deployments(access: Access, sources: Sources, tmp_path: Path) -> Iterator[Deployments]:
    taken = any_name("taken")
    access.sqs().create_queue(QueueName=taken)
    yield Deployments(access, sources, tmp_path, any_name("fails").replace("-", ""), taken)


def tried(stack: StackTemplate) -> Sequence[str]:
    """Return the resources of a stack at which a deployment is to fail."""
    ids = list(json.loads(stack.template.read_text())["Resources"])
    step = max(1, len(ids) // amount(len(ids), few=FEW))
    return ids[step - 1 :: step]


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_a_first_deployment_that_failed_at_any_resource_is_repeated(
    deployments: Deployments,
) -> None:
    assembly = deployments.write()
    _ledger, *others = stacks_in_order(assembly)

    for stack in others:
        for logical_id in tried(stack):
            reason = deployments.fail_after(stack, logical_id, assembly)
            assert reason.startswith("Planted (AWS::SQS::Queue)"), (logical_id, reason)
            assert deployments.adopt(assembly) == []

    deployments.deploy(assembly)


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_an_update_that_failed_at_any_new_resource_is_repeated(deployments: Deployments) -> None:
    deployments.deploy(deployments.write(replace(PROD, accounts=(), monitoring=())))
    assembly = deployments.write(replace(PROD, monitoring=()))
    _ledger, *others = stacks_in_order(assembly)

    for stack in others:
        for logical_id in tried(stack):
            reason = deployments.fail_after(stack, logical_id, assembly)
            assert reason.startswith("Planted (AWS::SQS::Queue)"), (logical_id, reason)

    deployments.deploy(assembly)


@pytest.mark.slow
def test_a_table_whose_name_was_taken_is_made_when_it_is_free(deployments: Deployments) -> None:
    assembly = deployments.write(replace(PROD, monitoring=()))
    client = deployments.access.dynamodb()
    name = f"{deployments.installation}-local"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(StackFailed, match=f"identifier '{name}' already exists"):
        deployments.deploy(assembly)
    client.delete_table(TableName=name)

    with pytest.raises(StackFailed, match="cannot be deleted while TerminationProtection"):
        deployments.deploy(assembly)
    deployments.adopt(assembly)
    deployments.deploy(assembly)


@pytest.mark.slow
def test_a_destroyed_stage_is_deployed_again_with_all_that_it_kept(
    deployments: Deployments,
) -> None:
    stage = replace(PROD, monitoring=())
    first, again = deployments.write(stage), deployments.write(stage)
    deployments.deploy(first)
    before = kept(deployments)
    deployments.destroy(first)
    with pytest.raises(StackFailed, match="already exists"):
        deployments.deploy(again)

    adopted = deployments.adopt(again)
    deployments.deploy(again)

    assert len(adopted) == 1 + 7 + 14 + 10  # the table, secrets, queues, logs
    assert kept(deployments) == before
    assert deployments.adopt(again) == []


@pytest.mark.slow
def test_an_account_that_comes_back_finds_its_key(deployments: Deployments) -> None:
    account = ConiqAccount(name="brand", id="brand", base_url=URL)
    without = deployments.write(replace(PROD, monitoring=(), accounts=()))
    with_it = deployments.write(replace(PROD, monitoring=(), accounts=(account,)))
    for assembly in (with_it, without):
        deployments.deploy(assembly)
    key = f"{deployments.installation}/local/coniq/brand"
    secrets = deployments.access.secrets()
    secrets.put_secret_value(SecretId=key, SecretString="a key")
    with pytest.raises(StackFailed, match=f"the secret {key} already exists"):
        deployments.deploy(with_it)

    assert deployments.adopt(with_it) == [key]
    deployments.deploy(with_it)

    assert secrets.get_secret_value(SecretId=key)["SecretString"] == "a key"


def kept(deployments: Deployments) -> tuple[dict[str, str], bool, int]:
    """Write what is not there yet: a row and a message; return all secrets and what was written."""
    access, base = deployments.access, f"{deployments.installation}-local"
    pages = access.secrets().get_paginator("list_secrets").paginate()
    names = [each["Name"] for page in pages for each in page["SecretList"]]
    secrets = {
        name: access.secrets().get_secret_value(SecretId=name)["SecretString"]
        for name in names
        if name.startswith(f"{deployments.installation}/")
    }
    key = {"pk": {"S": "KEPT"}, "sk": {"S": "KEPT"}}
    queue = access.sqs().get_queue_url(QueueName=f"{base}-quarantine")["QueueUrl"]
    table = access.dynamodb()
    if "Item" not in table.get_item(TableName=base, Key=key):
        table.put_item(TableName=base, Item=key)
        access.sqs().send_message(QueueUrl=queue, MessageBody="kept")
    waiting = access.sqs().get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]["ApproximateNumberOfMessages"]
    return secrets, "Item" in table.get_item(TableName=base, Key=key), int(waiting)
