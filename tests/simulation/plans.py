"""Faults that once broke something, reduced to what was needed: they are run for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was wrong, and the seed and faults that showed it."""

    story: str
    seed: int
    faults: Mapping[int, str]


PLANS: Sequence[Plan] = (
    Plan(
        story="a refusal whose stream record was lost is told before its row is reopened",
        seed=43,
        faults={4: "error", 12: "crash before", 21: "discarded"},
    ),
    Plan(
        story="a claim on a row that still owes its refusal is not left alone for ever",
        seed=81,
        faults={8: "crash before", 18: "not applied, error", 21: "discarded"},
    ),
)
