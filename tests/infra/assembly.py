"""A cloud assembly as tests read it: resources by type, references as text."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from couponbus.runtime.settings import FILE

type Json = dict[str, Any]

# The property that holds a resource's physical name.
NAMES = ("TableName", "QueueName", "FunctionName", "Name", "LogGroupName", "TopicName")


@dataclass(frozen=True)
class Resource:
    """One resource of one stack; `stack` is the short name, such as `workers`."""

    stack: str
    id: str
    type: str
    body: Json

    @property
    def properties(self) -> Json:
        found: Json = self.body.get("Properties", {})
        return found

    @property
    def label(self) -> str:
        """Return the resource's physical name, or its logical id if it has none."""
        kind = self.type.split("::")[-1]
        # All aliases have the same name.
        named = (self.properties.get(key) for key in NAMES if kind != "Alias")
        return f"{kind} {next((name for name in named if isinstance(name, str)), self.id)}"


@dataclass(frozen=True)
class Assembly:
    """The templates in a folder, with what one stack reads of another followed."""

    folder: Path
    stage: str
    installation: str = "couponbus"

    @cached_property
    def templates_by_name(self) -> dict[str, Json]:
        manifest = json.loads((self.folder / "manifest.json").read_text())["artifacts"]
        return {
            name: json.loads((self.folder / each["properties"]["templateFile"]).read_text())
            for name, each in manifest.items()
            if each["type"] == "aws:cloudformation:stack"
        }

    @cached_property
    def templates(self) -> dict[str, Json]:
        base = f"{self.installation}-{self.stage}-"
        return {
            name.removeprefix(base): template for name, template in self.templates_by_name.items()
        }

    @cached_property
    def everything(self) -> list[Resource]:
        return [
            Resource(stack, id_, body["Type"], body)
            for stack, template in self.templates.items()
            for id_, body in template["Resources"].items()
        ]

    def of(self, type_: str) -> list[Resource]:
        return [resource for resource in self.everything if resource.type == type_]

    def by_name(self, type_: str) -> dict[str, Resource]:
        return {resource.label.split(" ")[1]: resource for resource in self.of(type_)}

    @cached_property
    def functions(self) -> dict[str, Resource]:
        """Return the functions by the name of their folder."""
        found = self.by_name("AWS::Lambda::Function")
        return {
            name.removeprefix(f"couponbus-{self.stage}-"): function
            for name, function in found.items()
        }

    def settings(self, function: str) -> dict[str, str]:
        """Return a function's variables as text, and those in the file beside its code."""
        given = self.functions[function].properties
        variables = {
            name: self.words(value, "workers")
            for name, value in given["Environment"]["Variables"].items()
        }
        file = self.code(function) / FILE
        filed: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        assert not set(variables) & set(filed)
        return variables | filed

    def code(self, function: str) -> Path:
        """Return the folder that is the function's code."""
        key = self.functions[function].properties["Code"]["S3Key"]
        return self.folder / f"asset.{key.removesuffix('.zip')}"

    def words(self, value: object, stack: str) -> str:
        """Return a value as text, with references replaced by the labels of their targets."""
        if not isinstance(value, Mapping):
            return str(value)
        ((function, argument),) = value.items()
        match function:
            case "Ref":
                return self._label(stack, argument)
            case "Fn::GetAtt":
                return self._label(stack, argument[0])
            case "Fn::GetStackOutput":
                return self._output(argument["StackName"], argument["OutputName"])
            case "Fn::Join":
                return "".join(self.words(part, stack) for part in argument[1])
            case "Fn::Select" | "Fn::Split":
                return self.words(argument[1], stack)
        raise AssertionError(f"cannot show {value}")

    def target(self, value: object, stack: str) -> Resource:
        """Return the one resource that a value refers to."""
        words = self.words(value, stack).removesuffix(":live")
        (found,) = [resource for resource in self.everything if resource.label == words]
        return found

    def worker(self, alias: object, stack: str) -> Resource:
        """Return the function behind a reference to an alias."""
        found = self.target(alias, stack)
        assert found.type == "AWS::Lambda::Alias"
        return self.target(found.properties["FunctionName"], found.stack)

    def statements(self, policy: Resource) -> Iterable[Json]:
        document = policy.properties.get("PolicyDocument") or {}
        return listed(document.get("Statement", []))

    def _label(self, stack: str, id_: str) -> str:
        if id_.startswith("AWS::"):
            return id_
        body = self.templates[stack]["Resources"][id_]
        return Resource(stack, id_, body["Type"], body).label

    def _output(self, stack: str, name: str) -> str:
        short = stack.removeprefix(f"{self.installation}-{self.stage}-")
        return self.words(self.templates[short]["Outputs"][name]["Value"], short)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
