"""The result of a run of polling."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.report import RunReport


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport(RunReport):
    """`polls`, `published` redemption events, `watches` that existed."""

    polls: int
    published: int
    watches: int

    @property
    def figures(self) -> Mapping[str, int]:
        return {
            "watches": self.watches,
            "polls": self.polls,
            "events of redemptions": self.published,
        }
