"""The result of a run of webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.report import RunReport


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReport(RunReport):
    """`published` events, `deliveries` of them, `requests` sent, simulated `hours`."""

    published: int
    deliveries: int
    requests: int
    hours: float

    @property
    def figures(self) -> Mapping[str, int]:
        return {
            "events": self.published,
            "deliveries": self.deliveries,
            "requests": self.requests,
            "simulated hours": round(self.hours),
        }
