"""Resources leave their stacks, and are imported into them again."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, WaiterError

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target
from couponbus_cli.restore.stack_import import Imported, LedgerStack

MOST_IMPORTED = 200  # at once, at AWS
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
    status: str = "UPDATE_COMPLETE"
    protected: bool = True
    tables: set[str] = field(default_factory=lambda: {TABLE})
    changes: dict[str, Any] = field(default_factory=dict)
    updates: list[Sequence[str]] = field(default_factory=list)
    refusal: str | None = None
    ending: str | None = None
    busy: str | None = None
    read: Callable[[str], str] = str

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        if StackName != STACK or not self.template:
            raise ClientError({"Error": {"Code": "ValidationError"}}, "DescribeStacks")
        found = {"StackId": STACK, "StackStatus": self.status}
        return {"Stacks": [{**found, "EnableTerminationProtection": self.protected}]}

    def get_template(self, *, StackName: str) -> dict[str, Any]:
        assert StackName == STACK
        return {"TemplateBody": self.template}

    def update_termination_protection(self, **given: Any) -> None:
        self.protected = given["EnableTerminationProtection"]

    def delete_stack(self, *, StackName: str) -> None:
        assert not self.protected, StackName
        self.template = {}

    def update_stack(self, *, StackName: str, TemplateBody: str, Parameters: object) -> None:
        if self.busy:
            refused = {"Error": {"Code": "ValidationError", "Message": self.busy}}
            raise ClientError(cast("Any", refused), "UpdateStack")
        new = json.loads(TemplateBody)
        assert new["Resources"]  # AWS takes no stack without one
        gone = self.template["Resources"].keys() - new["Resources"].keys()
        if "Table" in gone and self.template["Resources"]["Table"]["DeletionPolicy"] != "Retain":
            self.tables.clear()
        self.template = new
        self.updates.append(sorted(new.get("Outputs", ())))

    def delete_change_set(self, **_given: str) -> None:
        self.changes = {}

    def create_change_set(self, **given: Any) -> None:
        body = given["TemplateBody"] if "TemplateBody" in given else self.read(given["TemplateURL"])
        new, old = json.loads(body), self.template or {"Resources": {}}
        if any(each["Type"].startswith("AWS::IAM::") for each in new["Resources"].values()):
            assert "CAPABILITY_NAMED_IAM" in given["Capabilities"]
        assert len(given["ResourcesToImport"]) <= MOST_IMPORTED
        for each in given["ResourcesToImport"]:
            assert each["LogicalResourceId"] not in old["Resources"]
            assert "DeletionPolicy" in new["Resources"][each["LogicalResourceId"]]
        assert new.get("Outputs") == old.get("Outputs")  # an import changes none
        self.changes = new

    def execute_change_set(self, **_given: str) -> None:
        self.template, self.status = self.changes, "IMPORT_COMPLETE"

    def get_waiter(self, name: str) -> "FakeCloudFormation":
        if name == "change_set_create_complete" and self.refusal:
            raise WaiterError(name, "failed", {"Status": "FAILED", "StatusReason": self.refusal})
        if name.startswith("stack_") and self.ending:
            said = {"StackStatus": self.ending, "StackStatusReason": "it says why"}
            stack = {"StackId": STACK, **said}
            raise WaiterError(name, "failed", cast("Any", {"Stacks": [stack]}))
        return self

    def wait(self, **_given: object) -> None:
        """Wait for nothing: each change is done at once."""


def target_with(client: FakeCloudFormation, **clients: Callable[..., object]) -> Target:
    reached = SimpleNamespace(table=TABLE, part=lambda _part: STACK, stacks=lambda: client)
    vars(reached).update(clients)
    return cast("Target", reached)


def taken_in(client: FakeCloudFormation) -> Imported:
    return LedgerStack(target=target_with(client)).take_in()


def test_the_table_is_retained_leaves_with_its_outputs_and_comes_back() -> None:
    client = FakeCloudFormation()

    done = taken_in(client)

    assert done == Imported(stack=STACK, logical_id="Table")
    assert client.tables == {TABLE}
    assert client.updates == [["Name", "Stream"], ["Name"]]
    assert client.template["Resources"].keys() == {"Table", "Other"}


def test_a_table_that_is_alone_in_its_stack_leaves_something_in_its_place() -> None:
    client = FakeCloudFormation(template={"Resources": {"Table": DEFINED}})

    done = taken_in(client)

    assert done.logical_id == "Table"
    assert client.tables == {TABLE}


@pytest.mark.parametrize("template", [{}, {"Resources": {"Other": OTHER}}])
def test_without_a_table_in_the_stack_nothing_is_changed(template: dict[str, Any]) -> None:
    client = FakeCloudFormation(template=template)

    with pytest.raises(Failed, match="couponbus restore adopt"):
        taken_in(client)
    assert client.updates == []


def test_a_table_that_another_resource_of_the_stack_needs_stays() -> None:
    user = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Ref": "Table"}}}
    client = FakeCloudFormation(template=a_template(User=user))

    with pytest.raises(Failed, match="User need it"):
        taken_in(client)
    assert client.updates == []


def test_what_cloudformation_does_not_import_is_said_with_its_reason() -> None:
    client = FakeCloudFormation(refusal="couponbus-prod already exists in stack another")

    with pytest.raises(Failed, match="already exists in stack another"):
        taken_in(client)


def test_an_import_that_ends_badly_is_said_with_cloudformations_words() -> None:
    client = FakeCloudFormation(ending="UPDATE_ROLLBACK_COMPLETE")

    with pytest.raises(Failed, match="UPDATE_ROLLBACK_COMPLETE: it says why") as failed:
        taken_in(client)
    assert "aws cloudformation describe-stack-events --stack-name" in str(failed.value)


def test_a_stack_that_is_busy_is_not_taken_for_one_that_is_not_there() -> None:
    client = FakeCloudFormation(busy="couponbus-prod-ledger is in UPDATE_IN_PROGRESS state")

    with pytest.raises(Failed, match="is in UPDATE_IN_PROGRESS state"):
        taken_in(client)
