"""Reads the stage, and what may be overridden, from the CDK context."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import cast, get_args

from constructs import Node

from infra.config import LOCAL, STAGES, Arch, ConfigurationError, StageConfig, Timing

DEFAULT_STAGE = "dev"
LOCAL_ONLY = ("coniq_url", "calls_per_second", "timing")


def stage_from(node: Node) -> StageConfig:
    """Return the stage that `-c stage=...` names, with its overrides.

    Raise ConfigurationError when the context names what does not exist or may not be changed.
    """
    name = str(node.try_get_context("stage") or DEFAULT_STAGE)
    if name not in STAGES:
        raise ConfigurationError(f"stage is {name!r}: use one of {', '.join(STAGES)}")
    stage = replace(STAGES[name], architecture=_architecture(node, STAGES[name].architecture))
    given = {key: value for key in LOCAL_ONLY if (value := node.try_get_context(key)) is not None}
    if name == LOCAL.name:
        return _local(stage, given)
    if given:
        raise ConfigurationError(f"only the local stage reads {', '.join(given)}")
    return stage


def _architecture(node: Node, default: Arch) -> Arch:
    asked = node.try_get_context("arch") or default
    if asked not in get_args(Arch.__value__):
        raise ConfigurationError(f"arch is {asked!r}: use arm64 or x86_64")
    return cast(Arch, asked)


def _local(stage: StageConfig, given: Mapping[str, object]) -> StageConfig:
    url = given.get("coniq_url")
    if not url:
        raise ConfigurationError("the local stage needs the simulator: -c coniq_url=http://...")
    rate = float(str(given.get("calls_per_second", stage.accounts[0].calls_per_second)))
    return replace(
        stage,
        accounts=tuple(
            replace(account, base_url=str(url), calls_per_second=rate) for account in stage.accounts
        ),
        timing=replace(stage.timing, **_timing(given.get("timing", {}))),
    )


def _timing(value: object) -> dict[str, float]:
    """Return the overrides of the timing chain; the CDK CLI gives them as JSON text."""
    loaded = json.loads(value) if isinstance(value, str) else value
    if not isinstance(loaded, dict):
        raise ConfigurationError("timing must be a JSON object of seconds")
    if unknown := set(loaded) - {field.name for field in fields(Timing)}:
        raise ConfigurationError(f"timing has no {', '.join(sorted(unknown))}")
    return {name: float(seconds) for name, seconds in loaded.items()}
