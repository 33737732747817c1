"""What cdk-nag finds in the stacks of a stage, and what infra/README.md says to that."""

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks

from infra.sources import ROOT
from tests.architecture import markdown

type Findings = dict[str, set[str]]

QUEUES = ("Signups", "Polls", "Notifications", "Deliveries", "Redeliveries")
WITHOUT_A_SOURCE = {
    f"messaging/{queue}" for queue in ("Quarantine", "Unidentified", "Undelivered", "Unpublished")
}
FUNCTIONS = (
    "IssueBarcodes",
    "PublishEvents",
    "SweepDue",
    "AuditBarcodes",
    "SchedulePolls",
    "PollRedemptions",
    "FanOutWebhooks",
    "DeliverWebhooks",
    "ReceiveCallback",
)
EACH_FUNCTION = {f"workers/{function}/Function" for function in FUNCTIONS}
EACH_SECRET = {
    f"state/{secret}"
    for secret in (
        *("ConiqMain", "UniqodoMain", "KouponMain", "Pepper", "WebhooksSecret", "SignUpsSecret"),
        "MainCallbacks",
    )
}
NIST = "NIST.800.53.R5"
# Rule -> where it is accepted: a finding in another place fails.
WHERE: Findings = {
    "AwsSolutions-APIG4": {
        f"workers/Callbacks/Api/ANY--{route}"
        for route in ("sign-ups", "callbacks--uniqodo--{secret}")
    },
    "AwsSolutions-IAM5[Resource::*]": {f"workers/{function}/Policy" for function in FUNCTIONS},
    "AwsSolutions-L1": EACH_FUNCTION,
    "Serverless-LambdaLatestVersion": EACH_FUNCTION,
    "AwsSolutions-SMG4": EACH_SECRET,
    f"{NIST}-SecretsManagerRotationEnabled": EACH_SECRET,
    "AwsSolutions-SQS3": WITHOUT_A_SOURCE,
    "Serverless-SQSRedrivePolicy": {
        *WITHOUT_A_SOURCE,
        *(f"messaging/{queue}/Dead" for queue in QUEUES),
    },
    "Serverless-LambdaDLQ": EACH_FUNCTION,
    f"{NIST}-LambdaDLQ": EACH_FUNCTION,
    "Serverless-LambdaEventSourceMappingDestination": {
        "workers/IssueBarcodesFromSignups/Mapping",
        "workers/PollRedemptionsFromPolls/Mapping",
        "workers/FanOutWebhooksFromNotifications/Mapping",
        "workers/DeliverWebhooksFromDeliveries/Mapping",
        "workers/DeliverWebhooksFromRedeliveries/Mapping",
    },
    f"{NIST}-DynamoDBInBackupPlan": {"ledger/Table"},
    f"{NIST}-CloudWatchLogGroupEncrypted": {
        *(f"workers/{function}/Logs" for function in FUNCTIONS),
        "workers/Callbacks/AccessLog",
    },
    f"{NIST}-LambdaConcurrency": EACH_FUNCTION,
    f"{NIST}-LambdaInsideVPC": EACH_FUNCTION,
    f"{NIST}-SNSEncryptedKMS": {"monitoring/Topic"},
    f"{NIST}-SecretsManagerUsingKMSKey": EACH_SECRET,
    "Serverless-LambdaTracing": EACH_FUNCTION,
}
# With these options a role has what knows no resource, and only then.
WILDCARD, NEEDED_BY = "AwsSolutions-IAM5[Resource::*]", {"tracing", "network"}


def synthesised_and_checked(app: App, *, outdir: Path, base: str) -> Findings:
    """Write the assembly, and return rule -> resources, named as in the code without `base`."""
    packs = (AwsSolutionsChecks(app), ServerlessChecks(app), NIST80053R5Checks(app))
    Validations.of(app).add_plugins(*packs)
    try:
        app.synth()
    except RuntimeError as failed:
        assert "ValidationFailed" in str(failed)
    report = json.loads((outdir / "validation-report.json").read_text())
    found: Findings = {}
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            found[violation["ruleName"]] = {
                each["constructPath"].removeprefix(f"{base}-").removesuffix("/Resource")
                for each in violation["violatingConstructs"]
            }
    assert len(report["pluginReports"]) == len(packs)
    return found


def acknowledged() -> Mapping[str, tuple[str, ...]]:
    """Return kind -> its rules, of what is accepted whatever the options."""
    rows = _rows("Kinds that are acknowledged")
    assert all(why for _kind, _rules, why in rows)
    return {kind: tuple(rules.replace("`", "").split()) for kind, rules, _why in rows}


def satisfied_by() -> Mapping[str, str]:
    """Return rule -> the option with which it finds nothing."""
    rows = _rows("Rules that an option satisfies")
    return {rule.strip("`"): option.split("`")[1] for rule, option in rows}


def expected(options: set[str]) -> Findings:
    """Return what is found in a stage with these options."""
    rules = {rule for rules in acknowledged().values() for rule in rules}
    if not options & NEEDED_BY:
        rules.remove(WILDCARD)
    left = {rule for rule, option in satisfied_by().items() if option not in options}
    return {rule: WHERE[rule] for rule in rules | left}


def _rows(heading: str) -> list[list[str]]:
    return markdown.rows_under((ROOT / "infra" / "README.md").read_text(), heading)
