"""The permissions of each role, as text: a change of a permission changes this file."""

import pytest

from couponbus.aws import programs
from couponbus.aws.inbound import ignored_callbacks
from couponbus.aws.ledger import due_index, outbox_marks
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.polling import cohort_items
from couponbus.domain.outbox import backlog
from infra import ledger_rights
from infra.ledger_rights import OUTBOX, RIGHTS
from tests.infra.assembly import Assembly, Json, Resource, listed

TABLE = "Table couponbus-dev"
BUS = "EventBus couponbus-dev"
PEPPER = "Secret couponbus/dev/pepper"
# By its name: of the ARN only the six characters that AWS adds are not known.
NAMED = "arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:couponbus/dev/"
ACCOUNT = f"{NAMED}coniq/main-??????"
POLLED = {f"{NAMED}uniqodo/main-??????", f"{NAMED}koupon/main-??????"}
CALLERS = {"Secret couponbus/dev/sign-ups", f"{NAMED}callbacks/main-??????"}
NOTIFICATIONS = "Queue couponbus-dev-notifications"
POLLS = "Queue couponbus-dev-polls"
QUARANTINE = "Queue couponbus-dev-quarantine"
UNDELIVERED = "Queue couponbus-dev-undelivered"

DELIVERIES = {"Queue couponbus-dev-deliveries", "Queue couponbus-dev-redeliveries"}
STREAM = {
    f"dynamodb:{action}"
    for action in ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
}
RECEIVE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
ROWS = {
    f"dynamodb:{action}": {TABLE}
    for action in ("BatchGetItem", "PutItem", "PartiQLInsert", "PartiQLUpdate")
}
EXPECTED = {
    "issue_barcodes": {
        **ROWS,
        "dynamodb:GetItem": {TABLE},
        "dynamodb:Query": {TABLE},
        "secretsmanager:GetSecretValue": {PEPPER, ACCOUNT},
        **{action: {"Queue couponbus-dev-signups"} for action in RECEIVE},
        "events:PutEvents": {BUS},
        "sqs:SendMessage": {QUARANTINE, "Queue couponbus-dev-unidentified", POLLS, NOTIFICATIONS},
    },
    "publish_events": {
        **ROWS,
        **{action: {TABLE} for action in STREAM},
        "events:PutEvents": {BUS},
        "sqs:SendMessage": {NOTIFICATIONS, "Queue couponbus-dev-unpublished"},
    },
    "sweep_due": {
        **ROWS,
        "dynamodb:GetItem": {TABLE},
        "dynamodb:Query": {f"{TABLE}/index/due", f"{TABLE}/index/attention"},
        "events:PutEvents": {BUS},
        "sqs:SendMessage": {
            "Queue couponbus-dev-signups",
            POLLS,
            NOTIFICATIONS,
            "Queue couponbus-dev-redeliveries",
            UNDELIVERED,
        },
    },
    "audit_barcodes": {
        **ROWS,
        "dynamodb:GetItem": {TABLE},
        "dynamodb:Query": {f"{TABLE}/index/due"},
        "dynamodb:Scan": {TABLE},
        "secretsmanager:GetSecretValue": {ACCOUNT},
        "sqs:SendMessage": {UNDELIVERED},
    },
    "schedule_polls": {
        **ROWS,
        "dynamodb:GetItem": {TABLE},
        "dynamodb:Query": {TABLE},
        "sqs:SendMessage": {POLLS, UNDELIVERED},
    },
    "poll_redemptions": {
        **ROWS,
        "dynamodb:GetItem": {TABLE},
        "dynamodb:Query": {TABLE, f"{TABLE}/index/cohorts", f"{TABLE}/index/ends"},
        "dynamodb:UpdateItem": {TABLE},
        "secretsmanager:GetSecretValue": {PEPPER, *POLLED},
        **{action: {POLLS} for action in RECEIVE},
        "sqs:SendMessage": {QUARANTINE},
    },
    "fan_out_webhooks": {
        **ROWS,
        **{action: {NOTIFICATIONS} for action in RECEIVE},
        "sqs:SendMessage": {"Queue couponbus-dev-deliveries", QUARANTINE},
    },
    "receive_callback": {
        **ROWS,
        "dynamodb:UpdateItem": {TABLE},
        "secretsmanager:GetSecretValue": {PEPPER, *CALLERS},
        "sqs:SendMessage": {"Queue couponbus-dev-signups", POLLS},
    },
    "deliver_webhooks": {
        **ROWS,
        "dynamodb:GetItem": {TABLE},
        "secretsmanager:GetSecretValue": {"Secret couponbus/dev/webhooks"},
        **dict.fromkeys(RECEIVE, DELIVERIES),
        "sqs:SendMessage": {QUARANTINE},
    },
}
PUBLISHED = {
    *("ISSUANCE#*", "RESOLUTION#*", "REJECTION#*", "TALLY#*", "WATCH#*"),
    *("REDEMPTION#*", "NOTICE#*", "STOCK#*", "ENDPOINT#*"),
}
WRITTEN = {
    "issue_barcodes": {
        *("ISSUANCE#*", "BATCH#*", "RESOLUTION#*", "REJECTION#*", "UNMATCHED#*", "TALLY#*"),
        "WATCH#*",
    },
    "publish_events": PUBLISHED,
    "sweep_due": PUBLISHED | {"BATCH#*", "UNMATCHED#*", "DELIVERY#*", "PARKING#*"},
    "audit_barcodes": {"ISSUANCE#*", "AUDIT#*"},
    "schedule_polls": {"SCHEDULE#*", "NOTICE#*"},
    "poll_redemptions": {"WATCH#*", "REDEMPTION#*", "STOCK#*", "PAUSE#*", "NOTICE#*"},
    "fan_out_webhooks": {"EVENT#*", "HISTORY#*", "DELIVERY#*", "PARKING#*"},
    "receive_callback": {"RECEIPT#*"},
    "deliver_webhooks": {"DELIVERY#*", "ENDPOINT#*", "PARKING#*"},
}


