"""Updates and imports of the stacks of a stage."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError, WaiterError

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        ParameterTypeDef,
        StackTypeDef,
        WaiterConfigTypeDef,
    )

type Template = Mapping[str, Mapping[str, Mapping[str, object]]]

NOTHING: Template = {"Resources": {}}
CHANGE_SET = "couponbus-import"
REVIEWED = "REVIEW_IN_PROGRESS"  # of a stack that has a change set only
NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
WAIT: "WaiterConfigTypeDef" = {"Delay": 1, "MaxAttempts": 900}
BODY_MAX = 51_200  # bytes of a template that is no file of S3


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
        """Delete the stack if its creation failed, and say so.

        The CDK CLI protects a stack before it creates it, and cannot delete it when that failed.
        """
        described = self._described(stack)
        if described is None or described["StackStatus"] not in NEVER_CREATED:
            return False
        if described.get("EnableTerminationProtection"):
            self._client.update_termination_protection(
                StackName=stack, EnableTerminationProtection=False
            )
        self._client.delete_stack(StackName=stack)
        self._client.get_waiter("stack_delete_complete").wait(
            StackName=described["StackId"], WaiterConfig=WAIT
        )
        return True

    def _described(self, stack: str) -> "StackTypeDef | None":
        try:
            found = self._client.describe_stacks(StackName=stack)["Stacks"][0]
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "ValidationError":
                raise
            return None
        return None if found["StackStatus"] == REVIEWED else found

    def update(self, stack: str, template: Template) -> None:
        """Deploy this template, with the parameters as they are."""
        self._client.update_stack(
            StackName=stack, TemplateBody=_body(template), Parameters=_kept(template)
        )
        self._client.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig=WAIT)

    def import_(self, stack: str, template: Template, resources: Iterable[Existing]) -> None:
        """Take these resources of the template in; a stack that is not there yet is made.

        Raises Failed with the reason when CloudFormation does not take one.
        """
        body = _body(template)
        with suppress(ClientError):  # of an import that was interrupted
            self._client.delete_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
        self._client.create_change_set(
            StackName=stack,
            ChangeSetName=CHANGE_SET,
            ChangeSetType="IMPORT",
            TemplateBody=body,
            Parameters=_kept(template),
            ResourcesToImport=[
                {
                    "ResourceType": each.type,
                    "LogicalResourceId": each.logical_id,
                    "ResourceIdentifier": {each.key: each.value},
                }
                for each in resources
            ],
        )
        try:
            self._client.get_waiter("change_set_create_complete").wait(
                StackName=stack, ChangeSetName=CHANGE_SET, WaiterConfig=WAIT
            )
        except WaiterError as refused:
            reason = refused.last_response.get("StatusReason") or str(refused)
            raise Failed(f"{stack}: nothing was imported: {reason}", kind="refused") from refused
        self._client.execute_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
        self._client.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=WAIT)


def _kept(template: Template) -> "list[ParameterTypeDef]":
    return [
        {"ParameterKey": each, "UsePreviousValue": True} for each in template.get("Parameters", {})
    ]


def _body(template: Template) -> str:
    body = json.dumps(template, separators=(",", ":"))
    if len(body) > BODY_MAX:
        text = "the template is too large for a call: import with the console (infra/README.md)"
        raise Failed(text, kind="too_large")
    return body
