"""An update of a table makes or deletes one index, and a protected table is not deleted."""

from collections.abc import Mapping
from typing import cast

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned

TABLE = "AWS::DynamoDB::Table"
INDEXES = "Cannot perform more than one GSI creation or deletion in a single update"
PROTECTED = (
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion"
    " protection first."
)


def install() -> None:
    """Refuse before MiniStack makes one change after the other."""
    original = dict(provisioners._RESOURCE_HANDLERS[TABLE])

    def update(name: str, old: Properties, new: Properties, *rest: object) -> Provisioned:
        if len(_indexes(old).items() ^ _indexes(new).items()) > 1:
            raise ValueError(INDEXES)
        return cast(Provisioned, original["update"](name, old, new, *rest))

    def delete(name: str, properties: Properties) -> None:
        if dynamodb._tables.get(name, {}).get("DeletionProtectionEnabled"):
            raise ValueError(PROTECTED)
        original["delete"](name, properties)

    provisioners._RESOURCE_HANDLERS[TABLE] = original | {"update": update, "delete": delete}


def _indexes(properties: Properties) -> Mapping[str, str]:
    """Return each index with what makes it another one, as text: throughput changes in place."""
    given = cast(list[Properties], properties.get("GlobalSecondaryIndexes") or [])
    return {
        str(each["IndexName"]): repr([each.get(part) for part in ("KeySchema", "Projection")])
        for each in given
    }
