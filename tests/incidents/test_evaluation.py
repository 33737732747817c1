"""The evaluator follows CloudWatch's rules; the tables are those of its documentation."""

from dataclasses import replace

import pytest

from tests.incidents.alarm import Alarm, Missing, alarm_of
from tests.incidents.alarms import Alarms, Change
from tests.incidents.datapoints import Datapoints, metric_key
from tests.incidents.evaluation import Breach, State, breaches, is_evaluated_at, state_of

OK, ALARM, NO_DATA = State.OK, State.ALARM, State.INSUFFICIENT_DATA
METRIC = metric_key("couponbus", "Failed", stage="prod", service="issue_barcodes")
ANY_ALARM = Alarm(
    name="any",
    metric=METRIC,
    unit=None,
    statistic="Sum",
    period=5,
    periods=1,
    to_alarm=1,
    threshold=0,
    comparison="GreaterThanThreshold",
    missing=Missing.NOT_BREACHING,
    alarm_actions=("topic",),
    ok_actions=("topic",),
)
KEPT = "kept"  # the documentation says: retain current state

# The periods that are read, and the state by how missing data is treated: missing, ignore,
# breaching, notBreaching. `X` breaches, `0` does not, `-` is missing.
THREE_OF_THREE = [
    ("0-X-X", OK, OK, OK, OK),
    ("----0", OK, OK, OK, OK),
    ("-----", NO_DATA, KEPT, ALARM, OK),
    ("0XX-X", ALARM, ALARM, ALARM, ALARM),
    ("--X--", ALARM, KEPT, ALARM, OK),
]
TWO_OF_THREE = [
    ("0-X-X", ALARM, ALARM, ALARM, ALARM),
    ("00X0X", ALARM, ALARM, ALARM, ALARM),
    ("0-X--", OK, OK, ALARM, OK),
    ("----0", OK, OK, ALARM, OK),
    ("---X-", ALARM, KEPT, ALARM, OK),
]


def periods_of(text: str) -> list[Breach]:
    return [{"X": True, "0": False, "-": None}[one] for one in text]


@pytest.mark.parametrize(
    ("to_alarm", "row"),
    [*((3, row) for row in THREE_OF_THREE), *((2, row) for row in TWO_OF_THREE)],
)
def test_missing_data_is_treated_as_the_tables_of_the_documentation_say(
    to_alarm: int, row: tuple[str, str, str, str, str]
) -> None:
    text, *expected = row
    treatments = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)

    for missing, state in zip(treatments, expected, strict=True):
        for before in State:
            alarm = replace(ANY_ALARM, periods=3, to_alarm=to_alarm, missing=missing)
            found = state_of(alarm, periods_of(text), before=before)
            assert found == (before if state == KEPT else state), (missing, before)


def test_a_metric_of_dynamodb_ignores_missing_data_whatever_the_alarm_says() -> None:
    throttles = metric_key("AWS/DynamoDB", "WriteThrottleEvents", TableName="couponbus-prod")
    alarm = replace(ANY_ALARM, metric=throttles, missing=Missing.NOT_BREACHING)

    assert state_of(alarm, periods_of("---"), before=ALARM) is ALARM


def test_a_single_breach_is_read_for_as_long_as_later_data_may_be_late() -> None:
    alarm = replace(ANY_ALARM, periods=1)

    assert state_of(alarm, periods_of("X--"), before=ALARM) is ALARM
    assert state_of(alarm, periods_of("---"), before=ALARM) is OK
    assert state_of(alarm, periods_of("X-0"), before=ALARM) is OK


