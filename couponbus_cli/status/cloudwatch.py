"""The metrics and alarms of a stage, read from CloudWatch."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from couponbus.usecases.invocation import Metric
from couponbus_cli.app.stage import Target
from couponbus_cli.status.measured import POINT, POINTS, Alarms, Rates, Ringing, Series

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef, MetricDataQueryTypeDef

HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=7)  # an unmatched sign-up
NAMESPACE = "couponbus"
ISSUING = "issue_barcodes"
RINGS: Final = "ALARM"
COUNTED: Mapping[Series, tuple[str, Metric]] = {
    Series.SIGN_UPS: (ISSUING, Metric.SIGN_UPS),
    Series.MATCHED: (ISSUING, Metric.UNMATCHED),  # taken off the sign-ups
    Series.ISSUED: (ISSUING, Metric.ISSUED),
    Series.UNKNOWN: (ISSUING, Metric.UNKNOWN),
    Series.REFUSED: (ISSUING, Metric.REFUSED),
    Series.POLLS: ("poll_redemptions", Metric.POLLS),
    Series.REDEMPTIONS: ("poll_redemptions", Metric.RECORDED),
    Series.WEBHOOKS: ("deliver_webhooks", Metric.DELIVERED),
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
            self._query(series.value, service, metric, seconds=int(POINT.total_seconds()))
            for series, (service, metric) in COUNTED.items()
        ]
        longest = self._query(
            "waited", ISSUING, Metric.LONGEST_WAIT, seconds=300, statistic="Maximum"
        )
        read = self._read([*queries, longest], since=began_at, until=began_at + POINTS * POINT)
        rows = {
            name: [points.get(began_at + place * POINT, 0.0) for place in range(POINTS)]
            for name, points in read.items()
        }
        sign_ups, unmatched = rows[Series.SIGN_UPS], rows[Series.MATCHED]
        matched = [max(all_ - lost, 0.0) for all_, lost in zip(sign_ups, unmatched, strict=True)]
        points = {series: rows[series] for series in Series} | {Series.MATCHED: matched}
        return Rates(began_at=began_at, points=points, waited=rows["waited"])

    def hours_with_unmatched(self, now: datetime) -> Sequence[datetime]:
        """Return those of the last days, the newest first. Raises ClientError, BotoCoreError."""
        until = _floor(now, HOUR) + HOUR
        query = self._query("hours", ISSUING, Metric.UNMATCHED, seconds=3600)
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

    def _query(
        self, id_: str, service: str, name: str, *, seconds: int, statistic: str = "Sum"
    ) -> "MetricDataQueryTypeDef":
        dimensions = {"stage": self._target.stage.value, "service": service}
        return {
            "Id": id_,
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": name,
                    "Dimensions": [
                        {"Name": each, "Value": value} for each, value in dimensions.items()
                    ],
                },
                "Period": seconds,
                "Stat": statistic,
            },
        }

    def _read(
        self, queries: Sequence["MetricDataQueryTypeDef"], *, since: datetime, until: datetime
    ) -> Mapping[str, Mapping[datetime, float]]:
        found: dict[str, dict[datetime, float]] = {query["Id"]: {} for query in queries}
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=since, EndTime=until
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                points = zip(result["Timestamps"], result["Values"], strict=True)
                found[result["Id"]].update(points)
        return found


def _ringing(alarm: "MetricAlarmTypeDef", prefix: str) -> Ringing:
    return Ringing(
        name=alarm["AlarmName"].removeprefix(prefix),
        since=alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"],
        why=alarm.get("AlarmDescription", ""),
    )


def _floor(moment: datetime, span: timedelta) -> datetime:
    seconds = span.total_seconds()
    return moment - timedelta(seconds=moment.timestamp() % seconds)
