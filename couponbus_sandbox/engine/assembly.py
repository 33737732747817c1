"""Reads a CDK cloud assembly: its stacks in order of dependency, and their assets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

from couponbus_sandbox.engine.stacks import Protection

STACK = "aws:cloudformation:stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file or folder for S3; `bucket` and `key` may hold CloudFormation pseudo parameters."""

    path: Path
    packaging: str
    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackTemplate:
    """One stack as synthesised; its template is one of its assets."""

    name: str
    template: Path
    protection: Protection
    assets: tuple[Asset, ...]


def stacks_in_order(assembly: Path) -> tuple[StackTemplate, ...]:
    """Return the stacks of the assembly, each after those that it imports from."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = {name: each for name, each in artifacts.items() if each["type"] == STACK}
    order = TopologicalSorter(
        {name: set(each.get("dependencies", ())) & stacks.keys() for name, each in stacks.items()}
    )
    return tuple(
        StackTemplate(
            name=stacks[name]["properties"].get("stackName", name),
            template=assembly / stacks[name]["properties"]["templateFile"],
            protection=_protection(stacks[name]["properties"]),
            assets=_assets(assembly, name),
        )
        for name in order.static_order()
    )


def _protection(properties: Mapping[str, object]) -> Protection:
    return "protected" if properties.get("terminationProtection") else "unprotected"


def _assets(assembly: Path, artifact: str) -> tuple[Asset, ...]:
    files = json.loads((assembly / f"{artifact}.assets.json").read_text())["files"]
    return tuple(
        Asset(
            path=assembly / each["source"]["path"],
            packaging=each["source"]["packaging"],
            bucket=destination["bucketName"],
            key=destination["objectKey"],
        )
        for each in files.values()
        for destination in each["destinations"].values()
    )
