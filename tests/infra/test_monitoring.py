"""An alarm notifies the operator of everything that needs one (docs/reliability.md#alarms)."""

import re

from infra.sources import ROOT
from tests.infra.alarms import DAY, HOUR, LAST_STOPS, MINUTE, alarms, dimensions_of, metrics_of
from tests.infra.assembly import Assembly, listed
from tests.infra.project import FUNCTIONS

QUEUE_FUNCTIONS = ("issue_barcodes", "poll_redemptions", "fan_out_webhooks", "deliver_webhooks")
DELIVERING = ("deliveries", "redeliveries")
UNTIL_TIME_IS_USED_UP = {"audit_barcodes", "issue_barcodes", "poll_redemptions", "deliver_webhooks"}
RETURNING = (*QUEUE_FUNCTIONS, "publish_events", "sweep_due")
# What lasts until an operator or a provider ends it, or until it was worked off.
LEVELS = {
    "sweep_due-AmbiguousOpen",
    "sweep_due-EndpointsDisabled",
    "sweep_due-Braked",
    "schedule_polls-AccountsPaused",
    "issue_barcodes-waiting",
    "issue_barcodes-BreakerOpen",
    "poll_redemptions-BreakerOpen",
    "poll_redemptions-AskedToWait",
    "issue_barcodes-UnmatchedShare",
    "issue_barcodes-RefusedShare",
    "audit_barcodes-missing",
    *(f"{function}-Failed" for function in RETURNING),
    *(f"{function}-missing" for function in ("sweep_due", "schedule_polls")),
    *(f"{function}-behind" for function in ("sweep_due", "schedule_polls", "publish_events")),
    *(f"{function}-throttles" for function in FUNCTIONS),
    *(f"{queue}-not-empty" for queue in LAST_STOPS),
    *(f"{queue}-letters-old" for queue in LAST_STOPS),
    *(f"{queue}-old" for queue in ("signups", "polls", "notifications", *DELIVERING)),
    *(f"{function}-slow" for function in FUNCTIONS if function not in UNTIL_TIME_IS_USED_UP),
    "schedules-TargetErrorCount",
    "callbacks-5xx",
}


def test_a_level_says_when_it_is_over_and_an_event_does_not(dev: Assembly) -> None:
    ending = {name for name, alarm in alarms(dev).items() if "OKActions" in alarm}

    assert ending == LEVELS


def test_an_event_rings_at_once_and_not_again_within_its_hour_or_day(dev: Assembly) -> None:
    for name, alarm in alarms(dev).items():
        looks_back = alarm["Period"] * alarm["EvaluationPeriods"]
        within = DAY if name == "deliver_webhooks-Exhausted" else HOUR
        is_once = (looks_back, alarm["DatapointsToAlarm"]) == (within, 1)
        assert is_once == ("OKActions" not in alarm), name
        assert not is_once or (alarm["Statistic"], alarm["TreatMissingData"]) == (
            "Sum",
            "notBreaching",
        )


def test_every_alarm_notifies_the_topic(dev: Assembly) -> None:
    for name, alarm in alarms(dev).items():
        for actions in (alarm["AlarmActions"], alarm.get("OKActions") or alarm["AlarmActions"]):
            assert [dev.words(each, "monitoring") for each in actions] == [
                "Topic couponbus-dev-alarms"
            ], name


def test_alarms_watch_all_queues_and_functions_that_exist(dev: Assembly) -> None:
    real = set(dev.by_name("AWS::SQS::Queue")) | set(dev.by_name("AWS::Lambda::Function"))
    watched = {
        value
        for alarm in alarms(dev).values()
        for name, value in dimensions_of(alarm).items()
        if name in {"QueueName", "FunctionName"}
    }

    assert watched == real


def test_the_other_services_are_watched_under_the_names_that_they_are_deployed_with(
    dev: Assembly,
) -> None:
    found = {
        (alarm["Namespace"], alarm["MetricName"]): dimensions_of(alarm)
        for alarm in alarms(dev).values()
    }
    (rule,) = dev.of("AWS::Events::Rule")
    (bus,) = dev.of("AWS::Events::EventBus")
    (group,) = dev.of("AWS::Scheduler::ScheduleGroup")
    (table,) = dev.of("AWS::DynamoDB::Table")
    for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq"):
        assert found["AWS/Events", metric] == {
            "EventBusName": bus.properties["Name"],
            "RuleName": rule.properties["Name"],
        }
    schedules = dev.of("AWS::Scheduler::Schedule")
    assert {dev.words(each.properties["GroupName"], "workers") for each in schedules} == {
        group.label
    }
    assert found["AWS/Scheduler", "TargetErrorCount"] == {"ScheduleGroup": group.properties["Name"]}
    for alarm in alarms(dev).values():
        if alarm["Namespace"] == "AWS/DynamoDB":
            assert dimensions_of(alarm)["TableName"] == table.properties["TableName"]


