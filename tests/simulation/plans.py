"""Plans that once broke something, reduced to the necessary faults; they stay regression tests."""

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
        story="a refusal whose stream record was lost is published before its row is reopened",
        seed=43,
        faults={11: "crash after", 35: "crash after", 40: "not applied, error", 44: "discarded"},
    ),
    Plan(
        story="a refusal whose stream was late is published before its row is reopened",
        seed=95,
        faults={4: "stalled", 8: "stalled", 16: "applied, error", 25: "discarded"},
    ),
)
