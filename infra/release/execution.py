"""Prints the policies of CloudFormation's own role: `python -m infra.release.execution`."""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence

from couponbus_config.file import INSTALLATION
from couponbus_config.names import PRODUCT
from infra.limits import POLICY_CHARACTERS, PSEUDO
from infra.release.execution_rights import RIGHTS, Condition, Right, rights_on_key

QUALIFIER = "hnb659fds"
OPENING = {"Version": "2012-10-17"}
# What gives a role rights: only to one that has the boundary, where there is one.
BOUNDED = frozenset(
    f"iam:{each}"
    for each in ("AttachRolePolicy", "CreateRole", "DetachRolePolicy", "PutRolePermissionsBoundary")
)
# Roles of the bootstrap, and these policies, begin with it: an installation must not.
RESERVED = "cdk"
KEY = re.compile(r"arn:aws[a-z-]*:(kms:[a-z0-9-]+:\d{12}:key/[a-zA-Z0-9-]+)")

type Statement = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a template with them, for an administrator to deploy before the bootstrap."""
    parser = argparse.ArgumentParser(prog="infra.release.execution", description=__doc__)
    parser.add_argument("--installation", default=PRODUCT)
    parser.add_argument("--qualifier", default=QUALIFIER)
    parser.add_argument("--boundary", help="the name of the policy that bounds all roles")
    parser.add_argument("--key", help="the ARN of your key, where stages are encrypted with one")
    given = parser.parse_args(arguments)
    if not INSTALLATION.fullmatch(given.installation) or given.installation == RESERVED:
        sys.stderr.write(f"{given.installation!r} names no installation\n")
        return 2
    if given.key is not None and not KEY.fullmatch(given.key):
        sys.stderr.write(f"{given.key!r} is no ARN of a key\n")
        return 2
    made = template(
        given.installation, qualifier=given.qualifier, boundary=given.boundary, key=given.key
    )
    sys.stdout.write(json.dumps(made, indent=2) + "\n")
    return 0


def template(
    installation: str,
    *,
    qualifier: str = QUALIFIER,
    boundary: str | None = None,
    key: str | None = None,
) -> Mapping[str, object]:
    """Return the template; `Policies` of its outputs is what `cdk bootstrap` takes."""
    words = {"name": installation, "qualifier": qualifier} | {
        "here": "${AWS::Region}:${AWS::AccountId}",
        "region": "${AWS::Region}",
        "account": "${AWS::AccountId}",
    }
    bound = None if boundary is None else f"iam::{{account}}:policy/{boundary}"
    of_key = rights_on_key(key.split(":", 2)[2]) if key else ()
    rights = [*_bounded(bound), *of_key]
    statements = [_statement(right, words) for right in _merged(rights)]
    resources = {
        f"Policy{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": {
                    "Fn::Sub": f"{RESERVED}-deploys-{installation}-${{AWS::Region}}-{number}"
                },
                "Description": f"What CloudFormation needs to deploy {installation}",
                "PolicyDocument": OPENING | {"Statement": packed},
            },
        }
        for number, packed in enumerate(_packed(statements), start=1)
    }
    arns = {"Fn::Join": [",", [{"Ref": each} for each in resources]]}
    return {"Resources": resources, "Outputs": {"Policies": {"Value": arns}}}


def _bounded(boundary: str | None) -> Iterable[Right]:
    for right in (each for rights in RIGHTS.values() for each in rights):
        inside = tuple(each for each in right.actions if each in BOUNDED)
        if boundary is None or not inside:
            yield right
            continue
        has = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
        yield Right(actions=inside, on=right.on, only={**(right.only or {}), **has})
        others = tuple(each for each in right.actions if each not in BOUNDED)
        if others:
            yield Right(actions=others, on=right.on, only=right.only)


def _merged(rights: Iterable[Right]) -> list[Right]:
    """Return one right for the same resources under the same condition."""
    found: dict[str, tuple[set[str], Right]] = {}
    for right in rights:
        key = json.dumps([right.on, right.only])
        found.setdefault(key, (set(), right))[0].update(right.actions)
    return [
        Right(actions=tuple(sorted(actions)), on=right.on, only=right.only)
        for actions, right in found.values()
    ]


def _statement(right: Right, words: Mapping[str, str]) -> Statement:
    stated: Statement = {
        "Effect": "Allow",
        "Action": list(right.actions),
        "Resource": [_arn(each, words) for each in right.on],
    }
    return stated | ({"Condition": _condition(right.only, words)} if right.only else {})


def _condition(only: Condition, words: Mapping[str, str]) -> dict[str, object]:
    return {
        operator: {key: _value(value, words) for key, value in compared.items()}
        for operator, compared in only.items()
    }


def _value(value: str | tuple[str, ...], words: Mapping[str, str]) -> object:
    if not isinstance(value, str):
        return list(value)
    return _arn(value, words) if ":" in value else value


def _arn(resource: str, words: Mapping[str, str]) -> object:
    if resource == "*":
        return resource
    return {"Fn::Sub": "arn:${AWS::Partition}:" + resource.format(**words)}


def _packed(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Divide them into as many policies as IAM's limit of characters asks for."""
    policies: list[list[Statement]] = [[]]
    for statement in statements:
        if size_of([*policies[-1], statement]) > POLICY_CHARACTERS:
            policies.append([])
        policies[-1].append(statement)
    return policies


def size_of(statements: Sequence[Statement]) -> int:
    """Return how many characters IAM counts, with the longest region and partition."""
    text = json.dumps(OPENING | {"Statement": statements}, separators=(",", ":"))
    flat = re.sub(r'\{"Fn::Sub":("[^"]*")\}', r"\1", text)
    for name, value in PSEUDO.items():
        flat = flat.replace(f"${{{name}}}", value)
    return len(flat)


if __name__ == "__main__":
    sys.exit(main())
