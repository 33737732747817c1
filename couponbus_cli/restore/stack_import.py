"""A table that was made again, brought back into its stack by an import."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target
from couponbus_cli.restore.stack_changes import TABLE, Existing, StackChanges, Template

KEPT = ("Retain", "RetainExceptOnCreate")
# A stack cannot be empty, and the table is alone in its own. It costs nothing, and does nothing.
PLACEHOLDER = {"Placeholder": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The stack that the table is in again, and its logical id there."""

    stack: str
    logical_id: str


class LedgerStack:
    """The stack of the table.

    CloudFormation takes nothing in that it has already, so the table leaves the stack first, with
    the outputs about it; the next deployment brings these back.
    """

    def __init__(self, *, target: Target) -> None:
        """`target` is the stage."""
        self._name = target.part("ledger")
        self._table = target.table
        self._changes = StackChanges(target=target)

    def take_in(self) -> Imported:
        """Import the table. Raises ClientError, Failed."""
        deployed = self._changes.template(self._name)
        logical_id = _table_in(deployed)
        if logical_id is None:
            text = f"{self._name} has no table: `make synth`, then `couponbus restore adopt`"
            raise Failed(text, kind="no_definition")
        defined = deployed["Resources"][logical_id]
        without = _without(deployed, logical_id)
        kept = {**defined, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        if defined.get("DeletionPolicy") not in KEPT:
            self._changes.update(self._name, _with(deployed, logical_id, kept))
        self._changes.update(self._name, without)
        table = Existing(logical_id=logical_id, type=TABLE, key="TableName", value=self._table)
        back = _with(without, logical_id, kept)
        self._changes.import_(self._name, back, [table], like=deployed)
        return Imported(stack=self._name, logical_id=logical_id)


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
    others = {section: each for section, each in template.items() if section != "Outputs"}
    return {
        **others,
        "Resources": resources or PLACEHOLDER,
        **({"Outputs": outputs} if outputs else {}),
    }
