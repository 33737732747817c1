"""IAM is enforced, for the functions' roles and over verified TLS only."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from couponbus_sandbox.engine.access import Access
from tests.e2e.engine.laboratory import Json, Laboratory, any_name, arn, function, queue, ref, role
from tests.e2e.permissions import assumed, is_allowed

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SEND = """
    import os, boto3
    from botocore.exceptions import ClientError

    def handler(event, context):
        try:
            boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody="x")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "sent"
"""


def sending_stack(laboratory: Laboratory, action: str, *, code: str) -> str:
    stack = laboratory.deploy(
        {
            "Out": queue(),
            "Role": role((action, arn("Out"))),
            "Send": function(code, its_role="Role", Environment={"Variables": {"OUT": ref("Out")}}),
        }
    )
    return laboratory.physical(stack, "Send")


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("sqs:SendMessage", "sent"), ("sqs:GetQueueUrl", "AccessDenied")],
)
def test_a_function_may_do_what_its_role_allows_and_nothing_else(
    laboratory: Laboratory, action: str, outcome: str
) -> None:
    name = sending_stack(laboratory, action, code=SEND)

    answer = laboratory.access.functions().invoke(FunctionName=name)

    assert outcome in json.loads(answer["Payload"].read())


SEND_A_BATCH = """
    import os, boto3
    from botocore.exceptions import ClientError

    def handler(event, context):
        entries = [{"Id": "1", "MessageBody": "x"}]
        try:
            boto3.client("sqs").send_message_batch(QueueUrl=os.environ["OUT"], Entries=entries)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "sent"
"""


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("sqs:SendMessage", "sent"), ("sqs:ReceiveMessage", "AccessDenied")],
)
def test_a_batch_call_to_a_queue_needs_the_permission_of_the_single_call(
    laboratory: Laboratory, action: str, outcome: str
) -> None:
    name = sending_stack(laboratory, action, code=SEND_A_BATCH)

    answer = laboratory.access.functions().invoke(FunctionName=name)

    assert outcome in json.loads(answer["Payload"].read())


def bus_with_policy() -> Mapping[str, Json]:
    """Roles that publish, forge and sell in a shop, of which the last has no policy of its own."""
    put = {"Action": "events:PutEvents", "Resource": arn("Bus")}
    ours = {
        "Effect": "Deny",
        "Principal": "*",
        "Condition": {
            "ForAnyValue:StringLike": {"events:source": ["ours.*"]},
            "ArnNotLike": {"aws:PrincipalArn": [arn("Publisher")]},
        },
    }
    shop = {
        "Effect": "Allow",
        "Principal": {"AWS": arn("Shop")},
        "Condition": {
            "ForAllValues:StringLike": {"events:source": ["shop.*"]},
            "ForAllValues:StringEquals": {"events:detail-type": ["Any"]},
            "Null": {"events:source": "false", "events:detail-type": "false"},
        },
    }
    return {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": any_name("bus")}},
        "Publisher": role(("events:PutEvents", "*")),
        "Forger": role(("events:PutEvents", "*")),
        "Shop": role(),
        **{
            name: {
                "Type": "AWS::Events::EventBusPolicy",
                "Properties": {
                    "EventBusName": ref("Bus"),
                    "StatementId": name,
                    "Statement": put | statement,
                },
            }
            for name, statement in (("Ours", ours), ("Sales", shop))
        },
    }


def test_the_policy_of_a_bus_decides_by_source_detail_type_and_role(
    laboratory: Laboratory,
) -> None:
    outputs = {name: {"Value": arn(name)} for name in ("Publisher", "Forger", "Shop")}
    stack = laboratory.deploy(bus_with_policy(), outputs=outputs)
    bus = laboratory.physical(stack, "Bus")

    def may_put(who: str, *events: str) -> bool:
        """Return whether the role may put these events, each `source detail-type bus`."""
        own = assumed(stack.outputs[who], access=laboratory.access)
        client = laboratory.access.session.client("events", **own)
        entries: list[PutEventsRequestEntryTypeDef] = [
            {"Source": source, "DetailType": kind, "EventBusName": name, "Detail": "{}"}
            for source, kind, name in (f"{each} {bus}".split()[:3] for each in events)
        ]
        return is_allowed(lambda: client.put_events(Entries=entries))

    assert may_put("Publisher", "ours.a Any")
    assert may_put("Publisher", "other Any", "ours.a Else")
    assert not may_put("Forger", "ours.a Any")
    assert not may_put("Forger", "other Any", "ours.a Any")
    assert not may_put("Forger", "other Any default", "ours.a Any")
    assert may_put("Forger", "other Any")
    assert may_put("Shop", "shop.a Any", "shop.b Any")
    assert not may_put("Shop", "shop.a Any", "shop.a Else")
    assert not may_put("Shop", "shop.a Any", "other Any")
    assert not may_put("Shop", "ours.a Any")


def test_the_engine_speaks_tls_with_its_own_certificate_only(access: Access) -> None:
    url = f"{access.endpoint_url}/_ministack/health"
    trusting = ssl.create_default_context(cafile=str(access.ca_bundle))

    assert urllib.request.urlopen(url, context=trusting, timeout=5).status == 200
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(url, context=ssl.create_default_context(), timeout=5)
