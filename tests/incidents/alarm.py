"""An alarm as the synthesised template declares it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.incidents.datapoints import MINUTE, MetricKey

DAY_MINUTES = 24 * 60
# Fields of an alarm that the evaluator knows; another one would change what it means.
KNOWN = {
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluationPeriods",
    "MetricName",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Tags",
    "Threshold",
    "TreatMissingData",
    "Unit",
}


class Missing(StrEnum):
    """How an alarm treats a period without a datapoint."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The rule of one alarm; `period` is in minutes."""

    name: str
    metric: MetricKey
    unit: str | None
    statistic: str
    period: int
    periods: int
    to_alarm: int
    threshold: float
    comparison: str
    missing: Missing
    alarm_actions: Sequence[object]
    ok_actions: Sequence[object]

    @property
    def is_multi_day(self) -> bool:
        """Whether it looks back for more than a day, and so is evaluated once an hour."""
        return self.period * self.periods > DAY_MINUTES


def alarm_of(properties: Mapping[str, Any]) -> Alarm:
    """Return the alarm of a resource. Raises for what the evaluator does not know."""
    unknown = set(properties) - KNOWN
    assert not unknown, f"{properties['AlarmName']}: the evaluator does not know {unknown}"
    assert properties["Period"] % MINUTE == 0
    enabled = properties.get("ActionsEnabled", True)
    dimensions = properties.get("Dimensions", [])
    return Alarm(
        name=properties["AlarmName"],
        metric=MetricKey(
            properties["Namespace"],
            properties["MetricName"],
            frozenset((one["Name"], one["Value"]) for one in dimensions),
        ),
        unit=properties.get("Unit"),
        statistic=properties["Statistic"],
        period=properties["Period"] // MINUTE,
        periods=properties["EvaluationPeriods"],
        to_alarm=properties.get("DatapointsToAlarm", properties["EvaluationPeriods"]),
        threshold=properties["Threshold"],
        comparison=properties["ComparisonOperator"],
        missing=Missing(properties.get("TreatMissingData", "missing")),
        alarm_actions=properties.get("AlarmActions", []) if enabled else [],
        ok_actions=properties.get("OKActions", []) if enabled else [],
    )
