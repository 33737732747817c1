"""Everything reaches a function by its alias: queue, stream, schedule and caller."""

import datetime
import json

from couponbus_sandbox.engine.stacks import Stack
from tests.e2e.engine.laboratory import (
    Json,
    Laboratory,
    arn,
    function,
    mapping,
    queue,
    ref,
    role,
    table,
    until,
)

SEND_WHO_RAN = """
    import json, os, boto3
    sqs = boto3.client("sqs")

    def handler(event, context):
        ran = {"version": context.function_version, "event": event}
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(ran))
        return ran
"""


def with_alias(**resources: Json) -> dict[str, Json]:
    return {
        "Out": queue(),
        "Role": role(("sqs:SendMessage", arn("Out"))),
        "Tell": function(
            SEND_WHO_RAN, its_role="Role", Environment={"Variables": {"OUT": ref("Out")}}
        ),
        "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": ref("Tell")}},
        "Live": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": "live",
                "FunctionName": ref("Tell"),
                "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
            },
        },
        **resources,
    }


def received(laboratory: Laboratory, stack: Stack) -> dict[str, object]:
    out = laboratory.physical(stack, "Out")
    [body] = until(lambda: laboratory.take(out))
    content: dict[str, object] = json.loads(body)
    return content


def test_a_caller_can_name_the_alias(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(with_alias())

    answer = laboratory.access.functions().invoke(
        FunctionName=f"{laboratory.physical(stack, 'Tell')}:live", Payload=b'{"a": 1}'
    )

    assert json.loads(answer["Payload"].read()) == {"version": "1", "event": {"a": 1}}


def test_a_queue_reaches_the_alias_through_an_imported_value(laboratory: Laboratory) -> None:
    first = laboratory.deploy(
        {"In": queue()}, outputs={"In": {"Value": arn("In"), "Export": {"Name": "alias-in"}}}
    )
    stack = laboratory.deploy(
        with_alias(
            Mapping=mapping(
                source={"Fn::ImportValue": "alias-in"},
                target=ref("Live"),
                BatchSize=200,
                MaximumBatchingWindowInSeconds=1,
                ScalingConfig={"MaximumConcurrency": 2},
            )
        )
    )

    laboratory.send(laboratory.physical(first, "In"), ["through the alias"])

    assert received(laboratory, stack)["version"] == "1"


def test_a_stream_reaches_the_alias(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(
        with_alias(
            Table=table(StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}),
            Mapping=mapping(
                source={"Fn::GetAtt": ["Table", "StreamArn"]},
                target=ref("Live"),
                StartingPosition="LATEST",
            ),
        )
    )

    name = laboratory.physical(stack, "Table")
    laboratory.access.dynamodb().put_item(TableName=name, Item={"pk": {"S": "key"}})

    assert received(laboratory, stack)["version"] == "1"


def test_a_schedule_reaches_the_alias_with_its_input(laboratory: Laboratory) -> None:
    now = datetime.datetime.now(datetime.UTC)
    schedule = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": f"at({now:%Y-%m-%dT%H:%M:%S})",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": ref("Live"),
                "RoleArn": arn("Caller"),
                "Input": '{"reason": "it is time"}',
            },
        },
    }
    caller = role(("lambda:InvokeFunction", ref("Live")), service="scheduler.amazonaws.com")

    stack = laboratory.deploy(with_alias(Caller=caller, Schedule=schedule))

    assert received(laboratory, stack) == {"version": "1", "event": {"reason": "it is time"}}
