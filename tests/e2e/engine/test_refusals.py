"""What CloudFormation refuses on AWS, in its words: the engine refuses it too."""

from collections.abc import Mapping, Sequence

import pytest

from couponbus_sandbox.engine.stacks import Stack, StackFailed
from tests.e2e.engine.laboratory import (
    Json,
    Laboratory,
    any_name,
    arn,
    function,
    queue,
    ref,
    role,
    table,
    until,
)

PATTERN = {"source": ["shop"]}
LIMIT = 4096
BUS = "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"


def resource(kind: str, **properties: object) -> Json:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def named(kind: str, name: str) -> Mapping[str, Json]:
    """A stack's resources of which the last one has this name."""
    target = {"Arn": arn("Queue"), "RoleArn": arn("Role")}
    alarm = {"Namespace": "Any", "MetricName": "Any", "Period": 60, "EvaluationPeriods": 1}
    alarm |= {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1, "Statistic": "Sum"}
    kinds: Mapping[str, Mapping[str, Json]] = {
        "Secret": {"Named": resource("SecretsManager::Secret", Name=name)},
        "Queue": {"Named": queue(QueueName=name)},
        "LogGroup": {"Named": resource("Logs::LogGroup", LogGroupName=name)},
        "Function": {
            "Role": role(),
            "Named": function("def handler(*_): pass", its_role="Role", FunctionName=name),
        },
        "Rule": {"Named": resource("Events::Rule", Name=name, EventPattern=PATTERN)},
        "Schedule": {
            "Queue": queue(),
            "Role": role(),
            "Named": resource(
                "Scheduler::Schedule",
                Name=name,
                ScheduleExpression="rate(1 hour)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target=target,
            ),
        },
        "ScheduleGroup": {"Named": resource("Scheduler::ScheduleGroup", Name=name)},
        "Table": {"Named": table(TableName=name)},
        "EventBus": {"Named": resource("Events::EventBus", Name=name)},
        "Archive": {
            "Named": resource("Events::Archive", ArchiveName=name, SourceArn={"Fn::Sub": BUS})
        },
        "Topic": {"Named": resource("SNS::Topic", TopicName=name)},
        "Alarm": {"Named": resource("CloudWatch::Alarm", AlarmName=name, **alarm)},
        "Dashboard": {
            "Named": resource("CloudWatch::Dashboard", DashboardName=name, DashboardBody="{}")
        },
        "Parameter": {
            "Named": resource("SSM::Parameter", Name=f"/{name}", Type="String", Value="any")
        },
    }
    return kinds[kind]


