"""What a stage costs in a month without an event, from its templates and a metered minute."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.deployment import Deployment
from tests.benchmarks.cost.prices import MILLION, Prices

MINUTES = 60 * 24 * 365.25 / 12
# A poller waits for up to 20 seconds in a call.
RECEIVES_A_MINUTE = 3
POLLERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """How many of what is paid by the month a stage has, and of the pollers of its queues."""

    alarms: int
    dashboards: int
    secrets: int
    pollers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """What the ticks of a minute use, and how many metrics they write."""

    bill: Bill
    metrics: int


def pollers_of(concurrency: int) -> int:
    """Return how many pollers Lambda has for a queue (docs/performance.md, assumed)."""
    return min(POLLERS, concurrency)


def idle_minute(stage: Deployment) -> Minute:
    """Let a minute pass in a stage without a row."""
    stage.begin()
    output = stage.idle_minute()
    return Minute(bill=stage.bill(), metrics=len(_metrics(output)))


def usd_a_month(deployed: Deployed, minute: Minute, *, prices: Prices) -> Mapping[str, float]:
    """Return what each part costs a month."""
    a_month = {name: each["usd"] for name, each in prices.document["each_month"].items()}
    receives = deployed.pollers * RECEIVES_A_MINUTE
    ticks = prices.usd(minute.bill + Bill(sqs=receives))
    return {
        "alarms": deployed.alarms * a_month["alarm"],
        "dashboard": deployed.dashboards * a_month["dashboard"],
        "metrics": minute.metrics * a_month["metric"],
        "secrets": deployed.secrets * a_month["secret"],
        "queues": ticks.pop("SQS") * MINUTES / MILLION,
        "ticks": sum(ticks.values()) * MINUTES / MILLION,
    }


def _metrics(output: str) -> set[tuple[str, str]]:
    """Return each metric that was written, with its function."""
    found = set()
    for line in output.splitlines():
        record = json.loads(line)
        for directive in record.get("_aws", {}).get("CloudWatchMetrics", ()):
            found |= {(record["service"], each["Name"]) for each in directive["Metrics"]}
    return found
