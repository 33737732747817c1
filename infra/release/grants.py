"""What the policies of a template allow and deny, each action on each resource as a sentence."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

type Json = Mapping[str, Any]

ROLE = "AWS::IAM::Role"
# Where a resource of each type has its statements.
DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    ROLE: ("AssumeRolePolicyDocument",),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::IAM::Policy": ("PolicyDocument",),
    "AWS::Events::EventBusPolicy": ("Statement",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}


def grants(template: Json) -> dict[str, list[str]]:
    """Return the sentences by the logical id of the role, or of the policy of a resource."""
    found: dict[str, set[str]] = {}
    for logical_id, body in template.get("Resources", {}).items():
        for owner in _owners(logical_id, body):
            found.setdefault(owner, set()).update(_sentences(body))
    return {owner: sorted(sentences) for owner, sentences in sorted(found.items()) if sentences}


def _owners(logical_id: str, body: Json) -> list[str]:
    roles = body.get("Properties", {}).get("Roles", [])
    return [_text(role.get("Ref", role)) for role in roles] or [logical_id]


def _sentences(body: Json) -> Iterator[str]:
    properties = body.get("Properties", {})
    for key in DOCUMENTS.get(body["Type"], ()):
        yield from _of_document(properties.get(key, {}))
    if body["Type"] == ROLE:
        for inline in properties.get("Policies", []):
            yield from _of_document(inline["PolicyDocument"])
        yield from (f"Has {_text(each)}" for each in properties.get("ManagedPolicyArns", []))
    if body["Type"] == "AWS::Lambda::Permission":
        yield "Allow " + _text(
            {key: value for key, value in properties.items() if key != "FunctionName"}
        )


def _of_document(document: Json) -> Iterator[str]:
    for statement in _listed(document.get("Statement", document)):
        for action in _listed(statement.get("Action", statement.get("NotAction", []))):
            for resource in _listed(statement.get("Resource", statement.get("NotResource", "-"))):
                yield _sentence(statement, action=action, resource=resource)


def _sentence(statement: Json, *, action: object, resource: object) -> str:
    by = statement.get("Principal", statement.get("NotPrincipal"))
    condition = statement.get("Condition")
    turned = [key for key in ("NotAction", "NotResource", "NotPrincipal") if key in statement]
    return " ".join(
        [
            str(statement["Effect"]),
            *turned,
            f"{_text(action)} on {_text(resource)}",
            *([f"by {_text(by)}"] if by else []),
            *([f"if {_text(condition)}"] if condition else []),
        ]
    )


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