def test_what_the_functions_may_ask_of_the_ledger_is_watched_for_throttles(dev: Assembly) -> None:
    asked = {
        action.removeprefix("dynamodb:")
        for policy in dev.of("AWS::IAM::ManagedPolicy")
        for statement in dev.statements(policy)
        for action in listed(statement["Action"])
        if action.startswith("dynamodb:")
    }
    of_table = {"GetItem", "BatchGetItem", "Scan"}  # by ReadThrottleEvents, which knows no index
    statements = {"PartiQLInsert", "PartiQLUpdate"}
    of_stream = {"GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"}
    operations = {dimensions_of(alarm).get("Operation") for alarm in alarms(dev).values()}

    for of in ("reads", "writes"):
        assert dimensions_of(alarms(dev)[f"ledger-{of}-throttled"]).keys() == {"TableName"}
    assert asked - of_table - of_stream - statements <= operations
    assert "BatchExecuteStatement" in operations


def test_the_id_of_the_http_api_comes_by_a_parameter_that_no_stack_is_held_by(
    dev: Assembly,
) -> None:
    (parameter,) = dev.of("AWS::SSM::Parameter")
    given = dimensions_of(alarms(dev)["callbacks-5xx"])["ApiId"]
    assert isinstance(given, dict)
    wanted = dev.templates["monitoring"]["Parameters"][given["Ref"]]

    assert wanted["Default"] == parameter.properties["Name"]
    assert (
        dev.words(parameter.properties["Value"], "workers")
        == dev.of("AWS::ApiGatewayV2::Api")[0].label
    )
    assert "Fn::ImportValue" not in str(dev.templates["monitoring"])


def test_each_alarm_is_one_that_cloudwatch_accepts(dev: Assembly, prod: Assembly) -> None:
    for assembly in (dev, prod):
        for name, alarm in alarms(assembly).items():
            reach = alarm["Period"] * alarm["EvaluationPeriods"]
            assert alarm["Period"] % MINUTE == 0, name
            assert reach <= (7 * DAY if alarm["Period"] >= HOUR else DAY), name
            assert 1 <= alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"], name
            assert len(alarm["AlarmDescription"]) <= 1024, name


def test_the_readme_says_what_the_alarms_of_production_cost(prod: Assembly) -> None:
    text = " ".join((ROOT / "infra" / "README.md").read_text(encoding="utf-8").split())
    said = re.search(r"so the (\d+) of a stage cost USD ([\d.]+)", text)

    assert said
    assert (int(said[1]), float(said[2])) == (len(alarms(prod)), len(alarms(prod)) / 10)


def test_no_alarm_says_what_another_says(dev: Assembly) -> None:
    read = [
        (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"], str(alarm["Dimensions"]))
        for alarm in alarms(dev).values()
    ]

    assert len(set(read)) == len(read)


def test_the_alarms_of_one_stage_read_no_metric_of_another(dev: Assembly, prod: Assembly) -> None:
    for one, other in ((dev, prod), (prod, dev)):
        for name, alarm in alarms(one).items():
            values = [str(value) for value in dimensions_of(alarm).values()]
            assert any(
                value == one.stage or value.startswith(f"couponbus-{one.stage}") or "Ref" in value
                for value in values
            ), name
        assert metrics_of(one) & metrics_of(other) == set()


def test_our_own_metrics_are_read_as_our_functions_write_them(dev: Assembly) -> None:
    for name, alarm in alarms(dev).items():
        if alarm["Namespace"] == "couponbus":
            dimensions = dimensions_of(alarm)
            assert dimensions.keys() == {"stage", "service"}, name
            function = dev.functions[str(dimensions["service"])].properties
            assert function["Environment"]["Variables"]["STAGE"] == dimensions["stage"]


def test_a_function_is_slow_before_it_runs_out_of_time_unless_it_works_until_then(
    dev: Assembly,
) -> None:
    slow = {
        name.removesuffix("-slow"): alarm["Threshold"]
        for name, alarm in alarms(dev).items()
        if name.endswith("-slow")
    }
    timeouts = {name: each.properties["Timeout"] * 1000 for name, each in dev.functions.items()}

    assert all(0.8 * timeouts[name] < limit < timeouts[name] for name, limit in slow.items())
    assert set(FUNCTIONS) - set(slow) == UNTIL_TIME_IS_USED_UP


def test_cloudwatch_may_publish_because_a_topic_policy_replaces_the_default_one(
    dev: Assembly,
) -> None:
    (policy,) = dev.of("AWS::SNS::TopicPolicy")
    allowed = [each for each in dev.statements(policy) if each["Effect"] == "Allow"]

    assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]
