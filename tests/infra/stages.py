"""The stages of the shipped samples, as tests deploy them."""

from dataclasses import replace
from pathlib import Path

import couponbus_config
from couponbus_config.file import read_installation
from couponbus_config.installation import Installation

SAMPLES = Path(couponbus_config.__file__).parent / "samples"


def sample(name: str) -> Installation:
    return read_installation(SAMPLES / f"{name}.yaml")


SHOP = sample("shop")
DEV, PROD = SHOP.stage("dev"), SHOP.stage("prod")
_ALONE = sample("local").stage("local")
# As it is deployed on this machine: beside its simulators.
LOCAL = replace(
    _ALONE,
    accounts=tuple(replace(each, base_url="http://127.0.0.1:9") for each in _ALONE.accounts),
    uniqodo_accounts=tuple(
        replace(each, base_url="http://127.0.0.1:10") for each in _ALONE.uniqodo_accounts
    ),
    koupon_accounts=tuple(
        replace(each, base_url="http://127.0.0.1:11") for each in _ALONE.koupon_accounts
    ),
    clock_file="/nowhere/clock",
)
STAGES = {stage.name: stage for stage in (DEV, PROD, LOCAL)}
