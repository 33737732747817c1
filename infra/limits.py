"""Limits of AWS that a template can pass and a deployment cannot, checked at nine tenths."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from couponbus_config.configuration_error import ConfigurationError
from infra.release.assembly import take_back, templates_of

REFUSED_PERCENT = 90
ENVIRONMENT_BYTES = 4096
POLICY_CHARACTERS = 6144
PATTERN_CHARACTERS = 4096
NAME_CHARACTERS = 64
ROLE_POLICIES = 10
INLINE_CHARACTERS = 10_240
BUS_POLICY_CHARACTERS = 10_240
QUEUE_POLICY_CHARACTERS = 8_192
ROUTES = 300
TEMPLATE_BYTES = 1_000_000
OUTPUTS = 200
RESOURCES = 500
# No ARN, URL or name that a reference of ours becomes is longer: that of a log group has 130
# characters, with the longest names of an installation, a stage and a region.
UNRESOLVED = "x" * 135
PSEUDO = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-2",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com.cn",
}

NAMED = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Events::Rule": "Name",
    "AWS::Scheduler::Schedule": "Name",
}

type Template = Mapping[str, Any]
type Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of a limit a part of a stack takes."""

    of: str
    size: int
    limit: int
    unit: str
    advice: str


def refuse_beyond(assembly: Path) -> None:
    """Raise ConfigurationError if a template of the assembly is beyond a limit.

    Nothing that could be deployed is left of it.
    """
    templates = templates_of(assembly)
    found = [each for stack, read in templates.items() for each in findings(stack, read)]
    found += bus_findings(templates)
    if not found:
        return
    take_back(assembly)
    raise ConfigurationError("\n".join(found))


def findings(stack: str, template: Template) -> list[str]:
    """Return a sentence for each limit of which the stack takes nine tenths or more."""
    return _beyond(stack, _uses(template))


def bus_findings(templates: Mapping[str, Template]) -> list[str]:
    """Return a sentence if the bus' policy does, whose statements are in two stacks."""
    size = sum(
        _written(resource["Properties"]["Statement"])
        for template in templates.values()
        for resource in template.get("Resources", {}).values()
        if resource["Type"] == "AWS::Events::EventBusPolicy"
    )
    advice = "name fewer bus_producers, or an account in the place of its roles"
    use = Use(
        of="its policy", size=size, limit=BUS_POLICY_CHARACTERS, unit="characters", advice=advice
    )
    return _beyond("the bus", [use])


def _beyond(where: str, uses: Iterable[Use]) -> list[str]:
    return [
        f"{where}: {use.of} takes {use.size} of {use.limit} {use.unit}: {use.advice}"
        for use in uses
        if use.size * 100 >= use.limit * REFUSED_PERCENT and not _is_name_within(use)
    ]


def _is_name_within(use: Use) -> bool:
    """Tell whether it is a name that fits: names are fixed, so they need no reserve."""
    return use.limit == NAME_CHARACTERS and use.size <= NAME_CHARACTERS


def _uses(template: Template) -> Iterator[Use]:
    resources = template.get("Resources", {})
    fewer = "name fewer accounts in the stage, or make a second stage"
    yield Use(of="the stack", size=len(resources), limit=RESOURCES, unit="resources", advice=fewer)
    outputs = len(template.get("Outputs", {}))
    yield Use(of="the stack", size=outputs, limit=OUTPUTS, unit="outputs", advice=fewer)
    # As the CDK writes it.
    size = len(json.dumps(template, indent=1).encode())
    yield Use(of="the template", size=size, limit=TEMPLATE_BYTES, unit="bytes", advice=fewer)
    routes = sum(each["Type"] == "AWS::ApiGatewayV2::Route" for each in resources.values())
    name_fewer = "name fewer producers in the stage"
    yield Use(of="the API", size=routes, limit=ROUTES, unit="routes", advice=name_fewer)
    for name, resource in resources.items():
        yield from _of_resource(name, resource["Type"], resource.get("Properties", {}))


def _of_resource(name: str, kind: str, properties: Properties) -> Iterator[Use]:
    if kind in NAMED and NAMED[kind] in properties:
        size, advice = len(_text(properties[NAMED[kind]])), "shorten the name of the stage"
        yield Use(of=name, size=size, limit=NAME_CHARACTERS, unit="characters", advice=advice)
    if kind == "AWS::Lambda::Function":
        variables = properties.get("Environment", {}).get("Variables", {})
        size = sum(len((key + _text(value)).encode()) for key, value in variables.items())
        advice = "move what grows out of the environment"
        yield Use(of=name, size=size, limit=ENVIRONMENT_BYTES, unit="bytes", advice=advice)
    if kind == "AWS::IAM::Role":
        yield from _of_role(name, properties)
    if kind == "AWS::SQS::QueuePolicy":
        size, advice = _written(properties["PolicyDocument"]), "let fewer rules send to the queue"
        yield Use(
            of=name, size=size, limit=QUEUE_POLICY_CHARACTERS, unit="characters", advice=advice
        )
    if kind == "AWS::IAM::ManagedPolicy":
        size, advice = _written(properties["PolicyDocument"]), "split its statements"
        yield Use(of=name, size=size, limit=POLICY_CHARACTERS, unit="characters", advice=advice)
    if kind == "AWS::Events::Rule" and "EventPattern" in properties:
        size, advice = _written(properties["EventPattern"]), "name fewer sources"
        yield Use(of=name, size=size, limit=PATTERN_CHARACTERS, unit="characters", advice=advice)


def _of_role(name: str, properties: Properties) -> Iterator[Use]:
    attached, advice = len(properties.get("ManagedPolicyArns", [])), "name fewer accounts"
    yield Use(of=name, size=attached, limit=ROLE_POLICIES, unit="policies", advice=advice)
    inline = sum(_written(each["PolicyDocument"]) for each in properties.get("Policies", []))
    advice = "attach managed policies"
    yield Use(of=name, size=inline, limit=INLINE_CHARACTERS, unit="characters", advice=advice)


def _written(document: object) -> int:
    return len(json.dumps(_resolved(document), separators=(",", ":")))


def _text(value: object) -> str:
    return str(_resolved(value))


def _resolved(value: Any) -> Any:
    """Return the value with the longest text in the place of each reference."""
    if isinstance(value, list):
        return [_resolved(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(_text(part) for part in parts)
    if set(value) == {"Ref"} and value["Ref"] in PSEUDO:
        return PSEUDO[value["Ref"]]
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        return UNRESOLVED
    return {key: _resolved(each) for key, each in value.items()}
