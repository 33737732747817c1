"""What of a template holds data, or an address that others keep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Json = Mapping[str, Any]

# The properties whose change makes CloudFormation replace the resource (`createOnlyProperties`
# of its schema; `KeySchema` on a condition), and those that no update may change for our sake.
REPLACES: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGatewayV2::Api": ("ProtocolType",),
    "AWS::DynamoDB::Table": ("ImportSourceSpecification", "KeySchema", "TableName"),
    "AWS::Events::Archive": ("ArchiveName", "SourceArn"),
    "AWS::Events::EventBus": ("Name",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::SNS::Topic": ("FifoTopic", "TopicName"),
    "AWS::SQS::Queue": ("FifoQueue", "QueueName"),
    "AWS::SecretsManager::Secret": ("Name",),
}
# A new view is a new stream under a new ARN; a new attribute expires nothing for an hour.
FIXED: Mapping[str, tuple[str, ...]] = {
    "AWS::DynamoDB::Table": ("StreamSpecification", "TimeToLiveSpecification"),
}
KEPT = ("Retain", "RetainExceptOnCreate", "Snapshot")
GENERATED = "GenerateSecretString"
INDEXES = "GlobalSecondaryIndexes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stateful:
    """One resource that must outlive each release, without anything that a release may change."""

    type: str
    policies: Mapping[str, str]
    properties: Json
    generated: Json | None
    indexes: Mapping[str, Json]

    @property
    def name(self) -> str:
        """Return the physical name, or nothing where CloudFormation makes one."""
        keys = (key for key in REPLACES[self.type] if key.endswith("Name") or key == "Name")
        return next((str(self.properties[key]) for key in keys if key in self.properties), "")


def stateful(template: Json) -> dict[str, Stateful]:
    """Return the stateful resources of a template by their logical ids."""
    return {
        logical_id: _read(body)
        for logical_id, body in template.get("Resources", {}).items()
        if body["Type"] in REPLACES
    }


def _read(body: Json) -> Stateful:
    kind, properties = body["Type"], body.get("Properties", {})
    watched = (*REPLACES[kind], *FIXED.get(kind, ()))
    return Stateful(
        type=kind,
        policies={
            key: str(body.get(key, "Delete")) for key in ("DeletionPolicy", "UpdateReplacePolicy")
        },
        properties={key: properties[key] for key in watched if key in properties},
        generated=properties.get(GENERATED),
        indexes=dict(_indexes(properties)),
    )


def _indexes(properties: Json) -> Iterator[tuple[str, Json]]:
    """Return what an update cannot change of each index: keys with their types, and projection."""
    types = {
        each["AttributeName"]: each["AttributeType"]
        for each in properties.get("AttributeDefinitions", [])
    }
    for index in properties.get(INDEXES, []):
        keys = [
            f"{key['KeyType']} {key['AttributeName']} {types[key['AttributeName']]}"
            for key in index["KeySchema"]
        ]
        yield index["IndexName"], {"keys": keys, "projection": index["Projection"]}
