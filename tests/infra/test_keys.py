"""Whose keys encrypt what is stored, who may use a key of yours, and what its policy must say."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.stage import StageConfig
from infra.encryption import refuse_key_elsewhere
from infra.sources import ROOT, Sources
from tests.infra.assembly import Assembly, Json, listed
from tests.infra.options import DOMAIN, KEY
from tests.infra.project import synthesised
from tests.infra.stages import DEV, LOCAL
from tests.infra.test_permissions import EXPECTED, allowed

# Type -> the property that names its key.
STORES = {
    "AWS::Events::Archive": "KmsKeyIdentifier",
    "AWS::Events::EventBus": "KmsKeyIdentifier",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
SENDS, READS = {"kms:Decrypt", "kms:GenerateDataKey"}, {"kms:Decrypt"}
ROWS = {
    *SENDS,
    *("kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext"),
    *("kms:ReEncryptFrom", "kms:ReEncryptTo"),
}
# Lets the services in that use the key in their own name.
IN_THEIR_NAME = {
    "AWS::Events::Archive": "events.amazonaws.com",
    "AWS::Events::EventBus": "events.amazonaws.com",
    "AWS::Logs::LogGroup": "logs.REGION.amazonaws.com",
}


@pytest.fixture(scope="module")
def managed(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    stage = replace(DEV, kms="managed")
    return synthesised(project, tmp_path_factory.mktemp("managed"), stage=stage)


def through(assembly: Assembly, role: Json) -> dict[str, set[str]]:
    """Return service -> what the role may do with the key through it."""
    found: dict[str, set[str]] = {}
    for arn in role["ManagedPolicyArns"]:
        for statement in assembly.statements(assembly.target(arn, "workers")):
            if statement["Resource"] == KEY:
                via = statement["Condition"]["StringEquals"]["kms:ViaService"]
                words = assembly.words(via, "workers")
                found[words] = set(listed(statement["Action"]))
    return found


def keys_of(assembly: Assembly, *, none: str = "") -> set[tuple[str, str]]:
    """Return the type and the key of each resource that has one, or `none` in its place."""
    found = {
        (resource.type, resource.properties.get(STORES[resource.type]) or none)
        for resource in assembly.everything
        if resource.type in STORES
    }
    return {(type_, key) for type_, key in found if key}


def of_service(name: str) -> str:
    return f"{name}.eu-west-1.AWS::URLSuffix"


def test_with_a_key_all_that_is_stored_is_under_it(everything: Assembly) -> None:
    (table,) = everything.of("AWS::DynamoDB::Table")

    assert keys_of(everything, none="left out") == {(type_, KEY) for type_ in STORES}
    assert table.properties["SSESpecification"] == {
        "KMSMasterKeyId": KEY,
        "SSEEnabled": True,
        "SSEType": "KMS",
    }
    queues = everything.of("AWS::SQS::Queue")
    assert [each.label for each in queues if "SqsManagedSseEnabled" in each.properties] == []


def test_a_role_uses_the_key_for_its_own_permissions_and_through_their_service_only(
    everything: Assembly,
) -> None:
    for name, permissions in EXPECTED.items():
        role = everything.target(everything.functions[name].properties["Role"], "workers")
        needed = {of_service("dynamodb"): ROWS, of_service("sqs"): SENDS}
        if "secretsmanager:GetSecretValue" in permissions:
            needed[of_service("secretsmanager")] = READS

        assert through(everything, role.properties) == needed


def test_a_key_widens_no_other_permission(everything: Assembly, managed: Assembly) -> None:
    for name, expected in EXPECTED.items():
        logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
        for assembly in (everything, managed):
            role = assembly.target(assembly.functions[name].properties["Role"], "workers")
            granted = {
                action: resources
                for action, resources in allowed(assembly, role).items()
                if resources not in ({KEY}, {"*"}) and action not in logs
            }
            assert granted == expected
        assert not any(action.startswith("kms:") for action in allowed(managed, role))


def test_a_schedule_may_report_with_the_key_when_it_could_not_start_its_function(
    everything: Assembly,
) -> None:
    for schedule in everything.of("AWS::Scheduler::Schedule"):
        role = everything.target(schedule.properties["Target"]["RoleArn"], "workers")

        assert through(everything, role.properties) == {of_service("sqs"): SENDS}


@pytest.mark.parametrize("choice", ["everything", "managed"])
def test_a_queue_under_a_key_lets_only_our_own_rule_and_topic_in(
    choice: str, request: pytest.FixtureRequest
) -> None:
    assembly: Assembly = request.getfixturevalue(choice)
    let_in = [
        statement["Condition"]
        for policy in assembly.of("AWS::SQS::QueuePolicy")
        for statement in assembly.statements(policy)
        if statement["Effect"] == "Allow"
    ]

    assert [list(condition["ArnEquals"]) for condition in let_in] == [["aws:SourceArn"]] * 3


def test_managed_keys_are_used_where_no_service_has_to_use_them(managed: Assembly) -> None:
    """Their policies let no service in, and cannot be edited."""
    queues = managed.by_name("AWS::SQS::Queue")
    filled_by_services = {
        managed.words(statement["Resource"], "messaging").removeprefix("Queue ")
        for policy in managed.of("AWS::SQS::QueuePolicy")
        for statement in managed.statements(policy)
        if statement["Effect"] == "Allow"
    }
    (table,) = managed.of("AWS::DynamoDB::Table")

    assert filled_by_services == {"couponbus-dev-signups", "couponbus-dev-undelivered"}
    for name, queue in queues.items():
        expected = (True, None) if name in filled_by_services else (None, "alias/aws/sqs")
        found = queue.properties
        assert (found.get("SqsManagedSseEnabled"), found.get("KmsMasterKeyId")) == expected
    assert table.properties["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert keys_of(managed) - {("AWS::SQS::Queue", "alias/aws/sqs")} == set()


def test_by_default_no_resource_names_a_key(dev: Assembly) -> None:
    (table,) = dev.of("AWS::DynamoDB::Table")

    assert keys_of(dev) == set()
    assert "SSESpecification" not in table.properties
    assert not [
        policy.id
        for policy in dev.of("AWS::IAM::ManagedPolicy")
        if "kms:" in json.dumps(policy.properties)
    ]


def test_the_page_names_each_service_that_uses_the_key_in_its_own_name(
    everything: Assembly,
) -> None:
    text = (ROOT / "infra" / "README.md").read_text().partition("\n### Keys\n")[2]
    policy = json.loads(text.partition("```json\n")[2].partition("```")[0])
    named = {
        service: set(listed(statement["Action"]))
        for statement in policy["Statement"]
        for service in listed(statement["Principal"].get("Service", []))
    }
    let_in = {
        statement["Principal"]["Service"]
        for resource in everything.everything
        if resource.type in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        for statement in everything.statements(resource)
        if "Service" in statement["Principal"]
    }
    storing = {
        IN_THEIR_NAME[resource.type]
        for resource in everything.everything
        if resource.type in IN_THEIR_NAME
    }

    assert set(named) == let_in | storing
    assert all(actions >= SENDS for actions in named.values())
    assert {each["Effect"] for each in policy["Statement"]} == {"Allow"}


def with_key(key: str) -> Callable[[], StageConfig]:
    return lambda: replace(DEV, kms=key)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (with_key("aws"), "kms is 'aws': use none, managed, or the ARN of a key"),
        (with_key(""), "kms is ''"),
        (with_key("alias/mine"), "an alias may come to name another one"),
        (with_key("12345678-1234-1234-1234-123456789012"), "use none, managed, or the ARN"),
        (with_key(KEY.replace("key/", "alias/")), "use none, managed, or the ARN"),
        (with_key(f"{KEY}\n"), "use none, managed, or the ARN"),
        (
            lambda: replace(DEV, kms=KEY.replace("eu-west-1", "us-east-1"), domain=DOMAIN),
            "of the region us-east-1, and the certificate of the domain is of eu-west-1",
        ),
        (
            lambda: replace(DEV, kms=KEY.replace("123456789012:", "210987654321:"), domain=DOMAIN),
            "of the account 210987654321, and the certificate of the domain is of 123456789012",
        ),
        (lambda: replace(LOCAL, kms=KEY), "the stage local has no keys"),
    ],
)
def test_what_names_no_key_of_the_stage_is_refused(
    wrong: Callable[[], StageConfig], sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        wrong()

    assert refused.value.at == ("kms",)


def test_a_key_of_several_regions_is_one() -> None:
    assert replace(DEV, kms=f"{KEY.partition('/')[0]}/mrk-{'0' * 32}")


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_key_of_another_region_than_the_one_to_deploy_to_is_refused(variable: str) -> None:
    stage = replace(DEV, kms=KEY)

    refuse_key_elsewhere(stage, environment={variable: "eu-west-1"})
    refuse_key_elsewhere(stage, environment={})
    with pytest.raises(ConfigurationError, match="of the region eu-west-1, and the stage is for"):
        refuse_key_elsewhere(stage, environment={variable: "us-east-1"})
