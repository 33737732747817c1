"""AWS::Events::EventBusPolicy in CloudFormation: one statement of a bus's resource policy."""

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned

DEFAULT_BUS = "default"


def install() -> None:
    """Register the resource type with CloudFormation."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }


def _create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
    sid = str(properties.get("StatementId") or f"{stack}-{logical_id}")
    _put(sid, properties)
    return sid, {}


def _update(
    sid: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
) -> Provisioned:
    _delete(sid, old)
    return _create(logical_id or sid, new, stack)


def _delete(sid: str, properties: Properties) -> None:
    eventbridge._remove_permission({"EventBusName": _bus(properties), "StatementId": sid})


def _put(sid: str, properties: Properties) -> None:
    """Add the statement as written; PutPermission can only build statements of its own shape."""
    statement = properties.get("Statement")
    if not isinstance(statement, dict):
        plain = {key: properties[key] for key in ("Action", "Principal") if key in properties}
        eventbridge._put_permission(plain | {"EventBusName": _bus(properties), "StatementId": sid})
        return
    policy = eventbridge._event_bus_policies.setdefault(
        _bus(properties), {"Version": "2012-10-17", "Statement": []}
    )
    policy["Statement"].append(statement | {"Sid": sid})


def _bus(properties: Properties) -> str:
    return str(properties.get("EventBusName") or DEFAULT_BUS)
