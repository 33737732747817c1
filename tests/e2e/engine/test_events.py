"""Buses of a template: archive with replay, resource policy, and rules into queues."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

from couponbus_sandbox.engine.stacks import Stack
from tests.e2e.engine.laboratory import Json, Laboratory, any_name, arn, queue, ref, until

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef


def any_bus() -> Json:
    return {"Type": "AWS::Events::EventBus", "Properties": {"Name": any_name("bus")}}


def archive(**properties: object) -> Json:
    return {
        "Type": "AWS::Events::Archive",
        "Properties": {"SourceArn": arn("Bus"), "RetentionDays": 7, **properties},
    }


def rule_into_queue() -> dict[str, Json]:
    target = {"Arn": arn("Out"), "Id": "out"}
    return {
        "Out": queue(),
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": ref("Bus"),
                "EventPattern": {"source": ["shop"]},
                "Targets": [target],
            },
        },
    }


def put(laboratory: Laboratory, bus: str, *, source: str, number: int) -> None:
    laboratory.access.events().put_events(
        Entries=[
            {
                "EventBusName": bus,
                "Source": source,
                "DetailType": "Any",
                "Detail": json.dumps({"number": number}),
            }
        ]
    )


def numbers(laboratory: Laboratory, stack: Stack) -> list[int]:
    out = laboratory.physical(stack, "Out")
    bodies = until(lambda: laboratory.take(out))
    return [json.loads(body)["detail"]["number"] for body in bodies]


def test_an_archive_keeps_what_matches_and_replays_it(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(
        {"Bus": any_bus(), "Archive": archive(EventPattern={"source": ["shop"]})}
        | rule_into_queue(),
        outputs={"Archive": {"Value": arn("Archive")}, "Bus": {"Value": arn("Bus")}},
    )
    bus = laboratory.physical(stack, "Bus")
    put(laboratory, bus, source="shop", number=1)
    put(laboratory, bus, source="elsewhere", number=2)
    assert numbers(laboratory, stack) == [1]

    now = datetime.datetime.now(datetime.UTC)
    laboratory.access.events().start_replay(
        ReplayName=any_name("replay"),
        EventSourceArn=stack.outputs["Archive"],
        EventStartTime=now - datetime.timedelta(minutes=5),
        EventEndTime=now + datetime.timedelta(minutes=5),
        Destination={"Arn": stack.outputs["Bus"]},
    )

    assert numbers(laboratory, stack) == [1]


def test_an_entry_that_is_no_event_is_refused_and_the_others_arrive(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(
        {"Bus": any_bus()} | rule_into_queue(), outputs={"Bus": {"Value": arn("Bus")}}
    )
    bus = laboratory.physical(stack, "Bus")

    def entry(
        *, source: str = "shop", kind: str = "Any", detail: str = '{"number": 1}'
    ) -> PutEventsRequestEntryTypeDef:
        return {"EventBusName": bus, "Source": source, "DetailType": kind, "Detail": detail}

    missing = [entry(source=""), entry(kind="")]
    malformed = [entry(detail=detail) for detail in ("[1]", "{", "1")]

    answer = laboratory.access.events().put_events(Entries=[*missing, entry(), *malformed])

    codes = [result.get("ErrorCode", "accepted") for result in answer["Entries"]]
    assert codes == ["InvalidArgument"] * 2 + ["accepted"] + ["MalformedDetail"] * 3
    assert answer["FailedEntryCount"] == 5
    assert numbers(laboratory, stack) == [1]


def test_a_longer_retention_updates_the_same_archive(laboratory: Laboratory) -> None:
    bus = any_bus()
    before = laboratory.deploy({"Bus": bus, "Archive": archive()})

    after = laboratory.deploy({"Bus": bus, "Archive": archive(RetentionDays=30)}, name=before.name)

    name = laboratory.physical(before, "Archive")
    assert laboratory.physical(after, "Archive") == name
    described = laboratory.access.events().describe_archive(ArchiveName=name)
    assert described["RetentionDays"] == 30


def test_an_archive_goes_with_its_stack(laboratory: Laboratory) -> None:
    stack = laboratory.deploy({"Bus": any_bus(), "Archive": archive()})
    name = laboratory.physical(stack, "Archive")

    laboratory.access.cloudformation().delete_stack(StackName=stack.name)

    def names() -> set[str]:
        archives = laboratory.access.events().list_archives()["Archives"]
        return {archive["ArchiveName"] for archive in archives}

    until(lambda: name not in names())


def test_a_statement_of_a_bus_policy_stands_as_it_was_written(laboratory: Laboratory) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Action": "events:PutEvents",
        "Resource": arn("Bus"),
        "Condition": {"StringEquals": {"events:source": "shop"}},
    }
    policy = {
        "Type": "AWS::Events::EventBusPolicy",
        "Properties": {
            "EventBusName": ref("Bus"),
            "StatementId": "shop-may-put",
            "Statement": statement,
        },
    }

    stack = laboratory.deploy({"Bus": any_bus(), "Policy": policy})

    bus = laboratory.access.events().describe_event_bus(Name=laboratory.physical(stack, "Bus"))
    expected = statement | {"Resource": bus["Arn"], "Sid": "shop-may-put"}
    assert json.loads(bus["Policy"])["Statement"] == [expected]
