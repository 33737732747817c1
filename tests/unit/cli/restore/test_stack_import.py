"""A table leaves its stack and is imported again, also when the first try was interrupted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target
from couponbus_cli.restore.stack_import import Imported, OwnStacks, Template

STACK, TABLE = "couponbus-prod-ledger", "couponbus-prod"
DEFINED: Mapping[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Delete",
    "Properties": {"TableName": TABLE},
}
OTHER: Mapping[str, Any] = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": "1"}}


def a_template(**resources: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Parameters": {"BootstrapVersion": {"Type": "String"}},
        "Resources": {"Table": DEFINED, "Other": OTHER, **resources},
        "Outputs": {
            "Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}},
            "Name": {"Value": "a name"},
        },
    }


@dataclass
class FakeCloudFormation:
    """One stack; a table that leaves it without being retained is gone."""

    template: dict[str, Any] = field(default_factory=a_template)
    tables: set[str] = field(default_factory=lambda: {TABLE})
    changes: dict[str, Any] = field(default_factory=dict)
    outputs: list[Sequence[str]] = field(default_factory=list)

    def get_paginator(self, _name: str) -> "FakeCloudFormation":
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Stacks": [{"StackName": "another-ledger"}, {"StackName": STACK}]}]

    def get_template(self, *, StackName: str) -> dict[str, Any]:
        return {"TemplateBody": self.template if StackName == STACK else {"Resources": {}}}

    def update_stack(self, *, StackName: str, TemplateBody: str, Parameters: object) -> None:
        new = json.loads(TemplateBody)
        gone = self.template["Resources"].keys() - new["Resources"].keys()
        if "Table" in gone and self.template["Resources"]["Table"]["DeletionPolicy"] != "Retain":
            self.tables.clear()
        self.template = new
        self.outputs.append(sorted(new["Outputs"]))

    def create_change_set(self, *, TemplateBody: str, **given: Any) -> None:
        new = json.loads(TemplateBody)
        [resource] = given["ResourcesToImport"]
        assert resource["LogicalResourceId"] not in self.template["Resources"]
        assert resource["ResourceIdentifier"]["TableName"] in self.tables
        assert new["Resources"][resource["LogicalResourceId"]]["DeletionPolicy"] == "Retain"
        assert new["Outputs"] == self.template["Outputs"]  # an import changes none
        self.changes = new

    def execute_change_set(self, **_given: str) -> None:
        self.template = self.changes

    def get_waiter(self, _name: str) -> "FakeCloudFormation":
        return self

    def wait(self, **_given: object) -> None:
        """Wait for nothing: each change is done at once."""


def taken_in(
    client: FakeCloudFormation, template: Template | None = None, stack: str | None = None
) -> Imported:
    target = SimpleNamespace(table=TABLE, stacks=lambda: client)
    return OwnStacks(target=cast("Target", target)).take_in(template, stack)


def test_the_table_is_retained_leaves_with_its_outputs_and_comes_back() -> None:
    client = FakeCloudFormation()

    done = taken_in(client)

    assert done == Imported(stack=STACK, logical_id="Table")
    assert client.tables == {TABLE}
    assert client.outputs == [["Name", "Stream"], ["Name"]]
    assert client.template["Resources"].keys() == {"Table", "Other"}


def test_after_an_interruption_the_synthesised_template_says_what_the_table_is() -> None:
    client = FakeCloudFormation()
    whole = client.template
    client.template = {**whole, "Resources": {"Other": OTHER}, "Outputs": {}}

    done = taken_in(client, whole, STACK)

    assert done.logical_id == "Table"
    assert client.template["Resources"]["Table"]["Properties"] == DEFINED["Properties"]
    assert client.outputs == []


def test_without_it_nothing_is_changed_and_it_is_asked_for() -> None:
    client = FakeCloudFormation(template={"Resources": {"Other": OTHER}})

    for stack, asked in ((None, "--stack"), (STACK, "--template")):
        with pytest.raises(Failed, match=asked):
            taken_in(client, stack=stack)
    assert client.outputs == []


def test_a_table_that_another_resource_of_the_stack_needs_stays() -> None:
    user = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Ref": "Table"}}}
    client = FakeCloudFormation(template=a_template(User=user))

    with pytest.raises(Failed, match="User need it"):
        taken_in(client)
    assert client.outputs == []


def test_a_template_that_is_too_large_for_a_call_is_not_sent() -> None:
    big = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": "x" * 60_000}}
    client = FakeCloudFormation(template=a_template(Big=big))

    with pytest.raises(Failed, match="too large"):
        taken_in(client)
    assert client.outputs == []
