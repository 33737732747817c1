"""Stages and installations in one account and region: deployed with real functions, on one engine.

Each has an account of the same name at the same provider, with a key of its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import pytest
from aws_cdk import App

from couponbus.aws.programs import DynamoPrograms
from couponbus_cli.programs.file import read_programs
from couponbus_config.file import read_installation
from couponbus_config.names import LOCAL, STACKS, Names
from couponbus_config.stage import StageConfig
from couponbus_sandbox.coniq import ApiAccount, ConiqSandbox, ConiqSettings
from couponbus_sandbox.demo.subscription import PUBLISHERS, from_the_bus
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.deploy import deploy
from couponbus_sandbox.engine.process import engine
from couponbus_sandbox.local.simulators import simulators
from couponbus_sandbox.local.stack import ALARMED, QUICK
from couponbus_sandbox.local.stage_file import SHIPPED, write_stage_file
from couponbus_sandbox.local.synthesis import this_machine
from infra.app import build_stage, feature_flags
from infra.sources import in_repository
from tests.e2e.conftest import PROGRAMS
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Customer, sign_up
from tests.fakes.clock import ManualClock
from tests.thorough import amount

SECONDS = 45
ALL = amount(1, few=0)
USED = Names(installation="couponbus", stage="dev")
DESTROYED = Names(installation="agency", stage="dev")
MORE = (
    Names(installation="couponbus", stage="live"),
    Names(installation="agency", stage="live"),
)
STAGES = (USED, DESTROYED, *(MORE if ALL else ()))
MONITORED = ALARMED if ALL else {}
KINDS = {
    *("bus", "function", "log", "queue", "role", "rule", "schedule", "secret", "table"),
    *(("alarm", "topic") if ALL else ()),
}
OF_A_SIGN_UP = {"ISSUANCE", "BATCH", "REJECTION", "UNMATCHED", "EVENT", "HISTORY"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a stage knows of sign-ups: in its table, its queues, on its bus, at its provider."""

    rows: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    events: int = 0
    barcodes: int = 0


@dataclass(frozen=True, kw_only=True)
class Account:
    """An AWS account with several stages, and the Coniq that all of them call."""

    access: Access
    coniq: ConiqSandbox

    def sign_up(self, names: Names, *, customer: int) -> None:
        """Sign a customer up at a stage, and wait for the event."""
        who = Customer(customer_id=customer, signup_id=f"sign-up-{customer}")
        answer = self.access.events().put_events(
            Entries=[
                {
                    "EventBusName": names.base,
                    "Source": "shop.test",
                    "DetailType": "CustomerSignedUp",
                    "Detail": json.dumps(sign_up(who)),
                }
            ]
        )
        assert answer["FailedEntryCount"] == 0
        until(lambda: who.signup_id in self.issued(names), seconds=SECONDS)

    def issued(self, names: Names) -> Sequence[str]:
        """Return, once, the sign-ups whose barcodes the bus of a stage announced."""
        client = self.access.sqs()
        url = client.get_queue_url(QueueName=heard_from(names))["QueueUrl"]
        messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for each in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        events = [json.loads(each["Body"]) for each in messages]
        assert {each["detail-type"] for each in events} <= {"BarcodeIssued"}
        return [each["detail"]["data"]["signup_id"] for each in events]

    def seen_by(self, names: Names) -> "Seen":
        rows = self.access.dynamodb().scan(TableName=names.base)["Items"]
        kinds = {each["pk"]["S"].partition("#")[0] for each in rows}
        queues = self.access.sqs().list_queues(QueueNamePrefix=f"{names.base}-")["QueueUrls"]
        return Seen(
            rows=frozenset(kinds & OF_A_SIGN_UP),
            queues=frozenset(url for url in queues if self._has_messages(url)),
            events=len(self.issued(names)),
            barcodes=len(self.coniq.barcodes(account=names.base)),
        )

    def destroy(self, names: Names) -> None:
        client = self.access.cloudformation()
        for part in reversed(STACKS):
            client.delete_stack(StackName=names.of(part))
            client.get_waiter("stack_delete_complete").wait(
                StackName=names.of(part), WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )

    def everything(self) -> Mapping[str, set[str]]:
        """Return the names of what there is in the account, by its kind."""
        access = self.access
        iam = access.session.client("iam", **access.where)
        schedules = access.session.client("scheduler", **access.where).list_schedules()
        topics = access.session.client("sns", **access.where).list_topics()
        functions = access.functions().get_paginator("list_functions").paginate()
        groups = access.logs().get_paginator("describe_log_groups").paginate()
        secrets = access.secrets().get_paginator("list_secrets").paginate()
        alarms = access.metrics().get_paginator("describe_alarms").paginate()
        roles = iam.get_paginator("list_roles").paginate()
        buses = {each["Name"] for each in access.events().list_event_buses()["EventBuses"]}
        return {
            "alarm": {each["AlarmName"] for page in alarms for each in page["MetricAlarms"]},
            "bus": buses,
            "function": {each["FunctionName"] for page in functions for each in page["Functions"]},
            "log": {each["logGroupName"] for page in groups for each in page["logGroups"]},
            "queue": set(access.sqs().list_queues()["QueueUrls"]),
            "role": {each["RoleName"] for page in roles for each in page["Roles"]},
            "rule": {
                f"{bus}/{each['Name']}"
                for bus in buses
                for each in access.events().list_rules(EventBusName=bus)["Rules"]
            },
            "schedule": {each["Name"] for each in schedules["Schedules"]},
            "secret": {each["Name"] for page in secrets for each in page["SecretList"]},
            "table": set(access.dynamodb().list_tables()["TableNames"]),
            "topic": {each["TopicArn"] for each in topics["Topics"]},
        }

    def _has_messages(self, url: str) -> bool:
        found = self.access.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        numbers = (
            int(number)
            for name, number in found["Attributes"].items()
            if name.startswith("ApproximateNumber")
        )
        return any(numbers)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("side-by-side")
    brands = tuple(ApiAccount(name=each.base, api_key=key_of(each)) for each in STAGES)
    with simulators(ConiqSettings(accounts=brands)) as running, engine() as access:
        assembly = synthesised(folder, running.urls)
        deploy(access=access, assembly=assembly)
        for each in STAGES:
            furnish(access, each)
        yield Account(access=access, coniq=running.coniq)