WORDS = {
    "Secret": "the secret {name} already exists",
    "LogGroup": """'{{"/properties/LogGroupName":"{name}"}}' already exists""",
    "Function": "Function already exist: {name}",
    "Table": "Resource of type 'AWS::DynamoDB::Table' with identifier '{name}' already exists",
}
KINDS = (
    *("Secret", "Queue", "LogGroup", "Function", "Rule", "Schedule", "ScheduleGroup", "Table"),
    *("EventBus", "Archive", "Topic", "Alarm", "Dashboard", "Parameter"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stack_cannot_create_what_has_its_name_already(kind: str, laboratory: Laboratory) -> None:
    name = any_name(kind)
    first = laboratory.deploy(named(kind, name))

    with pytest.raises(StackFailed) as refused:
        laboratory.deploy(named(kind, name))

    assert "Named (AWS::" in str(refused.value)
    assert WORDS.get(kind, "lready").format(name=name) in str(refused.value)
    assert laboratory.deploy(named(kind, name), name=first.name) == first


def exporting(export: str, value: Json) -> Mapping[str, Json]:
    return {"Given": {"Value": value, "Export": {"Name": export}}}


def importing(laboratory: Laboratory, export: str) -> Stack:
    imported = {"Fn::ImportValue": export}
    return laboratory.deploy({"Queue": queue()}, outputs={"Got": {"Value": imported}})


def test_an_update_cannot_drop_an_export_that_a_stack_imports(laboratory: Laboratory) -> None:
    export = any_name("export")
    given = laboratory.deploy({"Queue": queue()}, outputs=exporting(export, arn("Queue")))
    user = importing(laboratory, export)

    with pytest.raises(StackFailed) as refused:
        laboratory.deploy({"Queue": queue(), "Other": queue()}, name=given.name)

    words = f"Export {export} cannot be deleted as it is in use by {user.name}"
    assert words in str(refused.value)
    [described] = laboratory.access.cloudformation().describe_stacks(StackName=given.name)["Stacks"]
    assert described["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [each.get("ExportName") for each in described["Outputs"]] == [export]


def test_an_update_cannot_change_an_export_that_a_stack_imports(laboratory: Laboratory) -> None:
    export = any_name("export")
    resources = {"Queue": queue(), "Other": queue()}
    given = laboratory.deploy(resources, outputs=exporting(export, arn("Queue")))
    user = importing(laboratory, export)

    words = f"Export {export} cannot be updated as it is in use by {user.name}"
    with pytest.raises(StackFailed, match=words):
        laboratory.deploy(resources, outputs=exporting(export, arn("Other")), name=given.name)


def test_an_export_that_no_stack_imports_any_more_can_go(laboratory: Laboratory) -> None:
    export = any_name("export")
    given = laboratory.deploy({"Queue": queue()}, outputs=exporting(export, arn("Queue")))
    user = importing(laboratory, export)
    laboratory.deploy({"Queue": queue()}, name=user.name)

    laboratory.deploy({"Queue": queue()}, name=given.name)

    with pytest.raises(StackFailed, match=f"{export}' not found"):
        importing(laboratory, export)


def test_a_stack_whose_export_is_imported_cannot_be_deleted(laboratory: Laboratory) -> None:
    export = any_name("export")
    given = laboratory.deploy({"Queue": queue()}, outputs=exporting(export, arn("Queue")))
    user = importing(laboratory, export)
    client = laboratory.access.cloudformation()

    with pytest.raises(client.exceptions.ClientError) as refused:
        client.delete_stack(StackName=given.name)

    assert export in str(refused.value)
    assert user.name in str(refused.value)


def with_environment(size: int) -> Mapping[str, Json]:
    """A function whose variables, as the JSON that Lambda measures, have this many bytes."""
    text = "x" * (size - len('{"TEXT":""}'))
    variables = {"Variables": {"TEXT": text}}
    return {
        "Role": role(),
        "Function": function("def handler(*_): pass", its_role="Role", Environment=variables),
    }


def test_a_function_has_at_most_4_kb_of_environment(laboratory: Laboratory) -> None:
    made = laboratory.deploy(with_environment(LIMIT))

    words = "environment variables you have provided exceeded the 4KB limit"
    with pytest.raises(StackFailed, match=words):
        laboratory.deploy(with_environment(LIMIT + 1))
    with pytest.raises(StackFailed, match=words):
        laboratory.deploy(with_environment(LIMIT + 1), name=made.name)


def with_indexes(names: Sequence[str], *, units: int = 0) -> Mapping[str, Json]:
    keys = ["pk", *names]
    warm = {"WarmThroughput": {"WriteUnitsPerSecond": units}} if units else {}
    return {
        "Table": table(
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": name,
                    "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                    **warm,
                }
                for name in names
            ],
        )
        if names
        else table()
    }


@pytest.mark.parametrize(
    ("before", "after"), [("a", "abc"), ("abc", "a"), ("ab", "ac")], ids=lambda names: names
)
def test_an_update_of_a_table_makes_or_deletes_one_index(
    before: str, after: str, laboratory: Laboratory
) -> None:
    made = laboratory.deploy(with_indexes(before))
    changed = sorted(set(before) ^ set(after))
    one = sorted({*before} ^ {changed[0]})

    words = "Cannot perform more than one GSI creation or deletion in a single update"
    with pytest.raises(StackFailed, match=words):
        laboratory.deploy(with_indexes(after), name=made.name)
    assert laboratory.deploy(with_indexes(one), name=made.name)


def test_several_indexes_of_a_table_may_be_warmed_at_once(laboratory: Laboratory) -> None:
    made = laboratory.deploy(with_indexes("ab", units=4_000))

    assert laboratory.deploy(with_indexes("ab", units=8_000), name=made.name)


def test_a_protected_table_is_not_deleted_with_its_stack(laboratory: Laboratory) -> None:
    made = laboratory.deploy(
        {"Table": table(DeletionProtectionEnabled=True)}, outputs={"Name": {"Value": ref("Table")}}
    )
    client = laboratory.access.cloudformation()

    client.delete_stack(StackName=made.name)

    def failed() -> Sequence[str]:
        events = client.describe_stack_events(StackName=made.name)["StackEvents"]
        return [
            each.get("ResourceStatusReason", "")
            for each in events
            if each["ResourceStatus"] == "DELETE_FAILED" and each["LogicalResourceId"] == "Table"
        ]

    [reason] = until(failed)
    assert "currently protected against deletion" in reason
    name = made.outputs["Name"]
    assert laboratory.access.dynamodb().describe_table(TableName=name)["Table"]
