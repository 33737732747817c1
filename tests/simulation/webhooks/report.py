"""The result of a run of webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.report import RunReport


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReport(RunReport):
    """`told` (published) events, `deliveries` of them, `requests` sent, simulated `hours`."""

    told: int
    deliveries: int
    requests: int
    hours: float

    @property
    def figures(self) -> Mapping[str, int]:
        return {
            "events": self.told,
            "deliveries": self.deliveries,
            "requests": self.requests,
            "simulated hours": round(self.hours),
        }
