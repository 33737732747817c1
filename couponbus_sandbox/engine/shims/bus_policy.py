"""The resource policy of a bus: deployed by AWS::Events::EventBusPolicy, and held by PutEvents."""

import json
from contextvars import ContextVar

from ministack.core import iam_actions, iam_evaluator
from ministack.services import eventbridge, iam
from ministack.services.cloudformation import provisioners

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned

type Json = dict[str, object]

DEFAULT_BUS = "default"
PRINCIPAL = "aws:principalarn"
CONDITION_KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}

_named: ContextVar[Json] = ContextVar("named", default={})  # noqa: B039 - never changed
_tags = iam_actions.request_tag_context
_enforce = iam_evaluator.enforce
_value_of = iam_evaluator._resolve_condition_key


def install() -> None:
    """Register the resource type with CloudFormation, and let the policy decide about events."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }
    eventbridge.bus_policy_for_arn = _policy_of
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")
    iam_actions.request_tag_context = _with_what_is_put
    iam_evaluator.enforce = _enforced
    iam_evaluator._resolve_condition_key = _condition_value


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


def _policy_of(arn: str) -> tuple[object, str] | None:
    """Return the policy of a bus and the account that owns it."""
    *_, account, name = arn.removesuffix("/").replace(":event-bus/", ":").split(":")
    policy = eventbridge._event_bus_policies.get(name)
    return (policy, account) if policy else None


def _with_what_is_put(service: str, action: str, body: bytes, parameters: Json) -> Json:
    """Remember the sources and detail types of the request, for the check of each of its buses."""
    entries = _entries(body) if action == "events:PutEvents" else []
    named = {
        key: [str(entry[name]) for entry in entries if entry.get(name)]
        for key, name in CONDITION_KEYS.items()
    }
    _named.set({key: values for key, values in named.items() if values})
    context: Json = _tags(service, action, body, parameters)
    return context


def _entries(body: bytes) -> list[Json]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return []
    entries = request.get("Entries") if isinstance(request, dict) else None
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _enforced(
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Json | None = None,
) -> object:
    named = _named.get() if service == "events" else {}
    context = {**named, **(service_context or {})}
    return _enforce(access_key_id, iam_action, service, region, resource_arn, context)


def _condition_value(key: str, context: iam_evaluator.EvalContext) -> object:
    """Return a role's own ARN as `aws:PrincipalArn`, as AWS does, not that of its session."""
    if key.lower() != PRINCIPAL or context.principal_type != "AssumedRole":
        return _value_of(key, context)
    name = iam_evaluator._role_name_from_assumed_arn(context.principal_arn)
    role = iam._roles.get_scoped(context.principal_account, None, name)
    return role["Arn"] if role else context.principal_arn
