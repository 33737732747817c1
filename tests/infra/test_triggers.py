"""The triggers of each function, and the queues of their undelivered events."""

import json
from dataclasses import replace

import pytest

from couponbus.events import barcodes, endpoints, sign_up_rejected
from couponbus.events.base import ProviderEvent, PublishedEvent
from couponbus.events.sign_up import CustomerSignedUp
from couponbus_config.configuration_error import ConfigurationError
from infra.declared import ScheduleTrigger
from infra.functions import audit_barcodes
from tests.benchmarks import lanes
from tests.infra.assembly import Assembly, Resource, listed
from tests.infra.stages import DEV

OURS = {
    barcodes.SOURCE,
    endpoints.SOURCE,
    sign_up_rejected.SignUpRejected.source,
    *ProviderEvent.origins(),
}


def mappings_of(assembly: Assembly, function: str) -> list[Resource]:
    return [
        each
        for each in assembly.of("AWS::Lambda::EventSourceMapping")
        if assembly.worker(each.properties["FunctionName"], each.stack)
        == assembly.functions[function]
    ]


def mapping_of(assembly: Assembly, function: str) -> Resource:
    (found,) = mappings_of(assembly, function)
    return found


def rule_to(assembly: Assembly, queue: str) -> Resource:
    (found,) = [
        rule
        for rule in assembly.of("AWS::Events::Rule")
        if assembly.words(rule.properties["Targets"][0]["Arn"], rule.stack).endswith(f"-{queue}")
    ]
    return found


def test_every_mapping_reports_item_failures_or_one_bad_record_would_retry_all(
    dev: Assembly,
) -> None:
    mappings = dev.of("AWS::Lambda::EventSourceMapping")

    assert [each.properties["FunctionResponseTypes"] for each in mappings] == [
        ["ReportBatchItemFailures"]
    ] * len(mappings)
    assert mappings


def test_the_stream_comes_in_as_many_lanes_as_the_benchmarks_give_it(dev: Assembly) -> None:
    properties = mapping_of(dev, "publish_events").properties

    assert properties["ParallelizationFactor"] * lanes.PARTITIONS == lanes.LANES
    assert properties["BatchSize"] == lanes.BATCH
    assert "MaximumBatchingWindowInSeconds" not in properties


def test_sign_ups_come_in_batches_as_large_as_coniq_takes_with_limited_concurrency(
    dev: Assembly, prod: Assembly, local: Assembly
) -> None:
    for assembly, window, concurrency in ((dev, 5, 2), (prod, 30, 2), (local, 1, 2)):
        properties = mapping_of(assembly, "issue_barcodes").properties
        assert properties["BatchSize"] == 200
        assert properties["MaximumBatchingWindowInSeconds"] == window
        assert properties["ScalingConfig"] == {"MaximumConcurrency": concurrency}


def test_the_publisher_sees_unpublished_rows_only_and_a_poison_row_alone_is_given_up(
    dev: Assembly,
) -> None:
    properties = mapping_of(dev, "publish_events").properties
    (criteria,) = properties["FilterCriteria"]["Filters"]
    failed = properties["DestinationConfig"]["OnFailure"]["Destination"]

    assert json.loads(criteria["Pattern"]) == {
        "dynamodb": {"NewImage": {"unpublished": {"S": [{"exists": True}]}}}
    }
    assert properties["BisectBatchOnFunctionError"] is True
    assert properties["MaximumRetryAttempts"] == 100
    assert dev.words(failed, "workers") == "Queue couponbus-dev-unpublished"
    # LATEST would lose what is written while the mapping is created.
    assert properties["StartingPosition"] == "TRIM_HORIZON"


def test_the_rule_takes_its_detail_type_from_the_class_and_no_event_of_ours(
    dev: Assembly,
) -> None:
    rule = rule_to(dev, "signups")
    (target,) = rule.properties["Targets"]

    assert rule.properties["EventPattern"] == {
        "detail-type": [CustomerSignedUp.detail_type],
        "source": [{"anything-but": {"prefix": "couponbus."}}],
    }
    ours = [origin for each in PublishedEvent.registry.values() for origin in each.origins()]
    assert [origin for origin in ours if not origin.startswith("couponbus.")] == []
    assert dev.words(target["Arn"], "messaging") == "Queue couponbus-dev-signups"


def test_no_event_of_the_bus_becomes_a_webhook_as_producers_write_there_too(
    dev: Assembly,
) -> None:
    (rule,) = dev.of("AWS::Events::Rule")

    (target,) = rule.properties["Targets"]
    assert dev.words(target["Arn"], "messaging") == "Queue couponbus-dev-signups"


