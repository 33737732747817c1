"""The result of a run of polling."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.report import RunReport


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport(RunReport):
    """`looks` (polls), `told` (published redemption events), `watches` that existed."""

    looks: int
    told: int
    watches: int

    @property
    def figures(self) -> Mapping[str, int]:
        return {
            "watches": self.watches,
            "looks": self.looks,
            "events of redemptions": self.told,
        }
