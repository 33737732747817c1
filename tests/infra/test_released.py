"""No release may lose, replace or overwrite what the last one holds, or grant what is unlisted."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from infra.release import diff
from infra.release.freeze import keep
from infra.release.released import freeze, harms, release_of, released, unlisted
from infra.release.stateful import REPLACES
from tests.infra.assembly import Assembly

type Json = dict[str, Any]
type Change = Callable[[dict[str, Json]], object]


def of_type(template: Json, kind: str, *, having: str = "") -> tuple[str, Json]:
    return next(
        (key, body)
        for key, body in template["Resources"].items()
        if body["Type"] == kind and having in key + json.dumps(body)
    )


def properties(templates: dict[str, Json], kind: str, *, having: str = "") -> Json:
    stack = next(
        each
        for each in templates.values()
        if any(body["Type"] == kind for body in each["Resources"].values())
    )
    found: Json = of_type(stack, kind, having=having)[1]["Properties"]
    return found


def changed(prod: Assembly, change: Change) -> dict[str, Json]:
    templates = deepcopy(prod.templates)
    change(templates)
    return templates


def table(templates: dict[str, Json]) -> Json:
    return properties(templates, "AWS::DynamoDB::Table")


def add_index(templates: dict[str, Json], name: str) -> None:
    made = {**table(templates)["GlobalSecondaryIndexes"][0], "IndexName": name}
    table(templates)["GlobalSecondaryIndexes"].append(made)


def two_indexes(templates: dict[str, Json]) -> None:
    add_index(templates, "second")
    add_index(templates, "third")


def one_index_for_another(templates: dict[str, Json]) -> None:
    table(templates)["GlobalSecondaryIndexes"].pop()
    add_index(templates, "second")


def lose(kind: str, *, having: str) -> Change:
    def change(templates: dict[str, Json]) -> None:
        for template in templates.values():
            for key, body in list(template["Resources"].items()):
                if body["Type"] == kind and having in json.dumps(body["Properties"]):
                    del template["Resources"][key]

    return change


def move_the_table(templates: dict[str, Json]) -> None:
    stack = next(
        each
        for each in templates.values()
        if any(body["Type"] == "AWS::DynamoDB::Table" for body in each["Resources"].values())
    )
    key, body = of_type(stack, "AWS::DynamoDB::Table")
    del stack["Resources"][key]
    templates["elsewhere"] = {"Resources": {key: body}}


def let_the_table_go(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for body in template["Resources"].values():
            if body["Type"] == "AWS::DynamoDB::Table":
                body["DeletionPolicy"] = "Delete"


def another_type(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for body in template["Resources"].values():
            if body["Type"] == "AWS::DynamoDB::Table":
                body["Type"] = "AWS::SQS::Queue"


SECRET = "AWS::SecretsManager::Secret"
HARMS: dict[str, Change] = {
    "makes or deletes one index": two_indexes,
    "these are 2": one_index_for_another,
    "cannot change": lambda each: table(each)["GlobalSecondaryIndexes"][0].update(
        Projection={"ProjectionType": "ALL"}
    ),
    "as TableName changed": lambda each: table(each).update(TableName="renamed"),
    "as KeySchema changed": lambda each: table(each)["KeySchema"].pop(),
    "StreamSpecification changed": lambda each: table(each).update(
        StreamSpecification={"StreamViewType": "KEYS_ONLY"}
    ),
    "DeletionPolicy was": let_the_table_go,
    "would become AWS::SQS::Queue": another_type,
    "is lost": move_the_table,
    "couponbus-prod-signups) is lost": lose("AWS::SQS::Queue", having='"couponbus-prod-signups"'),
    "couponbus/prod/pepper) is lost": lose(SECRET, having="prod/pepper"),
    "GenerateSecretString changed": lambda each: properties(each, SECRET, having="prod/pepper")[
        "GenerateSecretString"
    ].update(PasswordLength=65),
    "as Name changed": lambda each: properties(each, SECRET, having="prod/pepper").update(
        Name="couponbus/prod/salt"
    ),
    "as QueueName changed": lambda each: properties(each, "AWS::SQS::Queue").update(
        QueueName="renamed"
    ),
    "as LogGroupName changed": lambda each: properties(each, "AWS::Logs::LogGroup").update(
        LogGroupName="renamed"
    ),
}


def allow(templates: dict[str, Json], **statement: object) -> None:
    document = properties(templates, "AWS::IAM::ManagedPolicy")["PolicyDocument"]
    document["Statement"].append({"Effect": "Allow", **statement})


def admit_another_account(templates: dict[str, Json]) -> None:
    role = properties(templates, "AWS::IAM::Role", having="lambda.amazonaws.com")
    role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"AWS": "*"}


def attach_a_policy(templates: dict[str, Json]) -> None:
    properties(templates, "AWS::IAM::Role")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/Admin"]


def drop_conditions(templates: dict[str, Json]) -> None:
    for template in templates.values():
        for body in template["Resources"].values():
            if body["Type"] == "AWS::IAM::ManagedPolicy":
                for statement in body["Properties"]["PolicyDocument"]["Statement"]:
                    statement.pop("Condition", None)


def open_a_queue(templates: dict[str, Json]) -> None:
    for statement in properties(templates, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]:
        if statement["Effect"] == "Deny":
            statement["Condition"] = {"Bool": {"aws:SecureTransport": "maybe"}}


def deny_all_but(*principals: str) -> Change:
    def change(templates: dict[str, Json]) -> None:
        document = properties(templates, "AWS::SQS::QueuePolicy")["PolicyDocument"]
        denied = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
        document["Statement"].append({**denied, "NotPrincipal": {"AWS": list(principals)}})

    return change


WIDER: dict[str, Change] = {
    "dynamodb:DeleteTable": lambda each: allow(
        each, Action=["sqs:SendMessage", "dynamodb:DeleteTable"], Resource="*"
    ),
    "NotAction": lambda each: allow(each, NotAction="iam:PassRole", Resource="*"),
    "sts:AssumeRole": admit_another_account,
    "policy/Admin": attach_a_policy,
    "dynamodb:PutItem": drop_conditions,
    "no longer refused": open_a_queue,
    "no longer refused: Deny events:PutEvents": lose("AWS::Events::EventBusPolicy", having="Deny"),
}


def test_the_templates_of_today_may_be_released(prod: Assembly) -> None:
    today = release_of(prod.templates)
    assert not [*harms(released(), today), *unlisted(released(), today)]


@pytest.mark.parametrize("said", HARMS)
def test_a_planted_harm_is_refused(prod: Assembly, said: str, tmp_path: Path) -> None:
    before, after = release_of(prod.templates), release_of(changed(prod, HARMS[said]))
    assert said in "\n".join(harms(before, after))
    freeze(before, folder=tmp_path)
    assert keep(after, folder=tmp_path) == 1 and released(tmp_path) == before


@pytest.mark.parametrize("said", WIDER)
def test_a_wider_policy_is_refused_until_it_is_listed(
    prod: Assembly, said: str, tmp_path: Path
) -> None:
    before, after = release_of(prod.templates), release_of(changed(prod, WIDER[said]))
    assert said in "\n".join(unlisted(before, after))
    freeze(before, folder=tmp_path)
    assert keep(after, folder=tmp_path) == 0 and not unlisted(released(tmp_path), after)


def test_a_denial_that_spares_one_principal_more_is_refused(prod: Assembly) -> None:
    before = release_of(changed(prod, deny_all_but("arn:one")))
    after = release_of(changed(prod, deny_all_but("arn:one", "arn:two")))

    [sentence] = [each for each in unlisted(before, after) if "no longer refused" in each]
    assert "NotPrincipal" in sentence and "arn:one" in sentence


def test_one_index_and_one_queue_more_are_no_harm(prod: Assembly) -> None:
    def grow(templates: dict[str, Json]) -> None:
        add_index(templates, "second")
        more = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "more"}}
        templates["messaging"]["Resources"]["More"] = more

    assert not harms(release_of(prod.templates), release_of(changed(prod, grow)))


def test_less_may_be_allowed(prod: Assembly) -> None:
    def shrink(templates: dict[str, Json]) -> None:
        document = properties(templates, "AWS::IAM::ManagedPolicy")["PolicyDocument"]
        document["Statement"].pop()

    assert not unlisted(release_of(prod.templates), release_of(changed(prod, shrink)))


@pytest.mark.parametrize("kind", REPLACES)
def test_what_replaces_is_what_the_schema_of_cloudformation_says(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    both = ("createOnlyProperties", "conditionalCreateOnlyProperties")
    paths = [path for each in both for path in schema.get(each, [])]
    assert {path.removeprefix("/properties/") for path in paths} == set(REPLACES[kind])


def test_each_type_that_a_stage_keeps_is_watched(prod: Assembly) -> None:
    kept = {
        body["Type"]
        for template in prod.templates.values()
        for body in template["Resources"].values()
        if body.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert kept - {"AWS::Lambda::Version", "AWS::Lambda::LayerVersion"} <= set(REPLACES)


def test_a_deployment_is_refused_what_would_harm_the_deployed_stacks(
    prod: Assembly, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deepcopy(prod.templates_by_name)
    arguments = ["--assembly", str(prod.folder)]
    assert diff.main(arguments, deployed=deployed.get) == 0
    assert diff.main(arguments, deployed=lambda _: None) == 0
    gone = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "gone"}}
    deployed["couponbus-prod-messaging"]["Resources"]["Gone"] = gone
    capsys.readouterr()
    assert diff.main(arguments, deployed=deployed.get) == 1
    assert "couponbus-prod-messaging/Gone (AWS::SQS::Queue gone) is lost" in capsys.readouterr().err
    expected = ["--expected", "couponbus-prod-messaging/Gone"]
    assert diff.main([*arguments, *expected], deployed=deployed.get) == 0


@dataclass(frozen=True)
class Stacks:
    """CloudFormation with one stack; one that is being reviewed has no template yet."""

    status: str

    def describe_stacks(self, *, StackName: str) -> Json:
        if StackName != "here":
            said = {"Code": "ValidationError", "Message": f"Stack {StackName} does not exist"}
            raise ClientError(cast("Any", {"Error": said}), "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_template(self, *, StackName: str) -> Json:
        return {"TemplateBody": "" if self.status == "REVIEW_IN_PROGRESS" else {"Resources": {}}}


def test_what_is_deployed_is_no_stack_whose_creation_failed_or_has_not_begun() -> None:
    assert diff.deployed_in(Stacks("UPDATE_ROLLBACK_COMPLETE"))("here") == {"Resources": {}}
    assert diff.deployed_in(Stacks("CREATE_COMPLETE"))("elsewhere") is None
    for status in ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"):
        assert diff.deployed_in(Stacks(status))("here") is None