@pytest.mark.parametrize(
    ("statistic", "threshold", "comparison", "expected"),
    [
        ("Sum", 9, "GreaterThanThreshold", True),
        ("Sum", 10, "GreaterThanThreshold", False),
        ("Sum", 10, "GreaterThanOrEqualToThreshold", True),
        ("Minimum", 1, "LessThanOrEqualToThreshold", True),
        ("Minimum", 1, "LessThanThreshold", False),
        ("Maximum", 6, "GreaterThanThreshold", True),
        ("Average", 3, "LessThanThreshold", False),
        ("Average", 3.4, "LessThanThreshold", True),
        ("SampleCount", 3, "LessThanThreshold", False),
        ("SampleCount", 3, "LessThanOrEqualToThreshold", True),
    ],
)
def test_a_statistic_is_that_of_all_values_of_the_period(
    statistic: str, threshold: float, comparison: str, expected: bool
) -> None:
    datapoints = Datapoints()
    for minute, value in ((10, 1.0), (10, 7.0), (14, 2.0)):
        datapoints.put(METRIC, value, minute=minute)
    alarm = replace(ANY_ALARM, statistic=statistic, threshold=threshold, comparison=comparison)

    assert breaches(alarm, datapoints, at=15) == [None, None, expected]


def test_a_period_of_five_minutes_ends_at_each_minute_and_is_not_aligned_to_the_hour() -> None:
    datapoints = Datapoints()
    datapoints.put(METRIC, 1.0, minute=7)

    found = {at: breaches(ANY_ALARM, datapoints, at=at)[-1] for at in (7, 8, 12, 13)}

    assert found == {7: None, 8: True, 12: True, 13: None}


def test_an_alarm_that_looks_back_for_more_than_a_day_is_evaluated_once_an_hour() -> None:
    alarm = replace(ANY_ALARM, period=60, periods=26)

    assert [minute for minute in range(121) if is_evaluated_at(alarm, minute)] == [0, 60, 120]
    assert is_evaluated_at(replace(alarm, periods=24), 61)


def test_a_metric_with_other_dimensions_or_in_another_unit_is_another_metric() -> None:
    datapoints = Datapoints()
    datapoints.put(metric_key("couponbus", "Failed", service="issue_barcodes"), 1.0, minute=4)
    datapoints.put(METRIC, 0.0, minute=4, unit="Count")

    assert breaches(ANY_ALARM, datapoints, at=5)[-1] is False
    assert breaches(replace(ANY_ALARM, unit="Seconds"), datapoints, at=5)[-1] is None


def test_the_topic_gets_a_change_once_and_only_where_the_alarm_has_an_action() -> None:
    datapoints = Datapoints()
    event = replace(ANY_ALARM, name="event", ok_actions=())
    alarms = Alarms([ANY_ALARM, event], datapoints, began=0)

    for minute in range(60):
        if 10 <= minute < 20:
            datapoints.put(METRIC, 1.0, minute=minute)
        alarms.evaluate(at=minute + 1)

    assert alarms.changes == [
        Change(11, "any", ALARM, is_notified=True),
        Change(11, "event", ALARM, is_notified=True),
        Change(35, "any", OK, is_notified=True),
        Change(35, "event", OK, is_notified=False),
    ]


def test_lines_of_a_function_become_the_metrics_that_they_declare() -> None:
    datapoints = Datapoints()
    line = (
        '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"couponbus","Dimensions":'
        '[["stage","service"]],"Metrics":[{"Name":"Failed","Unit":"Count"}]}]},'
        '"stage":"prod","service":"issue_barcodes","Failed":[3.0]}'
    )

    datapoints.put_lines(['{"level":"INFO","message":"batch done"}', line], minute=4)

    assert datapoints.between(METRIC, 4, 5) == [3.0]


def test_an_alarm_of_a_template_keeps_every_setting_and_refuses_an_unknown_one() -> None:
    properties = {
        "AlarmName": "couponbus-prod-a",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "couponbus-prod-signups"}],
        "Statistic": "Maximum",
        "Period": 300,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 600,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": ["topic"],
    }

    alarm = alarm_of(properties)

    assert (alarm.period, alarm.periods, alarm.to_alarm) == (5, 3, 2)
    assert alarm.metric == metric_key(
        "AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName="couponbus-prod-signups"
    )
    assert (alarm.alarm_actions, alarm.ok_actions) == (["topic"], [])
    with pytest.raises(AssertionError, match="Metrics"):
        alarm_of({**properties, "Metrics": []})
