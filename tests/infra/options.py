"""Every option of a stage, on and off, and a stage that has all of them."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from couponbus_config.options import Domain, Network, Reserved
from couponbus_config.producers import BusProducer
from infra.sources import Sources
from tests.infra import nag
from tests.infra.assembly import Assembly
from tests.infra.project import app_of
from tests.infra.stages import DEV

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
DOMAIN = Domain(name="sign-ups.example.com", certificate=CERTIFICATE)
NETWORK = Network(
    subnets=("subnet-0a1b2c3d", "subnet-0123456789abcdef0"), security_groups=("sg-0e3f4a5b",)
)
RESERVED = tuple(
    Reserved(function=name, executions=max(5, needed))
    for name, needed in DEV.started_at_once.items()
)
KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
ELSEWHERE = BusProducer(principal="arn:aws:iam::111111111111:role/shop", source_prefixes=("shop.",))
SETTINGS: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("kms", (KEY, "managed", "none")),
    ("tracing", ("active", "off")),
    ("domain", (DOMAIN, None)),
    ("network", (NETWORK, None)),
    ("reserved", (RESERVED, ())),
    ("warm_write_units", (8_000, None)),
    ("gradual", ("linear", "none")),
    ("bus_producers", ((ELSEWHERE,), ())),
)
# Each is in a stack of its own, where it meets `kms` alone: there it goes with another setting, so
# that these combinations have each template that any of all has.
GOES_WITH = {"warm_write_units": "tracing", "bus_producers": "domain"}


def _combined(chosen: tuple[object, ...]) -> dict[str, object]:
    return {setting: value for (setting, _), value in zip(SETTINGS, chosen, strict=True)}


def _is_on(setting: str, chosen: Mapping[str, object]) -> bool:
    return chosen[setting] == dict(SETTINGS)[setting][0]


COMBINATIONS = tuple(
    chosen
    for chosen in map(_combined, itertools.product(*(values for _, values in SETTINGS)))
    if all(_is_on(one, chosen) == _is_on(other, chosen) for one, other in GOES_WITH.items())
)
# Spread over all of them: neighbours differ in the last settings only.
SPREAD = tuple(
    COMBINATIONS[place * 41 % len(COMBINATIONS)] for place in range(1, len(COMBINATIONS))
)


def checked(
    settings: dict[str, object], sources: Sources, outdir: Path
) -> tuple[Assembly, nag.Findings]:
    stage = replace(DEV, **settings)  # type: ignore[arg-type]
    app = app_of(sources, outdir, stage=stage)
    found = nag.synthesised_and_checked(app, outdir=outdir, base="couponbus-dev")
    return Assembly(outdir, stage.name), found


def on(settings: dict[str, object]) -> set[str]:
    """Return the options that satisfy a rule with these settings."""
    return {name for name in settings if _is_on(name, settings)}
