"""The variables of a function are at most 4,096 bytes, names and JSON included."""

import json
from collections.abc import Callable
from typing import cast

from ministack.services.cloudformation import provisioners

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned

FUNCTION = "AWS::Lambda::Function"
MOST_BYTES = 4096
WORDS = (
    "Lambda was unable to configure your environment variables because the environment variables"
    " you have provided exceeded the 4KB limit. String measured: "
)


def install() -> None:
    """Measure before a function is created or updated."""
    original = provisioners._RESOURCE_HANDLERS[FUNCTION]
    provisioners._RESOURCE_HANDLERS[FUNCTION] = original | {
        "create": _measured(original["create"], place=1),
        "update": _measured(original["update"], place=2),
    }


def _measured(change: Callable[..., Provisioned], *, place: int) -> Callable[..., Provisioned]:
    def measured(*given: object) -> Provisioned:
        environment = cast(Properties, given[place]).get("Environment") or {}
        variables = cast(Properties, environment).get("Variables") or {}
        text = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
        if len(text.encode()) > MOST_BYTES:
            raise ValueError(WORDS + text)
        return change(*given)

    return measured
