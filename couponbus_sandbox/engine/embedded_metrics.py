"""Reads metrics out of what functions print, as CloudWatch Logs does (embedded metric format)."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

ENVELOPE = "_aws"
NO_UNIT = "None"

type Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The values of one metric; `at` is in epoch seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    values: tuple[float, ...]
    at: float


def reported(line: str) -> tuple[Reported, ...]:
    """Return the metrics of a line; none of a line without the envelope, or with a broken one."""
    if f'"{ENVELOPE}"' not in line:
        return ()
    try:
        return tuple(_reported(json.loads(line)))
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return ()


def _reported(line: Json) -> Iterator[Reported]:
    envelope = cast(Json, line[ENVELOPE])
    at = float(cast(float, envelope["Timestamp"])) / 1000
    for directive in cast(list[Json], envelope["CloudWatchMetrics"]):
        for names in cast(list[list[str]], directive["Dimensions"]):
            for metric in cast(list[Json], directive["Metrics"]):
                name = _text(metric["Name"])
                yield Reported(
                    namespace=_text(directive["Namespace"]),
                    name=name,
                    dimensions={one: _text(line[one]) for one in names},
                    unit=_text(metric.get("Unit", NO_UNIT)),
                    values=_numbers(line[name]),
                    at=at,
                )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _numbers(value: object) -> tuple[float, ...]:
    """Return the value, or the values of a list, as finite numbers."""
    return tuple(_number(one) for one in (value if isinstance(value, list) else [value]))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(value)
    return float(value)
