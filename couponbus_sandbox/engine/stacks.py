"""One CloudFormation stack: created or updated, waited for, and explained when it fails."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

CAPABILITIES: "list[CapabilityType]" = [
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
]
DEPLOY_SECONDS = 120.0
POLL_SECONDS = 0.05
DONE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
NEVER_CREATED = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
BEGUN = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"})
CONSEQUENCE = "cancelled"


type Protection = Literal["protected", "unprotected"]


class StackFailed(Exception):
    """A stack did not deploy; the message names the stack, the resource, its type and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One deployed resource; `physical_id` is what Ref gives."""

    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A deployed stack with its outputs by key."""

    name: str
    outputs: Mapping[str, str]
    resources: tuple[Resource, ...]


def deploy_stack(
    *, client: "CloudFormationClient", name: str, template_url: str, protection: Protection
) -> Stack:
    """Create or update the stack and return it when it is complete.

    As the CDK CLI, it protects a stack before anything is created, and deletes one that has failed,
    unless that is protected. Raise StackFailed when CloudFormation refuses the template or gives
    up on a resource.
    """
    try:
        _submit(client, name, template_url, protection)
    except ClientError as refused:
        reason = refused.response["Error"].get("Message", "")
        if "No updates are to be performed" not in reason:
            raise StackFailed(f"{name}: the template was refused: {reason}") from refused
        return _as_it_is(client, name)
    described = _settled(client, name)
    if described["StackStatus"] not in DONE:
        raise StackFailed(f"{name}: {described['StackStatus']}\n{_reasons(client, name)}")
    return _as_it_is(client, name)


def _as_it_is(client: "CloudFormationClient", name: str) -> Stack:
    described = client.describe_stacks(StackName=name)["Stacks"][0]
    outputs = {
        output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])
    }
    return Stack(name=name, outputs=outputs, resources=_resources(client, name))


def _submit(
    client: "CloudFormationClient", name: str, template_url: str, protection: Protection
) -> None:
    status = _status(client, name)
    if status in NEVER_CREATED:
        client.delete_stack(StackName=name)
        client.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": int(DEPLOY_SECONDS)}
        )
        status = ""
    protected = protection == "protected"
    if not status:
        client.create_stack(
            StackName=name,
            TemplateURL=template_url,
            Capabilities=CAPABILITIES,
            EnableTerminationProtection=protected,
        )
        return
    client.update_termination_protection(StackName=name, EnableTerminationProtection=protected)
    client.update_stack(StackName=name, TemplateURL=template_url, Capabilities=CAPABILITIES)


def _status(client: "CloudFormationClient", name: str) -> str:
    """Return the stack's status, or nothing when there is no such stack."""
    try:
        status = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return ""
    return "" if status.startswith("DELETE") else status


def _settled(client: "CloudFormationClient", name: str) -> "StackTypeDef":
    deadline = time.monotonic() + DEPLOY_SECONDS
    while time.monotonic() < deadline:
        described = client.describe_stacks(StackName=name)["Stacks"][0]
        if not described["StackStatus"].endswith("IN_PROGRESS"):
            return described
        time.sleep(POLL_SECONDS)
    raise StackFailed(f"{name}: not settled after {DEPLOY_SECONDS:.0f} s")


def _reasons(client: "CloudFormationClient", name: str) -> str:
    """Return one line a resource that failed in this deployment, causes only, the first first."""
    lines = [
        f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
        for event in takewhile(_of_this_deployment, _events(client, name))
        if "FAILED" in event["ResourceStatus"]
        and CONSEQUENCE not in (reason := event.get("ResourceStatusReason", "no reason given"))
    ]
    return "\n".join(reversed(lines))


def _events(client: "CloudFormationClient", name: str) -> "Iterator[StackEventTypeDef]":
    for page in client.get_paginator("describe_stack_events").paginate(StackName=name):
        yield from page["StackEvents"]


def _of_this_deployment(event: "StackEventTypeDef") -> bool:
    """The newest come first, and a deployment begins with an event of the stack itself."""
    of_the_stack = event.get("PhysicalResourceId") == event["StackId"]
    return not (of_the_stack and event["ResourceStatus"] in BEGUN)


def _resources(client: "CloudFormationClient", name: str) -> tuple[Resource, ...]:
    pages = client.get_paginator("list_stack_resources").paginate(StackName=name)
    return tuple(
        Resource(
            logical_id=summary["LogicalResourceId"],
            type=summary["ResourceType"],
            physical_id=summary.get("PhysicalResourceId", ""),
        )
        for page in pages
        for summary in page["StackResourceSummaries"]
    )
