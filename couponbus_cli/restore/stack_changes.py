"""Updates and imports of the stacks of a stage."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict, cast

from botocore.exceptions import ClientError, WaiterError

from couponbus.aws.ledger.errors import code_of
from couponbus_cli.app.failing import SENTENCES, Failed
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import (
        ParameterTypeDef,
        StackTypeDef,
        WaiterConfigTypeDef,
    )
    from mypy_boto3_s3 import S3Client

type Template = Mapping[str, Mapping[str, Mapping[str, object]]]


class TemplateSent(TypedDict, total=False):
    """A template in a call of CloudFormation: itself, or its address."""

    TemplateBody: str
    TemplateURL: str


TABLE = "AWS::DynamoDB::Table"
NOTHING: Template = {"Resources": {}}
CHANGE_SET = "couponbus-import"
REVIEWED = "REVIEW_IN_PROGRESS"  # of a stack that has a change set only
NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
WAIT: "WaiterConfigTypeDef" = {"Delay": 1, "MaxAttempts": 900}
BODY_MAX = 51_200  # bytes of a template that is no file of S3
IMPORTED_AT_ONCE = 200
# Asked for where a stack has roles, also by a change that leaves them alone.
CAPABILITIES: "list[CapabilityType]" = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
QUALIFIER = re.compile(r'"/cdk-bootstrap/([A-Za-z0-9_-]+)/version"')
UNKNOWN_STACK = "ValidationError"  # of a stack that is not there, and of what is not valid


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A resource that a stack is to take in, and the key by which its type is identified."""

    logical_id: str
    type: str
    key: str
    value: str


class StackChanges:
    """Changes stacks with templates of its own, and waits until they are done."""

    def __init__(self, *, target: Target) -> None:
        """`target` is the stage; its client is made at first use."""
        self._target = target

    @cached_property
    def _client(self) -> "CloudFormationClient":
        return self._target.stacks()

    def template(self, stack: str) -> Template:
        """Return what is deployed, which is no resource where there is no such stack."""
        if self._described(stack) is None:
            return NOTHING
        body: object = self._client.get_template(StackName=stack)["TemplateBody"]
        return cast("Template", json.loads(body) if isinstance(body, str) else body)

    def discard_failed(self, stack: str) -> bool:
        """Delete the stack if its creation failed, and say so. Raises Failed while it changes.

        The CDK CLI protects a stack before it creates it, and cannot delete it when that failed.
        """
        described = self._described(stack)
        status = "" if described is None else described["StackStatus"]
        if status.endswith("_IN_PROGRESS"):
            text = f"{stack} is {status}: wait until that is done, then repeat this"
            raise Failed(text, kind="busy")
        if described is None or status not in NEVER_CREATED:
            return False
        if described.get("EnableTerminationProtection"):
            self._client.update_termination_protection(
                StackName=stack, EnableTerminationProtection=False
            )
        with _explained(stack):
            self._client.delete_stack(StackName=stack)
            self._client.get_waiter("stack_delete_complete").wait(
                StackName=described["StackId"], WaiterConfig=WAIT
            )
        return True

    def _described(self, stack: str) -> "StackTypeDef | None":
        try:
            found = self._client.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as refused:
            if code_of(refused) != UNKNOWN_STACK:
                raise
            return None
        return None if found["StackStatus"] == REVIEWED else found

    def update(self, stack: str, template: Template) -> None:
        """Deploy this template, with the parameters as they are. Raises Failed with the reason."""
        body = json.dumps(template)
        with _explained(stack):
            self._client.update_stack(
                StackName=stack, TemplateBody=body, Parameters=_kept(template)
            )
            self._client.get_waiter("stack_update_complete").wait(
                StackName=stack, WaiterConfig=WAIT
            )

    def import_(
        self, stack: str, template: Template, resources: Iterable[Existing], *, like: Template
    ) -> None:
        """Take these resources of the template in; a stack that is not there yet is made.

        `like` is a template that the CDK has written: it names the bootstrap. Raises Failed with
        the reason when CloudFormation does not take one.
        """
        with suppress(ClientError):  # of an import that was interrupted
            self._client.delete_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
        with _explained(f"{stack}: nothing was imported"):
            self._client.create_change_set(
                StackName=stack,
                ChangeSetName=CHANGE_SET,
                ChangeSetType="IMPORT",
                Capabilities=CAPABILITIES,
                Parameters=_kept(template),
                ResourcesToImport=[
                    {
                        "ResourceType": each.type,
                        "LogicalResourceId": each.logical_id,
                        "ResourceIdentifier": {each.key: each.value},
                    }
                    for each in resources
                ],
                **self._sent(stack, template, like),
            )
            self._client.get_waiter("change_set_create_complete").wait(
                StackName=stack, ChangeSetName=CHANGE_SET, WaiterConfig=WAIT
            )
        with _explained(stack):
            self._client.execute_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
            self._client.get_waiter("stack_import_complete").wait(
                StackName=stack, WaiterConfig=WAIT
            )

    def _sent(self, stack: str, template: Template, like: Template) -> "TemplateSent":
        """Return the template, or where it lies when it is too large for a call."""
        body = json.dumps(template, separators=(",", ":"))
        if len(body) <= BODY_MAX:
            return {"TemplateBody": body}
        qualifier = QUALIFIER.search(json.dumps(like.get("Parameters", {})))
        if qualifier is None:
            text = "the template is too large for a call, and names no bootstrap with a bucket"
            raise Failed(text, kind="too_large")
        account = self._target.identity().get_caller_identity()["Account"]
        storage = cast("S3Client", self._target.other("s3"))
        bucket = f"cdk-{qualifier[1]}-assets-{account}-{storage.meta.region_name}"
        key = f"{CHANGE_SET}/{stack}.json"
        storage.put_object(Bucket=bucket, Key=key, Body=body)
        return {"TemplateURL": f"{storage.meta.endpoint_url}/{bucket}/{key}"}


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Say with CloudFormation's own words why it did not do what it was asked for."""
    try:
        yield
    except ClientError as refused:
        code = code_of(refused)
        if code in SENTENCES and code != UNKNOWN_STACK:
            raise
        reason = refused.response["Error"].get("Message") or code
        raise Failed(f"{what}: {reason}", kind="refused") from refused
    except WaiterError as failed:
        raise Failed(f"{what}: {_end_of(failed)}", kind="refused") from failed


def _end_of(failed: WaiterError) -> str:
    last: Mapping[str, Any] = failed.last_response
    if "Stacks" not in last:
        return str(last.get("StatusReason") or failed)
    stack = last["Stacks"][0]
    reason = stack.get("StackStatusReason") or str(failed)
    name = stack.get("StackId") or stack.get("StackName")
    events = f"aws cloudformation describe-stack-events --stack-name {name}"
    return f"{stack['StackStatus']}: {reason} (each resource: {events})"


def _kept(template: Template) -> "list[ParameterTypeDef]":
    return [
        {"ParameterKey": each, "UsePreviousValue": True} for each in template.get("Parameters", {})
    ]