def synthesised(folder: Path, urls: Mapping[str, str]) -> Path:
    settings = {**this_machine(), **QUICK, **MONITORED}
    file = write_stage_file(folder, source=SHIPPED, urls=urls, overrides=settings)
    stage, out = read_installation(file).stage(LOCAL), folder / "assembly"
    app = App(analytics_reporting=False, outdir=str(out), context=feature_flags())
    for names in STAGES:
        build_stage(app, under(names.stage, stage), names=names, sources=in_repository())
    app.synth()
    return out


def under(name: str, stage: StageConfig) -> StageConfig:
    """Return the stage under another name, under which no file may call simulators."""
    renamed = copy(stage)
    object.__setattr__(renamed, "name", name)
    return renamed


def heard_from(names: Names) -> str:
    """Return the name of the queue that hears a stage's bus: none of the stage's own."""
    return f"{names.stage}-of-{names.installation}"


def key_of(names: Names) -> str:
    return f"key-of-{names.base}"


def furnish(access: Access, names: Names) -> None:
    """Do what an operator does after a deployment, and listen to the bus."""
    access.secrets().put_secret_value(
        SecretId=names.secret("coniq/main"), SecretString=key_of(names)
    )
    table = access.dynamodb()
    programs = DynamoPrograms(client=table, table=names.base, clock=ManualClock(), seconds=0)
    for program in read_programs(PROGRAMS):
        programs.put(program)
    name = heard_from(names)
    queues, events = access.sqs(), access.events()
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    arn = found["Attributes"]["QueueArn"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": from_the_bus(arn)})
    pattern = json.dumps({"source": PUBLISHERS})
    events.put_rule(Name=name, EventBusName=names.base, EventPattern=pattern)
    events.put_targets(Rule=name, EventBusName=names.base, Targets=[{"Id": "any", "Arn": arn}])


def test_a_sign_up_of_one_is_nothing_to_the_others(account: Account) -> None:
    account.sign_up(USED, customer=800_001)

    seen = {each: account.seen_by(each) for each in STAGES}

    used = seen.pop(USED)
    assert used.rows >= {"ISSUANCE", "BATCH"}
    assert used.barcodes == 1
    assert set(seen.values()) == {Seen()}


def test_a_stage_that_is_destroyed_takes_nothing_of_the_others(account: Account) -> None:
    before = account.everything()

    account.destroy(DESTROYED)

    after = account.everything()
    others = {
        kind: {each for each in names if not is_of(DESTROYED, each)}
        for kind, names in before.items()
    }
    assert after == others
    assert {kind for kind in before if before[kind] != after[kind]} == KINDS
    account.sign_up(USED, customer=800_002)


def is_of(stage: Names, name: str) -> bool:
    return any(part in name for part in (stage.base, stage.secret("")))
