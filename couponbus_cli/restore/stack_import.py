"""A table that was made again, brought back into its stack by an import."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, WaiterConfigTypeDef

type Template = Mapping[str, Mapping[str, Mapping[str, object]]]

TABLE = "AWS::DynamoDB::Table"
CHANGE_SET = "couponbus-restored-table"
KEPT = ("Retain", "RetainExceptOnCreate")
WAIT: "WaiterConfigTypeDef" = {"Delay": 1, "MaxAttempts": 900}
BODY_MAX = 51_200  # bytes of a template that is no file of S3


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The stack that the table is in again, and its logical id there."""

    stack: str
    logical_id: str


class OwnStacks:
    """The stacks of a stage, and the name of its table.

    CloudFormation takes nothing in that it has already, so the table leaves the stack first, with
    the outputs about it; the next deployment brings these back.
    """

    def __init__(self, *, target: Target) -> None:
        """`target` is the stage; its client is made at first use."""
        self._target = target
        self._table = target.table

    @cached_property
    def _client(self) -> "CloudFormationClient":
        return self._target.stacks()

    def take_in(self, template: Template | None, stack: str | None) -> Imported:
        """Import the table; `template` has its definition where the stack has it no more.

        Raises ClientError, WaiterError, Failed.
        """
        name = stack or self._stack_of_the_table()
        deployed = self._template(name)
        logical_id = _table_in(deployed) or _table_in(template or {"Resources": {}})
        if logical_id is None:
            text = f"{name} has no table: give its synthesised template with --template"
            raise Failed(text, kind="no_definition")
        defined = {**(template or {}).get("Resources", {}), **deployed["Resources"]}[logical_id]
        without = _without(deployed, logical_id)
        kept = {**defined, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        if logical_id in deployed["Resources"]:
            if defined.get("DeletionPolicy") not in KEPT:
                self._update(name, _with(deployed, logical_id, kept))
            self._update(name, without)
        self._import(name, _with(without, logical_id, kept), logical_id)
        return Imported(stack=name, logical_id=logical_id)

    def _stack_of_the_table(self) -> str:
        pages = self._client.get_paginator("describe_stacks").paginate()
        names = [stack["StackName"] for page in pages for stack in page["Stacks"]]
        for name in names:
            if name.startswith(f"{self._table}-") and _table_in(self._template(name)):
                return name
        text = f"no stack of {self._table} has a table: name it with --stack and --template"
        raise Failed(text, kind="no_stack")

    def _template(self, stack: str) -> Template:
        body: object = self._client.get_template(StackName=stack)["TemplateBody"]
        return cast("Template", json.loads(body) if isinstance(body, str) else body)

    def _update(self, stack: str, template: Template) -> None:
        self._client.update_stack(
            StackName=stack, TemplateBody=_body(template), Parameters=_kept(template)
        )
        self._client.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig=WAIT)

    def _import(self, stack: str, template: Template, logical_id: str) -> None:
        self._client.create_change_set(
            StackName=stack,
            ChangeSetName=CHANGE_SET,
            ChangeSetType="IMPORT",
            TemplateBody=_body(template),
            Parameters=_kept(template),
            ResourcesToImport=[
                {
                    "ResourceType": TABLE,
                    "LogicalResourceId": logical_id,
                    "ResourceIdentifier": {"TableName": self._table},
                }
            ],
        )
        self._client.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=CHANGE_SET, WaiterConfig=WAIT
        )
        self._client.execute_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
        self._client.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=WAIT)


def _table_in(template: Template) -> str | None:
    tables = [id_ for id_, body in template["Resources"].items() if body["Type"] == TABLE]
    return tables[0] if tables else None


def _with(template: Template, logical_id: str, body: Mapping[str, object]) -> Template:
    return {**template, "Resources": {**template["Resources"], logical_id: body}}


def _without(template: Template, logical_id: str) -> Template:
    """Leave the table out, and the outputs that name it. Raises Failed if a resource does."""

    def names_it(body: object) -> bool:
        return f'"{logical_id}"' in json.dumps(body)

    resources = {id_: each for id_, each in template["Resources"].items() if id_ != logical_id}
    if users := sorted(id_ for id_, each in resources.items() if names_it(each)):
        raise Failed(f"the table cannot leave its stack: {', '.join(users)} need it", kind="in_use")
    outputs = {id_: each for id_, each in template.get("Outputs", {}).items() if not names_it(each)}
    return {**template, "Resources": resources, "Outputs": outputs}


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
