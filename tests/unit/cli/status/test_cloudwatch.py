"""Alarms and metrics are read as the functions and the stacks write them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from couponbus.runtime import observability
from couponbus_cli.app.queues import LAST_STOPS
from couponbus_cli.app.stage import Stage
from couponbus_cli.status.cloudwatch import CloudWatch
from couponbus_cli.status.measured import POINT, POINTS, Level, Series, letters_in
from tests.unit.cli.moto import Deployed, a_deployed_stage

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


@pytest.fixture
def read(deployed: Deployed) -> CloudWatch:
    return CloudWatch(target=deployed.target)


def write(
    deployed: Deployed,
    metric: str,
    value: float,
    *,
    at: datetime,
    service: str = "issue_barcodes",
    stage: str = "dev",
) -> None:
    deployed.target.cloudwatch().put_metric_data(
        Namespace="couponbus",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "stage", "Value": stage},
                    {"Name": "service", "Value": service},
                ],
                "Value": value,
                "Timestamp": at,
            }
        ],
    )


def put_alarm(deployed: Deployed, name: str, *, state: Literal["ALARM", "OK"]) -> None:
    client = deployed.target.cloudwatch()
    client.put_metric_alarm(
        AlarmName=name,
        AlarmDescription="Sign-ups wait",
        MetricName="SignUps",
        Namespace="couponbus",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def test_counts_are_summed_by_five_minutes_for_this_stage_alone(
    deployed: Deployed, read: CloudWatch
) -> None:
    for metric, value in (("SignUps", 3), ("SignUps", 4), ("Unmatched", 2), ("Issued", 5)):
        write(deployed, metric, value, at=NOW - 70 * MINUTE)
    write(deployed, "SignUps", 1, at=NOW)
    write(deployed, "SignUps", 100, at=NOW, stage="prod")
    write(deployed, "Delivered", 9, at=NOW, service="deliver_webhooks")

    rates = read.rates(NOW)

    assert rates.began_at <= NOW - (POINTS - 1) * POINT
    assert {len(points) for points in rates.points.values()} == {POINTS}
    assert sum(rates.points[Series.SIGN_UPS]) == 8
    assert sum(rates.points[Series.MATCHED]) == 6
    assert (rates.last_hour(Series.SIGN_UPS), rates.last_hour(Series.ISSUED)) == (1, 0)
    assert rates.points[Series.WEBHOOKS][-1] == 9


def test_levels_are_the_highest_of_five_minutes_and_counts_of_them_their_sum(
    deployed: Deployed, read: CloudWatch
) -> None:
    written = {
        Level.AMBIGUOUS: ("AmbiguousOpen", "sweep_due"),
        Level.DISABLED: ("EndpointsDisabled", "sweep_due"),
        Level.OLDEST_DUE: ("OldestDueSeconds", "sweep_due"),
        Level.LONGEST_WAIT: ("LongestWaitSeconds", "issue_barcodes"),
        Level.POLL_LAG: ("LagSeconds", "schedule_polls"),
        Level.ISSUING_BREAKER: ("BreakerOpen", "issue_barcodes"),
        Level.POLLING_BREAKER: ("BreakerOpen", "poll_redemptions"),
    }
    for place, (metric, service) in enumerate(written.values()):
        write(deployed, metric, 100 + place, at=NOW, service=service)
        write(deployed, metric, 1, at=NOW, service=service)

    rates = read.rates(NOW)

    assert {*rates.levels} == {*Level, *map(letters_in, LAST_STOPS)}
    assert {len(points) for points in rates.levels.values()} == {POINTS}
    assert [rates.levels[level][-1] for level in written] == [100, 101, 102, 103, 104, 106, 107]


def test_letters_are_counted_for_each_last_stop_of_this_stage(
    deployed: Deployed, read: CloudWatch
) -> None:
    for queue, letters in (("couponbus-dev-signups-dead", 7), ("couponbus-prod-signups-dead", 9)):
        deployed.target.cloudwatch().put_metric_data(
            Namespace="AWS/SQS",
            MetricData=[
                {
                    "MetricName": "ApproximateNumberOfMessagesVisible",
                    "Dimensions": [{"Name": "QueueName", "Value": queue}],
                    "Value": letters,
                    "Timestamp": NOW,
                }
            ],
        )

    levels = read.rates(NOW).levels

    assert levels[letters_in("signups-dead")][-1] == 7
    assert levels[letters_in("quarantine")][-1] == 0


def test_the_hours_with_unmatched_sign_ups_are_found_newest_first(
    deployed: Deployed, read: CloudWatch
) -> None:
    for hours in (50, 3):
        write(deployed, "Unmatched", 1, at=NOW - timedelta(hours=hours))

    found = read.hours_with_unmatched(NOW)

    hour = NOW.replace(minute=0, second=0)
    assert found == [hour - timedelta(hours=3), hour - timedelta(hours=50)]


def test_only_alarms_of_this_stage_that_ring_are_found(
    deployed: Deployed, read: CloudWatch
) -> None:
    put_alarm(deployed, "couponbus-prod-signups-old", state="ALARM")
    none = read.alarms()
    put_alarm(deployed, "couponbus-dev-polls-old", state="OK")
    calm = read.alarms()
    put_alarm(deployed, "couponbus-dev-signups-old", state="ALARM")

    [ringing] = read.alarms().ringing

    assert (none.ringing, none.deployed) == ([], False)
    assert (calm.ringing, calm.deployed) == ([], True)
    assert (ringing.name, ringing.why) == ("signups-old", "Sign-ups wait")


def test_the_metrics_are_read_where_the_functions_write_them() -> None:
    assert Stage("dev").names.metrics == observability.NAMESPACE
