"""Faults that once broke something, reduced to what was needed: they are run for ever."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was wrong, and the seed and faults that showed it."""

    story: str
    seed: int
    faults: Mapping[int, str]


PLANS = ()