def test_each_function_may_do_exactly_this(dev: Assembly) -> None:
    for name, expected in EXPECTED.items():
        logs = {f"LogGroup /aws/lambda/couponbus-dev-{name}"}
        role = dev.target(dev.functions[name].properties["Role"], "workers")

        assert allowed(dev, role) == expected | {
            "logs:CreateLogStream": logs,
            "logs:PutLogEvents": logs,
        }


def test_a_schedule_may_start_its_function_and_report_when_it_could_not(dev: Assembly) -> None:
    schedules = dev.of("AWS::Scheduler::Schedule")

    for schedule in schedules:
        role = dev.target(schedule.properties["Target"]["RoleArn"], "workers")
        alias = dev.words(schedule.properties["Target"]["Arn"], "workers")
        assert allowed(dev, role) == {
            "lambda:InvokeFunction": {alias},
            "sqs:SendMessage": {UNDELIVERED},
        }


def test_publishers_can_publish_only_events_of_couponbus_and_no_sign_ups(dev: Assembly) -> None:
    conditions = [
        statement["Condition"]
        for policy in dev.of("AWS::IAM::ManagedPolicy")
        for statement in dev.statements(policy)
        if statement["Action"] == "events:PutEvents"
    ]

    assert (
        conditions
        == [
            {
                "ForAllValues:StringEquals": {
                    "events:source": [
                        "couponbus.barcodes",
                        "couponbus.endpoints",
                        "couponbus.koupon",
                        "couponbus.sign_ups",
                        "couponbus.uniqodo",
                    ],
                    "events:detail-type": [
                        "BarcodeAmbiguous",
                        "BarcodeExpiring",
                        "BarcodeIssued",
                        "BarcodeRefused",
                        "CodeValidityChanged",
                        "EndpointDisabled",
                        "FirstPollLate",
                        "OfferAvailable",
                        "OfferEnded",
                        "OfferStockLow",
                        "PollingBudgetExceeded",
                        "RedemptionRecorded",
                        "RedemptionReversed",
                        "RedemptionUpdated",
                        "SignUpRejected",
                        "SignUpUnmatched",
                        "WatchEnded",
                    ],
                }
            }
        ]
        * 3
    )


def test_no_grant_has_a_wildcard(dev: Assembly) -> None:
    granted = [
        value
        for policy in dev.of("AWS::IAM::ManagedPolicy")
        for statement in dev.statements(policy)
        for key in ("Action", "Resource")
        for value in listed(statement[key])
    ]

    assert granted
    assert [value for value in granted if "*" in str(value)] == []


