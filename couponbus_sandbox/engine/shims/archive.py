"""AWS::Events::Archive in CloudFormation, on top of the archive API that MiniStack has."""

import json

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from couponbus_sandbox.engine.shims.provisioning import Attributes, Properties, Provisioned, checked

LONGEST_NAME = 48


def install() -> None:
    """Register the resource type with CloudFormation."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::Archive"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }


def _create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    name = str(
        properties.get("ArchiveName")
        or provisioners._physical_name(stack, logical_id, max_len=LONGEST_NAME)
    )
    source = {"ArchiveName": name, "EventSourceArn": properties["SourceArn"]}
    answer = checked(eventbridge._create_archive(source | _mutable(properties)))
    return name, _attributes(name, str(answer["ArchiveArn"]))


def _update(
    name: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
) -> Provisioned:
    if new.get("ArchiveName", name) != name or new["SourceArn"] != old["SourceArn"]:
        _delete(name, old)
        return _create(logical_id or name, new, stack)
    answer = checked(eventbridge._update_archive({"ArchiveName": name} | _mutable(new)))
    return name, _attributes(name, str(answer["ArchiveArn"]))


def _delete(name: str, _properties: Properties) -> None:
    eventbridge._delete_archive({"ArchiveName": name})


def _mutable(properties: Properties) -> Properties:
    pattern = properties.get("EventPattern", "")
    return {
        "Description": properties.get("Description", ""),
        "EventPattern": json.dumps(pattern) if isinstance(pattern, dict) else pattern,
        "RetentionDays": int(str(properties.get("RetentionDays", 0))),
    }


def _attributes(name: str, arn: str) -> Attributes:
    return {"Arn": arn, "ArchiveName": name}
