"""What an earlier deployment of the stage left behind, taken into its stacks again.

A destroyed stage that keeps its data leaves its table, secrets, queues and logs, and an account
that is taken out leaves its key: each has the name that a new deployment wants to create.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import batched
from typing import Any, cast

from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Target
from couponbus_cli.restore.stack_changes import (
    IMPORTED_AT_ONCE,
    TABLE,
    Existing,
    StackChanges,
    Template,
)

type Found = tuple[str, str] | None
type Finder = Callable[[Target, str], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What a stack has again, by name; `discarded` if it was deleted first, as it never worked."""

    stack: str
    discarded: bool
    names: Sequence[str]


class Leftovers:
    """Looks for what the synthesised templates name, and imports what no stack has."""

    def __init__(self, *, target: Target) -> None:
        """`target` is the stage."""
        self._target = target
        self._changes = StackChanges(target=target)

    def adopt(self, templates: Mapping[str, Template]) -> Sequence[Adopted]:
        """Bring what is there into the stacks, by their names. Raises ClientError, Failed."""
        done = [self._adopt(stack, template) for stack, template in templates.items()]
        return [each for each in done if each.names or each.discarded]

    def _adopt(self, stack: str, template: Template) -> Adopted:
        discarded = self._changes.discard_failed(stack)
        deployed = self._changes.template(stack)
        found = dict(self._found(template, deployed))
        for some in batched(found, IMPORTED_AT_ONCE, strict=False):
            deployed = _with(deployed, template, some)
            self._changes.import_(stack, deployed, some, like=template)
        return Adopted(stack=stack, discarded=discarded, names=[*found.values()])

    def _found(self, template: Template, deployed: Template) -> Iterator[tuple[Existing, str]]:
        for logical_id, body in template["Resources"].items():
            type_ = str(body["Type"])
            if logical_id in deployed["Resources"] or type_ not in FINDERS:
                continue
            key, find = FINDERS[type_]
            name = _name(body, key)
            if name and (found := find(self._target, name)):
                identified_by, value = found
                if type_ == TABLE:
                    _require_indexes(self._target, name, body)
                yield (
                    Existing(logical_id=logical_id, type=type_, key=identified_by, value=value),
                    name,
                )


def _name(body: Mapping[str, object], key: str) -> str | None:
    properties = body.get("Properties")
    name = properties.get(key) if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _with(deployed: Template, template: Template, found: Collection[Existing]) -> Template:
    """Add the definitions of what was found, without what they say of what is not there yet."""
    ids = {each.logical_id for each in found} | deployed["Resources"].keys()
    absent = template["Resources"].keys() - ids
    new = {
        each.logical_id: _without(template["Resources"][each.logical_id], absent) for each in found
    }
    return {**deployed, "Resources": {**deployed["Resources"], **new}}


def _without(body: Mapping[str, object], absent: set[str]) -> Mapping[str, object]:
    def names_one(value: object) -> bool:
        written = json.dumps(value)
        return any(f'"{each}"' in written for each in absent)

    given = body["Properties"]
    properties = given if isinstance(given, dict) else {}
    kept = {key: value for key, value in properties.items() if not names_one(value)}
    return {key: value for key, value in body.items() if key != "DependsOn"} | {"Properties": kept}


def _table(target: Target, name: str) -> Found:
    client = target.dynamodb()
    with suppress(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName=name)
        return "TableName", name
    return None


def _require_indexes(target: Target, name: str, body: Mapping[str, object]) -> None:
    """An import compares nothing: an index that is not there would count as made, for good."""
    defined: Mapping[str, Any] = cast("Mapping[str, Any]", body["Properties"])
    table = target.dynamodb().describe_table(TableName=name)["Table"]
    has = {each.get("IndexName") for each in table.get("GlobalSecondaryIndexes", ())}
    wanted = {each["IndexName"] for each in defined.get("GlobalSecondaryIndexes", ())}
    if lacking := sorted(wanted - has):
        text = f"{name} has no index {', '.join(lacking)}: adopt and deploy it with the version"
        raise Failed(f"{text} that was deployed last, then deploy this one", kind="older")


def _secret(target: Target, name: str) -> Found:
    client = target.secrets()
    with suppress(client.exceptions.ResourceNotFoundException):
        found = client.describe_secret(SecretId=name)
        if found.get("DeletedDate"):
            text = f"{name} is being deleted: aws secretsmanager restore-secret --secret-id {name}"
            raise Failed(f"{text}, then repeat this", kind="deleted")
        return "Id", found["ARN"]
    return None


def _queue(target: Target, name: str) -> Found:
    client = target.sqs()
    with suppress(client.exceptions.QueueDoesNotExist):
        return "QueueUrl", client.get_queue_url(QueueName=name)["QueueUrl"]
    return None


def _log_group(target: Target, name: str) -> Found:
    groups = target.logs().describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return ("LogGroupName", name) if any(each["logGroupName"] == name for each in groups) else None


# The property that has the name, and how to find what has it; the key is the one of an import.
FINDERS: Mapping[str, tuple[str, Finder]] = {
    TABLE: ("TableName", _table),
    "AWS::SecretsManager::Secret": ("Name", _secret),
    "AWS::SQS::Queue": ("QueueName", _queue),
    "AWS::Logs::LogGroup": ("LogGroupName", _log_group),
}
