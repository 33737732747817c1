"""A mapping that the template disables reads nothing, and everything once when it is enabled."""

from couponbus_sandbox.engine.stacks import Stack
from tests.e2e.engine.laboratory import (
    Laboratory,
    any_name,
    arn,
    function,
    mapping,
    queue,
    ref,
    role,
)

PASS_ON = """
    import os, boto3
    sqs = boto3.client("sqs")

    def handler(event, context):
        for record in event["Records"]:
            sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=record["body"])
"""


def deployed(laboratory: Laboratory, name: str, *, enabled: bool) -> Stack:
    resources = {
        "In": queue(),
        "Out": queue(),
        "Role": role(("sqs:SendMessage", arn("Out"))),
        "PassOn": function(
            PASS_ON, its_role="Role", Environment={"Variables": {"OUT": ref("Out")}}
        ),
        "Mapping": mapping(source=arn("In"), target=ref("PassOn"), Enabled=enabled),
    }
    return laboratory.deploy(resources, name=name)


def test_what_came_while_it_was_disabled_is_read_once_after_a_deployment_enables_it(
    laboratory: Laboratory,
) -> None:
    name = any_name("paused")
    stack = deployed(laboratory, name, enabled=False)
    functions = laboratory.access.functions()
    uuid = laboratory.physical(stack, "Mapping")
    laboratory.send(laboratory.physical(stack, "In"), ["one", "two"])
    before = functions.get_event_source_mapping(UUID=uuid)["State"]
    meanwhile = laboratory.take(laboratory.physical(stack, "Out"))

    deployed(laboratory, name, enabled=True)

    after = functions.get_event_source_mapping(UUID=uuid)["State"]
    passed = laboratory.take_all(laboratory.physical(stack, "Out"), count=2)
    assert (before, after) == ("Disabled", "Enabled")
    assert meanwhile == []
    assert sorted(passed) == ["one", "two"]
