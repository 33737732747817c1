"""The stacks without functions deploy on an engine made by others, and do their work."""

import json
from collections.abc import Mapping

import pytest

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import Stack, StackFailed
from tests.e2e.engine.laboratory import until
from tests.infra.assembly import Assembly
from tests.second_engine.cloud import bodies_on
from tests.second_engine.stacks import deployed_by

SIGN_UP = "CustomerSignedUp"


def put(second: Access, *, source: str, kind: str, number: int) -> None:
    answer = second.events().put_events(
        Entries=[
            {
                "EventBusName": "couponbus-prod",
                "Source": source,
                "DetailType": kind,
                "Detail": json.dumps({"number": number}),
            }
        ]
    )
    assert answer["FailedEntryCount"] == 0


def arrived(second: Access, deployed: Mapping[str, Stack], queue: str) -> list[int]:
    """Return the numbers of the events in a queue."""
    url = deployed["messaging"].outputs[f"{queue}QueueUrl"]
    return [json.loads(body)["detail"]["number"] for body in bodies_on(second, url)]


def test_each_resource_of_the_stacks_is_made(deployed: Mapping[str, Stack], prod: Assembly) -> None:
    for name, stack in deployed.items():
        wanted = {id_: body["Type"] for id_, body in prod.templates[name]["Resources"].items()}

        assert {each.logical_id: each.type for each in stack.resources} == wanted


def test_each_alarm_watches_what_the_template_says(
    second: Access, deployed: Mapping[str, Stack], prod: Assembly
) -> None:
    pages = second.metrics().get_paginator("describe_alarms").paginate()
    made = {
        each["AlarmName"]: (each["Threshold"], each["ComparisonOperator"], each.get("MetricName"))
        for page in pages
        for each in page["MetricAlarms"]
    }

    wanted = {
        each["AlarmName"]: (each["Threshold"], each["ComparisonOperator"], each.get("MetricName"))
        for each in (alarm.properties for alarm in prod.of("AWS::CloudWatch::Alarm"))
    }
    assert len(wanted) > 50
    assert made == wanted


def test_only_sign_ups_of_others_reach_the_queue_of_sign_ups(
    second: Access, deployed: Mapping[str, Stack]
) -> None:
    put(second, source="shop.example", kind=SIGN_UP, number=1)
    put(second, source="couponbus.evil", kind=SIGN_UP, number=2)
    put(second, source="couponbus.coniq", kind="BarcodeIssued", number=3)
    put(second, source="shop.example", kind="BarcodeIssued", number=4)
    put(second, source="shop.example", kind=SIGN_UP, number=5)

    until(lambda: len(arrived(second, deployed, "Signups")) >= 2, seconds=30)
    assert sorted(arrived(second, deployed, "Signups")) == [1, 5]
    assert all(arrived(second, deployed, name) == [] for name in ("Notifications", "Undelivered"))


@pytest.mark.parametrize(("policy", "left"), [("Retain", True), ("RetainExceptOnCreate", False)])
def test_a_secret_that_was_left_behind_stops_the_next_deployment(
    second: Access, prod: Assembly, policy: str, left: bool
) -> None:
    """CloudFormation leaves both behind; this engine knows Retain only (decision 0175)."""
    secrets = {
        id_: {**body, "DeletionPolicy": policy}
        for id_, body in prod.templates["state"]["Resources"].items()
        if body["Type"] == "AWS::SecretsManager::Secret"
    }
    template, name = {"Resources": secrets}, f"left-behind-{policy}"
    stack = deployed_by(second, name=name, template=template)
    second.cloudformation().delete_stack(StackName=name)
    second.cloudformation().get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )

    assert len(stack.resources) == len(secrets) > 1
    names = {body["Properties"]["Name"] for body in secrets.values()}
    pages = second.secrets().get_paginator("list_secrets").paginate()
    assert (names <= {each["Name"] for page in pages for each in page["SecretList"]}) is left
    if left:
        with pytest.raises(StackFailed, match="already exists"):
            deployed_by(second, name="again", template=template)
        for each in names:
            second.secrets().delete_secret(SecretId=each, ForceDeleteWithoutRecovery=True)
