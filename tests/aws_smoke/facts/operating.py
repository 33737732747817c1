"""What operates the stage: the limits of its API, its schedule, its metrics and its alarms."""

import datetime
import json
import ssl
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef
TICKS = 2
MINUTE, LATE = 60.0, 20.0
REQUESTS, AT_ONCE = 120, 30
TOO_MANY, REFUSED = 429, 400
ALARM = "signups-dead-not-empty"
THROTTLE_PAGE = "apigateway/latest/developerguide/http-api-throttling.html"
SCHEDULE_PAGE = "scheduler/latest/UserGuide/schedule-types.html"
METRIC_PAGE = "AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html"
ALARM_PAGE = "AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html"


def judge_throttled(statuses: Mapping[int, int]) -> Verdict:
    """A sign-up without headers that passes is refused by the function."""
    ours, passed = statuses.get(TOO_MANY, 0), statuses.get(REFUSED, 0)
    others = sum(statuses.values()) - ours - passed
    return Verdict(
        holds=ours > 0 and passed > 0 and others == 0,
        seen=f"{passed} x 400, {ours} x 429, {others} others, of {sum(statuses.values())}",
    )


@fact("throttle", page=THROTTLE_PAGE, judge=judge_throttled, here="played")
def throttled(cloud: Cloud) -> Mapping[int, int]:
    """The HTTP API answers 429 beyond the limit of its route, and passes the rest."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(lambda _: _unsigned(cloud), range(REQUESTS)))


def judge_ticks(times: Sequence[float]) -> Verdict:
    """EventBridge Scheduler invokes within the minute."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return Verdict(
        holds=any(abs(gap - MINUTE) <= LATE for gap in gaps),
        seen=f"{len(times)} ticks, {', '.join(f'{gap:.0f} s' for gap in gaps) or 'none'} apart",
    )


@fact("schedule", page=SCHEDULE_PAGE, judge=judge_ticks, here="known")
def ticks(cloud: Cloud) -> Sequence[float]:
    """The scheduler invokes the sweeper each minute."""

    def found() -> Sequence[float]:
        # A page may be empty though another one follows.
        pages = (
            cloud.access.logs()
            .get_paginator("filter_log_events")
            .paginate(logGroupName=cloud.names.log_group("sweep_due"), filterPattern='"counts"')
        )
        times = sorted(each["timestamp"] / 1000 for page in pages for each in page["events"])
        return times if len(times) >= TICKS else []

    return cloud.until(found, seconds=200, pause=1)


def judge_counted(ticks: float) -> Verdict:
    """Alarms of the stage read this metric with these dimensions."""
    return Verdict(holds=ticks > 0, seen=f"{ticks:.0f} ticks counted")


@fact("metric", page=METRIC_PAGE, judge=judge_counted, here="played")
def counted(cloud: Cloud) -> float:
    """What a function prints is a metric with the dimensions that the alarms read."""
    dimensions: list[DimensionTypeDef] = [
        {"Name": "service", "Value": "sweep_due"},
        {"Name": "stage", "Value": cloud.names.stage},
    ]

    def found() -> float:
        now = datetime.datetime.now(datetime.UTC)
        points = cloud.access.metrics().get_metric_statistics(
            Namespace=cloud.names.metrics,
            MetricName="Swept",
            Dimensions=dimensions,
            StartTime=now - datetime.timedelta(hours=1),
            EndTime=now + datetime.timedelta(minutes=1),
            Period=60,
            Statistics=["SampleCount"],
        )["Datapoints"]
        return sum(each["SampleCount"] for each in points)

    return cloud.until(found, seconds=120, pause=1)


def judge_rung(states: Sequence[str]) -> Verdict:
    """A dead letter makes it ring, nothing else."""
    return Verdict(holds="ALARM" in states, seen=f"published: {', '.join(states) or 'nothing'}")


@fact("alarm", page=ALARM_PAGE, judge=judge_rung, here="played")
def rung(cloud: Cloud) -> Sequence[str]:
    """A dead letter turns its alarm, and the topic publishes it."""
    access, name = cloud.access, cloud.names.of(ALARM)
    [alarm] = access.metrics().describe_alarms(AlarmNames=[name])["MetricAlarms"]
    access.session.client("sns", **access.where).subscribe(
        TopicArn=alarm["AlarmActions"][0],
        Protocol="sqs",
        Endpoint=cloud.laboratory.places["RingsArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    url = cloud.laboratory.queues.get_queue_url(QueueName=cloud.names.of("signups-dead"))
    cloud.access.sqs().send_message(QueueUrl=url["QueueUrl"], MessageBody="smoke")

    def heard() -> list[str]:
        said = [json.loads(each) for each in cloud.laboratory.heard("Rings")]
        return [each["NewStateValue"] for each in said if each.get("AlarmName") == name]

    # That all is well is published too, when the alarm is new.
    cloud.until(lambda: "ALARM" in heard(), seconds=150, pause=1)
    return heard()


def _unsigned(cloud: Cloud) -> int:
    bundle = cloud.access.where.get("verify")
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=bundle)),
    )
    try:
        with opener.open(f"{cloud.api_url}/sign-ups", data=b"{}", timeout=120) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


FACTS = (throttled, ticks, counted, rung)
