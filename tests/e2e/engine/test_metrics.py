"""What functions print becomes metrics, metrics move alarms, and alarms tell their topic."""

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from couponbus_sandbox.engine.stacks import Stack
from couponbus_sandbox.local.moving_clock import MovingClock
from tests.e2e.engine.laboratory import (
    Json,
    Laboratory,
    any_name,
    arn,
    function,
    queue,
    ref,
    role,
    until,
)

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef

PRINT = """
    def handler(event, context):
        print(event["line"])
        if event.get("fails"):
            raise ValueError("after the line")
        return "done"
"""
NAMESPACE, METRIC = "laboratory", "Open"


def emf(value: object, *, stage: str, seconds_ago: float = 0) -> str:
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["stage", "service"]],
        "Metrics": [{"Name": METRIC, "Unit": "Count"}],
    }
    envelope = {
        "Timestamp": round((time.time() - seconds_ago) * 1000),
        "CloudWatchMetrics": [directive],
    }
    return json.dumps({"_aws": envelope, "stage": stage, "service": "print", METRIC: value})


def dimensions(stage: str) -> "list[DimensionTypeDef]":
    return [{"Name": "stage", "Value": stage}, {"Name": "service", "Value": "print"}]


def alarm(name: str, *, stage: str, **properties: object) -> Json:
    """A level: it rings while there is a value above 0 in the last minute."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "Namespace": NAMESPACE,
            "MetricName": METRIC,
            "Dimensions": dimensions(stage),
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref("Topic")],
            "OKActions": [ref("Topic")],
            **properties,
        },
    }


class Watched:
    """A function that prints, alarms on two stages, and a queue that hears of them."""

    def __init__(self, laboratory: Laboratory, clock: MovingClock) -> None:
        self._laboratory, self._clock = laboratory, clock
        self.stage, self.other = any_name("stage"), any_name("stage")
        self.mine, self.others = any_name("alarm"), any_name("alarm")
        self.silent = any_name("alarm")
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn("Heard"),
        }
        stack = laboratory.deploy(
            {
                "Role": role(),
                "Print": function(PRINT, its_role="Role"),
                "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
                "Heard": queue(),
                "Policy": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "Queues": [ref("Heard")],
                        "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]},
                    },
                },
                "Subscription": {
                    "Type": "AWS::SNS::Subscription",
                    "Properties": {
                        "TopicArn": ref("Topic"),
                        "Protocol": "sqs",
                        "Endpoint": arn("Heard"),
                        "RawMessageDelivery": True,
                    },
                },
                "Mine": alarm(self.mine, stage=self.stage),
                "Others": alarm(self.others, stage=self.other),
                "Silent": alarm(
                    self.silent,
                    stage=self.other,
                    Statistic="SampleCount",
                    ComparisonOperator="LessThanThreshold",
                    Threshold=1,
                    TreatMissingData="breaching",
                    AlarmActions=[],
                ),
            }
        )
        self._function = laboratory.physical(stack, "Print")
        self._heard = laboratory.physical(stack, "Heard")
        self.stack: Stack = stack

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self._function}"

    def says(self, line: str, *, fails: bool = False) -> str:
        """Have the function print a line, and return its answer."""
        answer = self._laboratory.access.functions().invoke(
            FunctionName=self._function, Payload=json.dumps({"line": line, "fails": fails})
        )
        return answer["Payload"].read().decode()

    def pass_minute(self) -> None:
        """Go to the beginning of the next minute, so that what follows is within one."""
        self._clock.advance(seconds=61 - self._clock.now().timestamp() % 60)

    def until_state(self, name: str, state: str) -> None:
        until(lambda: self.state(name) == state)

    def state(self, name: str) -> str:
        described = self._laboratory.access.metrics().describe_alarms(AlarmNames=[name])
        return described["MetricAlarms"][0]["StateValue"]

    def heard(self, name: str) -> Sequence[str]:
        """Return the new states of an alarm of which the topic was notified."""
        notices = [json.loads(body) for body in self._laboratory.take(self._heard)]
        return [one["NewStateValue"] for one in notices if one["AlarmName"] == name]

    def values(self, stage: str) -> Sequence[float]:
        """Return what was counted in the last ten minutes."""
        now = self._clock.now()
        [result] = self._laboratory.access.metrics().get_metric_data(
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            MetricDataQueries=[
                {
                    "Id": "any",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": NAMESPACE,
                            "MetricName": METRIC,
                            "Dimensions": dimensions(stage),
                        },
                        "Period": 600,
                        "Stat": "Sum",
                    },
                }
            ],
        )["MetricDataResults"]
        return result["Values"]


@pytest.fixture(scope="module")
def watched(laboratory: Laboratory, clock: MovingClock) -> Watched:
    return Watched(laboratory, clock)


def test_a_level_rings_its_topic_and_tells_when_it_is_over(watched: Watched) -> None:
    watched.pass_minute()
    watched.until_state(watched.mine, "OK")

    watched.says(emf(2, stage=watched.stage))
    watched.pass_minute()
    watched.until_state(watched.mine, "ALARM")
    watched.says(emf(0, stage=watched.stage))
    watched.pass_minute()
    watched.until_state(watched.mine, "OK")

    assert watched.heard(watched.mine) == ["OK", "ALARM", "OK"]
    assert watched.state(watched.others) == "OK"


def test_a_stage_that_is_silent_is_not_kept_alive_by_another_one(watched: Watched) -> None:
    watched.says(emf(1, stage=watched.stage))
    watched.pass_minute()

    watched.until_state(watched.silent, "ALARM")


def test_values_are_found_under_exactly_their_dimensions(watched: Watched) -> None:
    stage = any_name("stage")

    watched.says(emf([1, 2.5], stage=stage))

    assert watched.values(stage) == [3.5]
    assert watched.values(any_name("stage")) == []


def test_what_a_function_printed_before_it_failed_counts(watched: Watched) -> None:
    stage = any_name("stage")

    watched.says(emf(1, stage=stage), fails=True)

    assert watched.values(stage) == [1.0]


def test_a_broken_line_harms_neither_its_function_nor_the_next_line(watched: Watched) -> None:
    stage = any_name("stage")

    broken = watched.says(emf(1, stage=stage)[:-1])
    for too_old_or_too_new in (10**9, -(10**9)):
        watched.says(emf(1, stage=stage, seconds_ago=too_old_or_too_new))
    whole = watched.says(emf(1, stage=stage))

    assert (broken, whole) == ('"done"', '"done"')
    assert watched.values(stage) == [1.0]


def test_queues_are_measured_each_minute(
    watched: Watched, laboratory: Laboratory, clock: MovingClock
) -> None:
    stack = laboratory.deploy({"Queue": queue()})
    url = laboratory.physical(stack, "Queue")
    laboratory.send(url, ["one", "two"])
    sent = time.time()
    until(lambda: time.time() > sent + 1)
    watched.pass_minute()

    def measured(metric: str) -> Sequence[float]:
        found = laboratory.access.metrics().get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName=metric,
            Dimensions=[{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
            StartTime=clock.now() - timedelta(minutes=5),
            EndTime=clock.now() + timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )
        return [point["Maximum"] for point in found["Datapoints"]]

    until(lambda: measured("ApproximateAgeOfOldestMessage"))
    assert set(measured("ApproximateNumberOfMessagesVisible")) == {2.0}
    assert max(measured("ApproximateAgeOfOldestMessage")) >= 1


def test_lines_are_found_by_a_phrase_page_by_page_and_in_the_moved_time(
    watched: Watched, laboratory: Laboratory, clock: MovingClock
) -> None:
    phrase = f"order {any_name('line')} of many"
    begin = clock.now()
    watched.says("\n".join(f"{phrase} {number}" for number in range(5)))
    watched.says(f"many of order {phrase.upper()}")

    pages = (
        laboratory.access.logs()
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=watched.log_group,
            filterPattern=f'"{phrase}"',
            startTime=round(begin.timestamp() * 1000),
            PaginationConfig={"PageSize": 2},
        )
    )

    found = [[event["message"][-1] for event in page["events"]] for page in pages]
    assert found == [["0", "1"], ["2", "3"], ["4"]]