def test_what_a_rule_cannot_deliver_within_a_day_is_kept(dev: Assembly) -> None:
    rules = dev.of("AWS::Events::Rule")

    assert len(rules) == 1
    for rule in rules:
        (target,) = rule.properties["Targets"]
        kept = dev.words(target["DeadLetterConfig"]["Arn"], "messaging")
        assert kept == "Queue couponbus-dev-undelivered"
        assert target["RetryPolicy"] == {
            "MaximumEventAgeInSeconds": 86_400,
            "MaximumRetryAttempts": 185,
        }


def test_the_archive_keeps_our_thin_events_and_no_sign_up_because_those_carry_an_e_mail(
    dev: Assembly, prod: Assembly
) -> None:
    for assembly, days in ((dev, 7), (prod, 30)):
        (archive,) = assembly.of("AWS::Events::Archive")
        assert set(archive.properties["EventPattern"]["source"]) == OURS
        assert archive.properties["RetentionDays"] == days


def test_polls_come_a_few_at_a_time_because_each_is_about_many_watches(
    dev: Assembly, prod: Assembly, local: Assembly
) -> None:
    for assembly, window, concurrency in ((dev, 2, 2), (prod, 2, 5), (local, 1, 2)):
        properties = mapping_of(assembly, "poll_redemptions").properties
        assert properties["BatchSize"] == 10
        assert properties["MaximumBatchingWindowInSeconds"] == window
        assert properties["ScalingConfig"] == {"MaximumConcurrency": concurrency}
        queue = assembly.words(properties["EventSourceArn"], "workers")
        assert queue == f"Queue couponbus-{assembly.stage}-polls"


def test_repeated_attempts_have_few_workers_so_that_first_ones_do_not_wait_for_them(
    dev: Assembly, prod: Assembly, local: Assembly
) -> None:
    for assembly, first, again in ((dev, 30, 5), (prod, 30, 5), (local, 10, 2)):
        mappings = {
            assembly.words(each.properties["EventSourceArn"], "workers").rpartition("-")[2]: each
            for each in mappings_of(assembly, "deliver_webhooks")
        }
        workers = {
            name: each.properties["ScalingConfig"]["MaximumConcurrency"]
            for name, each in mappings.items()
        }
        assert workers == {"deliveries": first, "redeliveries": again}
        assert {each.properties["BatchSize"] for each in mappings.values()} == {10}


def test_no_function_sends_to_a_queue_that_it_reads_so_that_nothing_can_feed_itself(
    dev: Assembly,
) -> None:
    for name, function in dev.functions.items():
        role = dev.target(function.properties["Role"], "workers")
        granted = [
            (action, dev.words(resource, "workers"))
            for arn in role.properties["ManagedPolicyArns"]
            for statement in dev.statements(dev.target(arn, "workers"))
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        ]
        reads = {queue for action, queue in granted if action == "sqs:ReceiveMessage"}
        sends = {queue for action, queue in granted if action == "sqs:SendMessage"}
        assert reads & sends == set(), name


def test_schedules_are_those_of_the_ticks_and_of_the_nightly_audit(dev: Assembly) -> None:
    expressions = {
        each.properties["Name"]: each.properties["ScheduleExpression"]
        for each in dev.of("AWS::Scheduler::Schedule")
    }

    assert expressions == {
        "couponbus-dev-sweep_due": "rate(1 minute)",
        "couponbus-dev-schedule_polls": "rate(1 minute)",
        "couponbus-dev-audit_barcodes": "cron(17 2 * * ? *)",
    }


def test_the_audit_runs_at_the_hour_of_the_stage() -> None:
    (trigger,) = audit_barcodes.FUNCTION.triggers

    assert isinstance(trigger, ScheduleTrigger)
    assert trigger.expression(replace(DEV, audit_at="14:05")) == "cron(5 14 * * ? *)"
    with pytest.raises(ConfigurationError, match="audit_at is '24:00': use an hour and minute"):
        replace(DEV, audit_at="24:00")


def test_a_lost_tick_is_reported_by_the_scheduler_and_by_lambda(dev: Assembly) -> None:
    by_scheduler = [
        each.properties["Target"]["DeadLetterConfig"]["Arn"]
        for each in dev.of("AWS::Scheduler::Schedule")
    ]
    by_lambda = [
        each.properties["DestinationConfig"]["OnFailure"]["Destination"]
        for each in dev.of("AWS::Lambda::EventInvokeConfig")
    ]

    assert len(by_scheduler) == len(by_lambda) == 3
    assert {dev.words(each, "workers") for each in (*by_scheduler, *by_lambda)} == {
        "Queue couponbus-dev-undelivered"
    }


def test_a_failed_tick_is_not_repeated_because_the_next_one_does_its_work(dev: Assembly) -> None:
    configs = dev.of("AWS::Lambda::EventInvokeConfig")

    assert [each.properties["MaximumRetryAttempts"] for each in configs] == [0, 0, 0]
