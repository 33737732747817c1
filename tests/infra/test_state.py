"""The resources that must outlive every deployment do."""

import json

from couponbus.aws.ledger.attention_index import ATTENTION_KEY
from couponbus.aws.ledger.history_index import HISTORY_INDEX, PLACE_KEY, SHARD_KEY
from couponbus.aws.polling.cohort_items import COHORT_INDEXES, PROJECTED
from couponbus.aws.webhooks.event_log import PROJECTED as MENTIONED
from couponbus.providers.koupon.credentials import Credentials
from tests.infra.assembly import Assembly, Json

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
    "AWS::Logs::LogGroup",
}


def table(assembly: Assembly) -> Json:
    (found,) = assembly.of("AWS::DynamoDB::Table")
    return found.properties


def test_the_ledger_streams_both_images_because_a_transition_needs_two(dev: Assembly) -> None:
    assert table(dev)["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_ledger_can_be_restored_and_forgets_by_itself(dev: Assembly) -> None:
    assert table(dev)["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table(dev)["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table(dev)["BillingMode"] == "PAY_PER_REQUEST"


def indexes(assembly: Assembly) -> dict[str, tuple[list[tuple[str, str]], Json]]:
    """Return the keys and the projection of each index."""
    return {
        each["IndexName"]: (
            [(key["AttributeName"], key["KeyType"]) for key in each["KeySchema"]],
            each["Projection"],
        )
        for each in table(assembly)["GlobalSecondaryIndexes"]
    }


def test_indexes_of_rows_hold_keys_only_because_they_are_hints_that_are_read_again(
    dev: Assembly,
) -> None:
    found = indexes(dev)

    assert found["due"] == (
        [("due_shard", "HASH"), ("due_at", "RANGE")],
        {"ProjectionType": "KEYS_ONLY"},
    )
    assert found["signups"] == ([("signup", "HASH")], {"ProjectionType": "KEYS_ONLY"})
    assert set(found) == {"due", "signups", "cohorts", "ends", "history", "attention"}


def test_indexes_of_watches_hold_what_a_poll_needs_so_that_no_row_is_read_for_it(
    dev: Assembly,
) -> None:
    found = indexes(dev)

    for index in COHORT_INDEXES.values():
        keys, projection = found[index.name]
        assert keys == [(index.cohort, "HASH"), (index.place, "RANGE")]
        assert projection["ProjectionType"] == "INCLUDE"
        assert set(projection["NonKeyAttributes"]) == set(PROJECTED)


def test_the_index_of_the_history_has_what_a_replay_filters_by_before_it_reads_an_event(
    dev: Assembly,
) -> None:
    keys, projection = indexes(dev)[HISTORY_INDEX]

    assert keys == [(SHARD_KEY, "HASH"), (PLACE_KEY, "RANGE")]
    assert set(projection["NonKeyAttributes"]) == set(MENTIONED)


def test_all_keys_are_texts_but_the_time_at_which_a_row_is_due(dev: Assembly) -> None:
    types = {
        each["AttributeName"]: each["AttributeType"] for each in table(dev)["AttributeDefinitions"]
    }

    assert types.pop("due_at") == "N"
    assert set(types) == {
        ATTENTION_KEY,
        *("pk", "sk", "due_shard", "signup"),
        *("cohort", "place", "end_cohort", "end_place"),
        *(SHARD_KEY, PLACE_KEY),
    }
    assert set(types.values()) == {"S"}


def policies(assembly: Assembly) -> dict[str, tuple[str, str]]:
    """Return what becomes of each resource that a stack gives up or replaces, where it is said."""
    return {
        each.label: (each.body["DeletionPolicy"], each.body["UpdateReplacePolicy"])
        for each in assembly.everything
        if "DeletionPolicy" in each.body
    }


def test_in_prod_nothing_stateful_goes_with_its_stack(prod: Assembly) -> None:
    kept = [policies(prod)[each.label] for each in prod.everything if each.type in STATEFUL]

    assert len(kept) == 1 + 7 + 14 + 10
    assert {delete for delete, _ in kept} == {"Retain", "RetainExceptOnCreate"}
    assert {replace for _, replace in kept} == {"Retain"}
    assert table(prod)["DeletionProtectionEnabled"] is True


def test_a_deployment_that_fails_leaves_no_name_behind_but_that_of_the_table(
    prod: Assembly,
) -> None:
    left = [label for label, (delete, _) in policies(prod).items() if delete == "Retain"]

    assert left == ["Table couponbus-prod"]


def test_the_table_lies_in_a_stack_where_nothing_else_can_fail(prod: Assembly) -> None:
    assert [each.type for each in prod.everything if each.stack == "ledger"] == [
        "AWS::DynamoDB::Table"
    ]


def test_in_dev_everything_goes_with_its_stack(dev: Assembly) -> None:
    kept = [
        each.label
        for each in dev.everything
        if each.type in STATEFUL and each.body["DeletionPolicy"] != "Delete"
    ]

    assert kept == []
    assert table(dev)["DeletionProtectionEnabled"] is False


def test_a_new_secret_has_a_placeholder_of_the_right_shape_and_no_value_in_the_template(
    dev: Assembly,
) -> None:
    secrets = {
        name: each.properties for name, each in dev.by_name("AWS::SecretsManager::Secret").items()
    }

    given = {name: each["SecretString"] for name, each in secrets.items() if "SecretString" in each}
    assert given == {"couponbus/dev/webhooks": "{}"}  # no endpoint yet
    assert secrets["couponbus/dev/coniq/main"]["GenerateSecretString"] == {
        "ExcludePunctuation": True,
        "GenerateStringKey": "api_key",
        "SecretStringTemplate": "{}",
    }
    assert secrets["couponbus/dev/uniqodo/main"]["GenerateSecretString"] == {
        "ExcludePunctuation": True,
        "GenerateStringKey": "api_key",
        "SecretStringTemplate": "{}",
    }
    assert secrets["couponbus/dev/pepper"]["GenerateSecretString"]["PasswordLength"] == 64


def test_the_placeholder_of_koupon_can_be_read_so_that_only_koupon_refuses_it(
    dev: Assembly,
) -> None:
    secret = dev.by_name("AWS::SecretsManager::Secret")["couponbus/dev/koupon/main"].properties
    generated = secret["GenerateSecretString"]
    template = json.loads(generated["SecretStringTemplate"])

    text = json.dumps({**template, generated["GenerateStringKey"]: "made-up"})

    assert Credentials.read(text).identifier == "placeholder"
    assert secret["Description"].endswith('{"identifier": ..., "secret": ...}')


def test_names_are_fixed_so_that_people_and_alarms_can_use_them(dev: Assembly) -> None:
    assert set(dev.by_name("AWS::DynamoDB::Table")) == {"couponbus-dev"}
    assert set(dev.by_name("AWS::Events::EventBus")) == {"couponbus-dev"}


def test_outputs_show_an_operator_the_names_and_urls_of_the_resources(local: Assembly) -> None:
    outputs = {
        name
        for template in local.templates.values()
        for name in template["Outputs"]
        if not name.startswith("PublishOutput")
    }

    assert outputs == {
        "TableName",
        "BusName",
        "Paused",
        "SignupsQueueUrl",
        "SignupsDeadQueueUrl",
        "PollsQueueUrl",
        "PollsDeadQueueUrl",
        "NotificationsQueueUrl",
        "NotificationsDeadQueueUrl",
        "DeliveriesQueueUrl",
        "DeliveriesDeadQueueUrl",
        "RedeliveriesQueueUrl",
        "RedeliveriesDeadQueueUrl",
        "QuarantineQueueUrl",
        "UnidentifiedQueueUrl",
        "UndeliveredQueueUrl",
        "UnpublishedQueueUrl",
        "IssueBarcodesFunctionName",
        "PublishEventsFunctionName",
        "SweepDueFunctionName",
        "AuditBarcodesFunctionName",
        "SchedulePollsFunctionName",
        "PollRedemptionsFunctionName",
        "FanOutWebhooksFunctionName",
        "DeliverWebhooksFunctionName",
        "ReceiveCallbackFunctionName",
        "CallbacksUrl",
        "SignUpsSecretName",
    }
