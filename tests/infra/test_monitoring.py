"""An alarm notifies the operator of everything that needs one (docs/reliability.md#alarms)."""

import re

import pytest

from couponbus.usecases.invocation import Metric
from infra.sources import ROOT
from tests.infra.assembly import Assembly, Json
from tests.infra.project import FUNCTIONS

LAST_STOPS = (
    "signups-dead",
    "polls-dead",
    "notifications-dead",
    "deliveries-dead",
    "redeliveries-dead",
    "quarantine",
    "unidentified",
    "undelivered",
    "unpublished",
)
MINUTE = 60


READERS = (
    "audit_barcodes",
    "issue_barcodes",
    "schedule_polls",
    "poll_redemptions",
    "fan_out_webhooks",
    "deliver_webhooks",
    "publish_events",
    "sweep_due",
)


def alarms(assembly: Assembly) -> dict[str, Json]:
    prefix = f"couponbus-{assembly.stage}-"
    return {
        each.properties["AlarmName"].removeprefix(prefix): each.properties
        for each in assembly.of("AWS::CloudWatch::Alarm")
    }


def dimensions_of(alarm: Json) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


def test_exactly_these_alarms_exist(dev: Assembly) -> None:
    assert set(alarms(dev)) == {
        *(f"{queue}-not-empty" for queue in LAST_STOPS),
        "signups-old",
        *(f"{function}-errors" for function in FUNCTIONS),
        *(f"{function}-throttles" for function in FUNCTIONS),
        "publish_events-behind",
        "sweep_due-behind",
        "sweep_due-missing",
        "sweep_due-Failed",
        "sweep_due-Braked",
        "issue_barcodes-Ambiguous",
        "issue_barcodes-Unauthorised",
        "issue_barcodes-Braked",
        "issue_barcodes-Anomalies",
        "issue_barcodes-ContractBroken",
        "issue_barcodes-Unmatched",
        "issue_barcodes-Misconfigured",
        "audit_barcodes-DuplicatesFound",
        "audit_barcodes-MissingFound",
        "audit_barcodes-RefusedFound",
        "polls-old",
        "schedule_polls-behind",
        "schedule_polls-missing",
        "schedule_polls-BudgetExceeded",
        *(f"{function}-BrokenRows" for function in READERS),
        "poll_redemptions-Paused",
        "poll_redemptions-Unauthorised",
        "poll_redemptions-ContractBroken",
        "poll_redemptions-Misconfigured",
        "poll_redemptions-UnknownErrorCodes",
        "poll_redemptions-RecordsLeftOut",
        "notifications-old",
        "deliveries-old",
        "redeliveries-old",
        "fan_out_webhooks-ContradictedEvents",
        "fan_out_webhooks-Misconfigured",
        "deliver_webhooks-ContradictedEvents",
        "deliver_webhooks-Disabled",
        "deliver_webhooks-Exhausted",
        "deliver_webhooks-Misconfigured",
        "deliver_webhooks-RefusedAddresses",
        "receive_callback-Misconfigured",
        "receive_callback-UnexpectedErrors",
        "receive_callback-RefusedForged",
        "receive_callback-UnknownCallbacks",
        "receive_callback-Unreachable",
    }


def test_every_alarm_notifies_the_topic_and_says_why(dev: Assembly) -> None:
    for name, alarm in alarms(dev).items():
        for actions in (alarm["AlarmActions"], alarm["OKActions"]):
            assert [dev.words(each, "monitoring") for each in actions] == [
                "Topic couponbus-dev-alarms"
            ], name
        assert alarm["AlarmDescription"], name


def test_alarms_watch_queues_and_functions_that_exist(dev: Assembly) -> None:
    real = set(dev.by_name("AWS::SQS::Queue")) | set(dev.by_name("AWS::Lambda::Function"))
    watched = {
        dimension["Value"]
        for alarm in alarms(dev).values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] in {"QueueName", "FunctionName"}
    }

    assert watched == real


def test_our_own_metrics_are_read_as_powertools_writes_them(dev: Assembly) -> None:
    own = [alarm for alarm in alarms(dev).values() if alarm["Namespace"] == "couponbus"]

    assert len(own) == 43
    for alarm in own:
        dimensions = dimensions_of(alarm)
        assert dimensions.keys() == {"stage", "service"}
        assert dimensions["stage"] == "dev"
        assert dimensions["service"] in FUNCTIONS


@pytest.mark.parametrize("function", ["sweep_due", "schedule_polls"])
def test_three_missed_ticks_raise_an_alarm_even_without_any_data(
    function: str, dev: Assembly
) -> None:
    alarm = alarms(dev)[f"{function}-missing"]

    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (MINUTE, 3)
    assert alarm["Statistic"] == "SampleCount"
    assert alarm["ComparisonOperator"] == "LessThanOrEqualToThreshold"


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("signups-old", 15 * MINUTE),
        ("sweep_due-behind", 15 * MINUTE),
        ("polls-old", 15 * MINUTE),
        ("schedule_polls-behind", 15 * MINUTE),
        ("schedule_polls-BudgetExceeded", 0),
        ("poll_redemptions-Paused", 0),
        ("poll_redemptions-UnknownErrorCodes", 0),
        ("publish_events-behind", 60 * MINUTE * 1000),
        ("quarantine-not-empty", 0),
        ("unidentified-not-empty", 0),
        ("issue_barcodes-Ambiguous", 0),
        ("issue_barcodes-Braked", 0),
        ("audit_barcodes-DuplicatesFound", 0),
        ("receive_callback-UnexpectedErrors", 0),
        ("receive_callback-RefusedForged", 20),
        ("receive_callback-UnknownCallbacks", 100),
    ],
)
def test_an_alarm_is_raised_above_its_limit_and_not_for_missing_data(
    name: str, limit: int, dev: Assembly
) -> None:
    alarm = alarms(dev)[name]

    assert alarm["Threshold"] == limit
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"


def test_cloudwatch_may_publish_because_a_topic_policy_replaces_the_default_one(
    dev: Assembly,
) -> None:
    (policy,) = dev.of("AWS::SNS::TopicPolicy")
    allowed = [each for each in dev.statements(policy) if each["Effect"] == "Allow"]

    assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]


def test_monitoring_imports_from_no_other_stack_so_that_it_never_blocks_one(
    dev: Assembly,
) -> None:
    assert "Fn::ImportValue" not in str(dev.templates["monitoring"])


def test_every_metric_of_ours_that_is_watched_or_shown_is_counted_by_its_function(
    dev: Assembly,
) -> None:
    counted = {count.value for count in Metric}
    (dashboard,) = dev.of("AWS::CloudWatch::Dashboard")
    shown = re.findall(
        r'"couponbus","(\w+)","service","(\w+)","stage","dev"',
        dev.words(dashboard.properties["DashboardBody"], "monitoring"),
    )
    watched = [
        (alarm["MetricName"], dimensions_of(alarm)["service"])
        for alarm in alarms(dev).values()
        if alarm["Namespace"] == "couponbus"
    ]

    assert shown
    for metric, function in (*shown, *watched):
        handler = (ROOT / "functions" / function / "handler.py").read_text()
        assert metric in counted or f'"{metric}"' in handler
