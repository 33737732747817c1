"""Small hand-made templates, deployed to a running engine."""

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from textwrap import dedent

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import Stack, deploy_stack

BUCKET = "laboratory"
_numbers = itertools.count(1)

type Json = Mapping[str, object]


def any_name(kind: str) -> str:
    return f"{kind}-{next(_numbers)}"


def until[T](poll: Callable[[], T], *, seconds: float = 20) -> T:
    """Return the first true value that `poll` returns; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := poll():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing came within {seconds} s")


def ref(logical_id: str) -> Json:
    return {"Ref": logical_id}


def arn(logical_id: str) -> Json:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def role(*statements: tuple[str, object], service: str = "lambda.amazonaws.com") -> Json:
    """An IAM role that may do what (action, resource) pairs say, and nothing else."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    allowed = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in statements
    ]
    policy = {"PolicyName": "own", "PolicyDocument": _document(allowed)}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": _document([trust]),
            "Policies": [policy] if allowed else [],
        },
    }


def function(code: str, *, its_role: str, **properties: object) -> Json:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": arn(its_role),
            "Timeout": 10,
            "Code": {"ZipFile": dedent(code)},
            **properties,
        },
    }


def queue(**properties: object) -> Json:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def table(**properties: object) -> Json:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            **properties,
        },
    }


def mapping(*, source: object, target: object, **properties: object) -> Json:
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": source, "FunctionName": target, **properties},
    }


def _document(statements: Sequence[object]) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


class Laboratory:
    def __init__(self, access: Access) -> None:
        self.access = access
        access.s3().create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )

    def deploy(
        self,
        resources: Mapping[str, Json],
        *,
        outputs: Mapping[str, Json] | None = None,
        name: str = "",
    ) -> Stack:
        stack = name or any_name("stack")
        template = {"Resources": resources, "Outputs": outputs or {}}
        self.access.s3().put_object(Bucket=BUCKET, Key=stack, Body=json.dumps(template))
        return deploy_stack(
            client=self.access.cloudformation(),
            name=stack,
            template_url=f"{self.access.endpoint_url}/{BUCKET}/{stack}",
            protection="unprotected",
        )

    def physical(self, stack: Stack, logical_id: str) -> str:
        return next(each.physical_id for each in stack.resources if each.logical_id == logical_id)

    def send(self, queue_url: str, bodies: Sequence[str]) -> None:
        client = self.access.sqs()
        for chunk in itertools.batched(bodies, 10, strict=False):
            client.send_message_batch(
                QueueUrl=queue_url,
                Entries=[{"Id": str(i), "MessageBody": body} for i, body in enumerate(chunk)],
            )

    def enable(self, queue_url: str) -> None:
        """Let the mapping of a queue begin to read it."""
        attributes = self.access.sqs().get_queue_attributes(
            QueueUrl=queue_url, AttributeNames=["QueueArn"]
        )
        source = attributes["Attributes"]["QueueArn"]
        client = self.access.functions()
        [found] = client.list_event_source_mappings(EventSourceArn=source)["EventSourceMappings"]
        client.update_event_source_mapping(UUID=found["UUID"], Enabled=True)

    def take_all(self, queue_url: str, *, count: int, seconds: float = 20) -> list[str]:
        """Return and delete `count` messages; fail when fewer come in time."""
        found: list[str] = []

        def enough() -> bool:
            found.extend(self.take(queue_url))
            return len(found) >= count

        until(enough, seconds=seconds)
        return found

    def take(self, queue_url: str) -> list[str]:
        """Return and delete up to ten messages that are visible now."""
        client = self.access.sqs()
        received = client.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        messages = received.get("Messages", [])
        for message in messages:
            client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]
