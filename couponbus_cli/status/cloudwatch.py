"""The metrics and alarms of a stage, read from CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Final

from couponbus.usecases.invocation import Metric
from couponbus_cli.app.queues import LAST_STOPS
from couponbus_cli.app.stage import Target
from couponbus_cli.status.measured import (
    POINT,
    POINTS,
    Alarms,
    Level,
    Rates,
    Ringing,
    Series,
    letters_in,
)

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import (
        DimensionTypeDef,
        MetricAlarmTypeDef,
        MetricDataQueryTypeDef,
    )

HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=7)  # an unmatched sign-up
OF_QUEUES, VISIBLE = "AWS/SQS", "ApproximateNumberOfMessagesVisible"
ISSUING = "issue_barcodes"
POLLING = "poll_redemptions"
RINGS: Final = "ALARM"
PAGES_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric of one of our functions, and how its values of a point are put together."""

    service: str
    metric: str
    statistic: str = "Sum"


def _highest(service: str, metric: str) -> Measured:
    return Measured(service=service, metric=metric, statistic="Maximum")


COUNTED: Mapping[Series, Measured] = {
    Series.SIGN_UPS: Measured(service=ISSUING, metric=Metric.SIGN_UPS),
    Series.MATCHED: Measured(service=ISSUING, metric=Metric.UNMATCHED),  # taken off the sign-ups
    Series.ISSUED: Measured(service=ISSUING, metric=Metric.ISSUED),
    Series.UNKNOWN: Measured(service=ISSUING, metric=Metric.UNKNOWN),
    Series.REFUSED: Measured(service=ISSUING, metric=Metric.REFUSED),
    Series.POLLS: Measured(service=POLLING, metric=Metric.POLLS),
    Series.REDEMPTIONS: Measured(service=POLLING, metric=Metric.RECORDED),
    Series.WEBHOOKS: Measured(service="deliver_webhooks", metric=Metric.DELIVERED),
}
LEVELS: Mapping[Level, Measured] = {
    Level.AMBIGUOUS: _highest("sweep_due", Metric.AMBIGUOUS_OPEN),
    Level.DISABLED: _highest("sweep_due", Metric.ENDPOINTS_DISABLED),
    Level.OLDEST_DUE: _highest("sweep_due", "OldestDueSeconds"),
    Level.LONGEST_WAIT: _highest(ISSUING, Metric.LONGEST_WAIT),
    Level.POLL_LAG: _highest("schedule_polls", "LagSeconds"),
    Level.ISSUING_BREAKER: Measured(service=ISSUING, metric=Metric.BREAKER_OPEN),
    Level.POLLING_BREAKER: Measured(service=POLLING, metric=Metric.BREAKER_OPEN),
}


class CloudWatch:
    """`couponbus_cli.app.world.Measurements`; its client is made at first use."""

    def __init__(self, *, target: Target) -> None:
        """`target` is the stage whose metrics and alarms are read."""
        self._target = target
        self._made: CloudWatchClient | None = None
        self._making = Lock()  # boto3 must not make clients side by side

    def alarms(self) -> Alarms:
        """Return those that ring. Raises ClientError, BotoCoreError."""
        prefix = self._target.part("")
        ringing = [
            _ringing(alarm, prefix)
            for page in self._client.get_paginator("describe_alarms").paginate(
                AlarmNamePrefix=prefix, StateValue=RINGS
            )
            for alarm in page["MetricAlarms"]
            if alarm["StateValue"] == RINGS  # not each engine narrows a prefix further
        ]
        return Alarms(ringing=ringing, deployed=bool(ringing) or self._has_any(prefix))

    def rates(self, now: datetime) -> Rates:
        """Return the counts of the last three hours. Raises ClientError, BotoCoreError."""
        began_at = _floor(now, POINT) - (POINTS - 1) * POINT
        queries = [
            *(self._query(series, of, POINT) for series, of in COUNTED.items()),
            *(self._query(level, of, POINT) for level, of in LEVELS.items()),
            *map(self._letters, LAST_STOPS),
        ]
        read = self._read(queries, since=began_at, until=began_at + POINTS * POINT)
        rows = {
            name: [points.get(began_at + place * POINT, 0.0) for place in range(POINTS)]
            for name, points in read.items()
        }
        sign_ups, unmatched = rows[Series.SIGN_UPS], rows[Series.MATCHED]
        matched = [max(all_ - lost, 0.0) for all_, lost in zip(sign_ups, unmatched, strict=True)]
        points = {series: rows[series] for series in Series} | {Series.MATCHED: matched}
        levels = {name: rows[name] for name in rows if name not in COUNTED}
        return Rates(began_at=began_at, points=points, levels=levels)

    def hours_with_unmatched(self, now: datetime) -> Sequence[datetime]:
        """Return those of the last days, the newest first. Raises ClientError, BotoCoreError."""
        until = _floor(now, HOUR) + HOUR
        query = self._query("hours", COUNTED[Series.MATCHED], HOUR)
        read = self._read([query], since=until - KEPT_FOR, until=until)
        return sorted((at for at, number in read["hours"].items() if number), reverse=True)

    @property
    def _client(self) -> "CloudWatchClient":
        with self._making:
            if self._made is None:
                self._made = self._target.cloudwatch()
            return self._made

    def _has_any(self, prefix: str) -> bool:
        return bool(
            self._client.describe_alarms(AlarmNamePrefix=prefix, MaxRecords=1)["MetricAlarms"]
        )

    def _query(self, id_: str, of: Measured, period: timedelta) -> "MetricDataQueryTypeDef":
        ours = {"stage": str(self._target.stage), "service": of.service}
        return _query(
            id_,
            self._target.stage.names.metrics,
            of.metric,
            ours,
            statistic=of.statistic,
            period=period,
        )

    def _letters(self, queue: str) -> "MetricDataQueryTypeDef":
        name = {"QueueName": self._target.part(queue)}
        return _query(letters_in(queue), OF_QUEUES, VISIBLE, name, statistic="Maximum")

    def _read(
        self, queries: Sequence["MetricDataQueryTypeDef"], *, since: datetime, until: datetime
    ) -> Mapping[str, Mapping[datetime, float]]:
        found: dict[str, dict[datetime, float]] = {query["Id"]: {} for query in queries}
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=since, EndTime=until
        )
        for page in islice(pages, PAGES_MAX):
            for result in page["MetricDataResults"]:
                points = zip(result["Timestamps"], result["Values"], strict=True)
                found[result["Id"]].update(points)
        return found


def _query(
    id_: str,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str,
    period: timedelta = POINT,
) -> "MetricDataQueryTypeDef":
    named: list[DimensionTypeDef] = [
        {"Name": each, "Value": value} for each, value in dimensions.items()
    ]
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named},
            "Period": int(period.total_seconds()),
            "Stat": statistic,
        },
    }


def _ringing(alarm: "MetricAlarmTypeDef", prefix: str) -> Ringing:
    return Ringing(
        name=alarm["AlarmName"].removeprefix(prefix),
        since=alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"],
        why=alarm.get("AlarmDescription", ""),
    )


def _floor(moment: datetime, span: timedelta) -> datetime:
    seconds = span.total_seconds()
    return moment - timedelta(seconds=moment.timestamp() % seconds)
