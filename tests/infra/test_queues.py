"""No message is lost, retried for ever, or sent or read by another account."""

import pytest

from tests.infra.assembly import Assembly, Json, Resource, listed

QUEUE = "AWS::SQS::Queue"
# Each work queue, with its maximum receive count before the dead-letter queue.
WORK_QUEUES = {
    "signups": 8,
    "polls": 5,
    "notifications": 8,
    "deliveries": 5,
    "redeliveries": 5,
}
LAST_STOPS = {f"{name}-dead" for name in WORK_QUEUES} | {
    "quarantine",
    "unidentified",
    "undelivered",
    "unpublished",
}
DAY = 86_400


def queues(assembly: Assembly) -> dict[str, Resource]:
    prefix = f"couponbus-{assembly.stage}-"
    return {name.removeprefix(prefix): each for name, each in assembly.by_name(QUEUE).items()}


def test_there_are_the_work_queues_and_the_queues_that_wait_for_an_operator(dev: Assembly) -> None:
    assert set(queues(dev)) == {*WORK_QUEUES, *LAST_STOPS}


@pytest.mark.parametrize(("name", "receives"), WORK_QUEUES.items())
def test_a_message_that_keeps_failing_leaves_its_queue_for_the_dead_letters(
    name: str, receives: int, dev: Assembly
) -> None:
    redrive = queues(dev)[name].properties["RedrivePolicy"]

    assert dev.words(redrive["deadLetterTargetArn"], "messaging").endswith(f"-{name}-dead")
    assert redrive["maxReceiveCount"] == receives


def test_dead_letters_outlive_the_queue_because_their_clock_starts_at_the_first_enqueue(
    dev: Assembly,
) -> None:
    kept = {name: each.properties["MessageRetentionPeriod"] for name, each in queues(dev).items()}

    assert {kept.pop(name) for name in WORK_QUEUES} == {4 * DAY}
    assert set(kept.values()) == {14 * DAY}


def test_every_queue_is_encrypted_with_a_key_that_event_bridge_can_use(dev: Assembly) -> None:
    found = queues(dev).values()

    assert [each.properties.get("SqsManagedSseEnabled") for each in found] == [True] * len(found)
    assert [each.id for each in found if "KmsMasterKeyId" in each.properties] == []


def test_every_queue_refuses_plain_http(dev: Assembly) -> None:
    refusing = {
        dev.words(statement["Resource"], policy.stack)
        for policy in dev.of("AWS::SQS::QueuePolicy")
        for statement in dev.statements(policy)
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }

    assert refusing == {queue.label for queue in dev.of(QUEUE)}


@pytest.mark.parametrize("stage", ["dev", "prod", "local"])
def test_visibility_covers_six_timeouts_and_the_window_so_that_no_batch_is_received_twice(
    stage: str, request: pytest.FixtureRequest
) -> None:
    assembly: Assembly = request.getfixturevalue(stage)
    mappings = [
        each
        for each in assembly.of("AWS::Lambda::EventSourceMapping")
        if assembly.words(each.properties["EventSourceArn"], each.stack).startswith("Queue ")
    ]

    assert len(mappings) == len(WORK_QUEUES)
    for mapping in mappings:
        queue = assembly.target(mapping.properties["EventSourceArn"], mapping.stack)
        worker = assembly.worker(mapping.properties["FunctionName"], mapping.stack)
        window = mapping.properties.get("MaximumBatchingWindowInSeconds", 0)
        timeout = worker.properties["Timeout"]
        assert queue.properties["VisibilityTimeout"] >= 6 * timeout + window


def test_no_service_may_use_a_queue_topic_or_role_for_another_account(dev: Assembly) -> None:
    """A confused deputy: without a Source condition any account's rule could send here."""
    open_doors = [
        (resource.label, statement)
        for resource in dev.everything
        for statement in resource_policy(resource)
        if statement["Effect"] == "Allow"
        and "Service" in statement.get("Principal", {})
        and not names_the_source(statement)
        # Lambda assumes a role only for a caller who may pass it, which is of this account.
        and statement["Principal"] != {"Service": "lambda.amazonaws.com"}
    ]

    assert open_doors == []


def test_event_bridge_is_let_in_for_our_rules_and_sns_for_our_alarms_only(dev: Assembly) -> None:
    let_in = {
        (
            statement["Principal"]["Service"],
            dev.words(statement["Resource"], "messaging"),
            dev.words(arn, "messaging"),
        )
        for policy in dev.of("AWS::SQS::QueuePolicy")
        for statement in dev.statements(policy)
        if statement["Effect"] == "Allow"
        for arn in [statement["Condition"]["ArnEquals"]["aws:SourceArn"]]
    }
    undelivered = "Queue couponbus-dev-undelivered"
    rules, topics = dev.of("AWS::Events::Rule"), dev.of("AWS::SNS::Topic")
    alarms = [
        f"arn:AWS::Partition:sns:AWS::Region:AWS::AccountId:{each.properties['TopicName']}"
        for each in topics
    ]
    targets = {
        (dev.words(rule.properties["Targets"][0]["Arn"], rule.stack), rule.label) for rule in rules
    }

    assert let_in == {
        *(("events.amazonaws.com", *target) for target in targets),
        *(("events.amazonaws.com", undelivered, rule.label) for rule in rules),
        *(("sns.amazonaws.com", undelivered, topic) for topic in alarms),
    }
    assert {queue for queue, _ in targets} == {"Queue couponbus-dev-signups"}


def resource_policy(resource: Resource) -> list[Json]:
    documents = ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy")
    found = [resource.properties[key] for key in documents if key in resource.properties]
    return [statement for each in found for statement in listed(each["Statement"])]


def names_the_source(statement: Json) -> bool:
    keys = {key for condition in statement.get("Condition", {}).values() for key in condition}
    return bool(keys & {"aws:SourceArn", "aws:SourceAccount"})
