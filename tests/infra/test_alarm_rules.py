"""By which rules the alarms ring: when they begin, while they last, and what rings none."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from couponbus_config.configuration_error import ConfigurationError
from infra.sources import Sources
from tests.infra.alarms import DAY, HOUR, LAST_STOPS, MINUTE, alarms
from tests.infra.assembly import Assembly, Json
from tests.infra.project import synthesised
from tests.infra.stages import STAGES

QUEUE_FUNCTIONS = ("issue_barcodes", "poll_redemptions", "fan_out_webhooks", "deliver_webhooks")


def visibility(assembly: Assembly, queue: str) -> int:
    found = assembly.by_name("AWS::SQS::Queue")[f"couponbus-{assembly.stage}-{queue}"]
    seconds: int = found.properties["VisibilityTimeout"]
    return seconds


@pytest.mark.parametrize("function", ["sweep_due", "schedule_polls"])
def test_three_missed_ticks_raise_an_alarm_even_without_any_data(
    function: str, dev: Assembly
) -> None:
    alarm = alarms(dev)[f"{function}-missing"]

    assert is_silence(alarm)
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (MINUTE, 3)


def test_an_audit_that_is_two_hours_late_raises_an_alarm(dev: Assembly) -> None:
    alarm = alarms(dev)["audit_barcodes-missing"]

    assert is_silence(alarm)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == DAY + 2 * HOUR


def is_silence(alarm: Json) -> bool:
    return bool(
        alarm["TreatMissingData"] == "breaching"
        and alarm["Statistic"] == "SampleCount"
        and alarm["ComparisonOperator"] == "LessThanOrEqualToThreshold"
        and alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "sweep_due-AmbiguousOpen",
        "sweep_due-EndpointsDisabled",
        "sweep_due-Braked",
        "schedule_polls-AccountsPaused",
    ],
)
def test_what_is_measured_each_minute_rings_at_once_and_a_lost_minute_ends_nothing(
    name: str, dev: Assembly
) -> None:
    alarm = alarms(dev)[name]

    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (MINUTE, 1)
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 0)
    assert alarm["TreatMissingData"] == "ignore"


@pytest.mark.parametrize(
    ("function", "breaching", "periods"), [("sweep_due", 1, 5), ("schedule_polls", 3, 3)]
)
def test_what_is_late_for_a_quarter_of_an_hour_rings_until_a_tick_has_measured_less(
    function: str, breaching: int, periods: int, dev: Assembly
) -> None:
    alarm = alarms(dev)[f"{function}-behind"]

    assert (alarm["Statistic"], alarm["Threshold"]) == ("Maximum", 15 * MINUTE)
    assert (alarm["Period"], alarm["TreatMissingData"]) == (MINUTE, "ignore")
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (breaching, periods)


def test_messages_that_wait_for_an_operator_ring_also_when_sqs_says_nothing_of_their_queue(
    dev: Assembly,
) -> None:
    for queue in LAST_STOPS:
        alarm = alarms(dev)[f"{queue}-not-empty"]
        assert (alarm["TreatMissingData"], alarm["Threshold"]) == ("ignore", 0)


def test_the_alarm_of_an_old_letter_is_over_when_its_queue_is_empty_and_has_no_age(
    dev: Assembly,
) -> None:
    for queue in LAST_STOPS:
        alarm = alarms(dev)[f"{queue}-letters-old"]
        assert (alarm["TreatMissingData"], alarm["Threshold"]) == ("notBreaching", 9 * DAY)


def test_a_letter_rings_days_before_it_is_deleted(dev: Assembly) -> None:
    queues = dev.by_name("AWS::SQS::Queue")
    for queue in LAST_STOPS:
        kept = queues[f"couponbus-dev-{queue}"].properties["MessageRetentionPeriod"]
        source = queues.get(f"couponbus-dev-{queue.removesuffix('-dead')}")
        elsewhere = (
            source.properties["MessageRetentionPeriod"] if source and "-dead" in queue else 0
        )
        assert alarms(dev)[f"{queue}-letters-old"]["Threshold"] + elsewhere < kept


@pytest.mark.parametrize(
    "queue", ["signups", "polls", "notifications", "deliveries", "redeliveries"]
)
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_age_of_work_rings_below_the_third_receive_because_sqs_shows_no_more(
    queue: str, stage: str, request: pytest.FixtureRequest
) -> None:
    assembly: Assembly = request.getfixturevalue(stage)
    alarm = alarms(assembly)[f"{queue}-old"]

    assert 5 * MINUTE < alarm["Threshold"] < 2 * visibility(assembly, queue)


RETURNS = {
    "issue_barcodes": ("signups",),
    "poll_redemptions": ("polls",),
    "fan_out_webhooks": ("notifications",),
    "deliver_webhooks": ("deliveries", "redeliveries"),
}


@pytest.mark.parametrize("function", QUEUE_FUNCTIONS)
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_one_message_that_goes_on_failing_rings_before_it_is_a_dead_letter_and_does_not_flap(
    function: str, stage: str, request: pytest.FixtureRequest
) -> None:
    assembly: Assembly = request.getfixturevalue(stage)
    alarm = alarms(assembly)[f"{function}-Failed"]
    for queue in RETURNS[function]:
        seconds = visibility(assembly, queue)
        redrive = assembly.by_name("AWS::SQS::Queue")[f"couponbus-{stage}-{queue}"].properties[
            "RedrivePolicy"
        ]
        failing = {at * seconds // MINUTE for at in range(redrive["maxReceiveCount"])}
        ringing = [at for at in range(max(failing) + 1) if rings(alarm, failing, at=at)]

        assert ringing == list(range(ringing[0], max(failing) + 1))
        # A quarter of an hour, or the first return where that takes longer.
        assert ringing[0] <= max(15, seconds // MINUTE + 1)


@pytest.mark.parametrize("function", QUEUE_FUNCTIONS)
def test_a_failure_that_is_gone_when_its_message_returns_rings_nothing(
    function: str, dev: Assembly
) -> None:
    assert not any(rings(alarms(dev)[f"{function}-Failed"], {3}, at=at) for at in range(100))


def rings(alarm: Json, minutes: Iterable[int], *, at: int) -> bool:
    assert (alarm["Period"], alarm["TreatMissingData"]) == (MINUTE, "notBreaching")
    window = range(at - alarm["EvaluationPeriods"] + 1, at + 1)
    breaching: int = alarm["DatapointsToAlarm"]
    return len({minute for minute in minutes if minute in window}) >= breaching


@pytest.mark.parametrize(
    ("name", "statistic", "limit", "minutes"),
    [
        ("issue_barcodes-waiting", "Maximum", 15 * MINUTE, 5),
        ("publish_events-behind", "Maximum", HOUR * 1000, 5),
        ("issue_barcodes-BreakerOpen", "Sum", 0, 10),
        ("poll_redemptions-BreakerOpen", "Sum", 0, 10),
        ("poll_redemptions-AskedToWait", "Sum", 0, 10),
        ("issue_barcodes-RefusedShare", "Average", 50, 15),
        ("issue_barcodes-UnmatchedShare", "Minimum", 100, 15),
        ("callbacks-5xx", "Sum", 5, 10),
        ("receive_callback-RefusedForged", "Sum", 20, 5),
        ("receive_callback-UnknownCallbacks", "Sum", 100, 5),
        ("audit_barcodes-MissingFound", "Sum", 0, 5),
        ("issue_barcodes-Unmatched", "Sum", 0, 5),
        ("sweep_due-UnexpectedErrors", "Sum", 0, 5),
    ],
)
def test_an_alarm_rings_above_its_limit_within_so_many_minutes_and_not_for_missing_data(
    name: str, statistic: str, limit: int, minutes: int, dev: Assembly
) -> None:
    alarm = alarms(dev)[name]

    assert (alarm["Statistic"], alarm["Threshold"]) == (statistic, limit)
    assert alarm["Period"] * alarm["DatapointsToAlarm"] == minutes * MINUTE
    assert alarm["ComparisonOperator"].startswith("GreaterThan")
    assert alarm["TreatMissingData"] == "notBreaching"


def test_a_stage_that_expects_sign_ups_rings_when_none_came_for_as_long(
    project: Sources, tmp_path: Path, dev: Assembly
) -> None:
    expecting = replace(STAGES["dev"], sign_ups_expected_within_hours=168)
    stage = expecting

    made = alarms(synthesised(project, tmp_path, stage=stage))

    assert made.keys() - alarms(dev).keys() == {"issue_barcodes-sign-ups-missing"}
    alarm = made["issue_barcodes-sign-ups-missing"]
    assert is_silence(alarm)
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 7 * DAY


@pytest.mark.parametrize("hours", [0, -1, 169])
def test_hours_that_no_alarm_can_look_back_are_refused(hours: int) -> None:
    with pytest.raises(ConfigurationError, match="use 1 to 168"):
        replace(STAGES["dev"], sign_ups_expected_within_hours=hours)