def test_roles_have_our_own_policies_only_and_none_inline(dev: Assembly) -> None:
    ours = {policy.label for policy in dev.of("AWS::IAM::ManagedPolicy")}
    attached = [
        dev.words(each, role.stack)
        for role in dev.of("AWS::IAM::Role")
        for each in role.properties["ManagedPolicyArns"]
    ]

    assert set(attached) == ours
    assert dev.of("AWS::IAM::Policy") == []
    assert [role.id for role in dev.of("AWS::IAM::Role") if "Policies" in role.properties] == []


def allowed(assembly: Assembly, role: Resource) -> dict[str, set[str]]:
    """Return action -> resources over all policies of the role."""
    found: dict[str, set[str]] = {}
    for arn in role.properties["ManagedPolicyArns"]:
        for statement in assembly.statements(assembly.target(arn, role.stack)):
            assert statement["Effect"] == "Allow"
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    found.setdefault(action, set()).add(assembly.words(resource, role.stack))
    return found


def test_each_grant_on_the_table_names_the_keys_of_its_rows(dev: Assembly) -> None:
    unlimited = [
        (policy.id, action)
        for policy in dev.of("AWS::IAM::ManagedPolicy")
        for statement in dev.statements(policy)
        for action in listed(statement["Action"])
        if dev.words(listed(statement["Resource"])[0], policy.stack) == TABLE
        and not keys_of(statement)
        and action not in STREAM
    ]

    # A scan names no key by which it could be limited: only the audit reads the table whole.
    assert [action for _, action in unlimited] == ["dynamodb:Scan"]
    assert all(id_.startswith("AuditBarcodes") for id_, _ in unlimited)


@pytest.mark.parametrize("action", ["PutItem", "PartiQLInsert", "PartiQLUpdate"])
def test_a_function_writes_exactly_these_kinds_of_rows(dev: Assembly, action: str) -> None:
    assert writes(dev, by=f"dynamodb:{action}") == WRITTEN


def test_a_statement_whose_keys_iam_cannot_read_is_allowed_to_no_function(dev: Assembly) -> None:
    nulls = [
        statement["Condition"].get("Null")
        for policy in dev.of("AWS::IAM::ManagedPolicy")
        for statement in dev.statements(policy)
        if "PartiQL" in str(statement["Action"])
    ]

    assert nulls == [{"dynamodb:LeadingKeys": "false"}] * len(WRITTEN)


def test_the_rows_that_owe_an_event_are_those_that_the_publisher_may_mark() -> None:
    assert set(OUTBOX) == {f"{kind}#*" for kind in (*outbox_marks.ALWAYS, *outbox_marks.OUTCOMES)}


def test_the_table_of_rights_names_keys_as_the_code_writes_them() -> None:
    kinds = {key.partition("#")[0] for one in RIGHTS.values() for key in (*one.reads, *one.writes)}

    assert kinds <= set(KINDS)
    assert set(ledger_rights.SWEPT_SHARDS) == {
        shard for shards in due_index.SHARDS.values() for shard in shards
    }
    assert ledger_rights.TO_AUDIT == backlog.TO_AUDIT
    assert backlog.parked_for("*") == ledger_rights.PARKED
    assert ledger_rights.PROGRAMS == programs.PARTITION
    assert ledger_rights.COHORTS == cohort_items.PARTITION
    assert f"{ignored_callbacks.CALLBACKS}*" == ledger_rights.CALLBACKS


def writes(assembly: Assembly, *, by: str) -> dict[str, set[str]]:
    """Return the keys that each function may put, without those of its rate limiters."""
    found: dict[str, set[str]] = {}
    for name, function in assembly.functions.items():
        role = assembly.target(function.properties["Role"], "workers")
        for arn in role.properties["ManagedPolicyArns"]:
            for statement in assembly.statements(assembly.target(arn, role.stack)):
                if by in listed(statement["Action"]):
                    found[name] = {key for key in keys_of(statement) if "PACE" not in key}
    return found


def keys_of(statement: Json) -> list[str]:
    condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    return listed(condition.get("dynamodb:LeadingKeys", []))
