"""Reads the stage and its overrides from the CDK context."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import cast, get_args

from constructs import Node

from infra.config import (
    LOCAL,
    STAGES,
    Arch,
    ConiqAccount,
    KouponAccount,
    Monitored,
    StageConfig,
    Timing,
    UniqodoAccount,
)
from infra.configuration_error import ConfigurationError

DEFAULT_STAGE = "dev"
LOCAL_ONLY = (
    "coniq_url",
    "uniqodo_url",
    "koupon_url",
    "calls_per_second",
    "clock_file",
    "layer",
    "monitoring",
    "timing",
)

type Given = Mapping[str, object]


def stage_from(node: Node) -> StageConfig:
    """Return the stage that `-c stage=...` names, with its overrides.

    Raise ConfigurationError for an unknown stage, or an override that is unknown or not allowed.
    """
    name = str(node.try_get_context("stage") or DEFAULT_STAGE)
    if name not in STAGES:
        raise ConfigurationError(f"stage is {name!r}: use one of {', '.join(STAGES)}")
    stage = replace(
        STAGES[name],
        architecture=_architecture(node, STAGES[name].architecture),
        alarm_to=(*STAGES[name].alarm_to, *_addresses(node.try_get_context("alarm_to"))),
    )
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


def _addresses(value: object) -> list[str]:
    """Return the addresses; the CDK CLI gives them as one text, with commas between them."""
    if not value:
        return []
    listed = value if isinstance(value, list) else str(value).split(",")
    return [str(address).strip() for address in listed]


def _local(stage: StageConfig, given: Given) -> StageConfig:
    """Return the stage with its simulators; a provider without one is not polled."""
    if not given.get("coniq_url"):
        raise ConfigurationError("the local stage needs the simulator: -c coniq_url=http://...")
    clock_file, layer = given.get("clock_file"), given.get("layer")
    return replace(
        stage,
        accounts=_at(given, "coniq_url", stage.accounts),
        uniqodo_accounts=_at(given, "uniqodo_url", stage.uniqodo_accounts),
        koupon_accounts=_at(given, "koupon_url", stage.koupon_accounts),
        timing=replace(stage.timing, **_timing(given.get("timing", {}))),
        clock_file=str(clock_file) if clock_file else None,
        layer=str(layer) if layer else None,
        monitoring=_monitoring(given.get("monitoring")),
    )


def _at[A: (ConiqAccount, UniqodoAccount, KouponAccount)](
    given: Given, key: str, accounts: tuple[A, ...]
) -> tuple[A, ...]:
    """Return the accounts with the URL of their simulator, or none without one."""
    url = given.get(key)
    if not url:
        return ()
    rate = given.get("calls_per_second")
    return tuple(
        replace(
            account,
            base_url=str(url),
            calls_per_second=account.calls_per_second if rate is None else float(str(rate)),
        )
        for account in accounts
    )


def _monitoring(asked: object) -> tuple[Monitored, ...]:
    if asked is None:
        return ()
    if asked != "alarms":
        raise ConfigurationError(f"monitoring is {asked!r}: use alarms, or leave it out")
    return ("alarms",)


def _timing(value: object) -> dict[str, float]:
    """Return the overrides of the timing chain; the CDK CLI gives them as JSON text."""
    loaded = json.loads(value) if isinstance(value, str) else value
    if not isinstance(loaded, dict):
        raise ConfigurationError("timing must be a JSON object of seconds")
    if unknown := set(loaded) - {field.name for field in fields(Timing)}:
        raise ConfigurationError(f"timing has no {', '.join(sorted(unknown))}")
    return {name: float(seconds) for name, seconds in loaded.items()}
