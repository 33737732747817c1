"""Secrets of CloudFormation: Ref gives the ARN, and generated values obey the template's rules."""

import json
from collections.abc import Callable
from typing import cast

from ministack.services import secretsmanager
from ministack.services.cloudformation import changesets, provisioners

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned, checked

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type, not a secret
DEFAULT_KEY = "password"

type Update = Callable[[str, Properties, Properties, str, str | None], Provisioned]


def install() -> None:
    """Replace the provisioner's answers and its generator of values."""
    original = dict(provisioners._RESOURCE_HANDLERS[SECRET])
    provisioners._sm_secret_string = _value
    provisioners._RESOURCE_HANDLERS[SECRET] = original | {
        "create": lambda *given: _by_arn(original["create"](*given)),
        "update": _updating(original["update"]),
        "delete": lambda arn, properties: original["delete"](_name(arn), properties),
        "import": lambda identifier: (identifier["Id"], {"Arn": identifier["Id"]}),
    }
    changesets._IMPORT_LOOKUPS[SECRET] = (("Id",), _import_problem)


def _import_problem(arn: str) -> str | None:
    if _name(arn) != arn:
        return None
    return str(changesets._IMPORT_NOT_FOUND.format(type=SECRET, value=arn))


def _by_arn(provisioned: Provisioned) -> Provisioned:
    """CDK splits the name out of Ref and writes Ref into IAM policies, so it must be the ARN."""
    _name, attributes = provisioned
    return attributes["Arn"], attributes


def _updating(original: Update) -> Update:
    def update(
        arn: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Provisioned:
        return _by_arn(original(_name(arn), old, new, stack, logical_id))

    return update


def _name(arn: str) -> str:
    for name, secret in secretsmanager._secrets.items():
        if secret["ARN"] == arn:
            return str(name)
    return arn


def _value(properties: Properties) -> str:
    rules = properties.get("GenerateSecretString")
    if "SecretString" in properties or not isinstance(rules, dict):
        return str(properties.get("SecretString", ""))
    generated = str(_generated(cast(Properties, rules)))
    if "SecretStringTemplate" not in rules:
        return generated
    key = rules.get("GenerateStringKey", DEFAULT_KEY)
    return json.dumps(json.loads(rules["SecretStringTemplate"]) | {key: generated})


def _generated(rules: Properties) -> object:
    request = {key: _parsed(value) for key, value in rules.items()}
    return checked(secretsmanager._get_random_password(request))["RandomPassword"]


def _parsed(value: object) -> object:
    """CloudFormation allows numbers and booleans to be written as text."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdecimal() else value
