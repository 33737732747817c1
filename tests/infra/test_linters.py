"""cfn-lint and cdk-nag find nothing but what is accepted here with its reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.sources import Sources
from tests.infra.assembly import Assembly, Json
from tests.infra.project import app_of

DEAD = tuple(
    f"{queue}/Dead" for queue in ("Signups", "Polls", "Notifications", "Deliveries", "Redeliveries")
)
WITHOUT_A_SOURCE = ("Quarantine", "Unidentified", "Undelivered", "Unpublished")
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

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
# The CDK writes a DependsOn where a reference already implies it.
IGNORED_BY_CFN_LINT = "W3005"

# Rule -> the reason to accept it, and the resources for which it is accepted.
ACCEPTED: dict[str, tuple[str, set[str]]] = {
    "AwsSolutions-SMG4": (
        "providers issue their keys by hand; a new pepper would change all pseudonyms;"
        " endpoints and callers are rotated one by one, with their owners",
        {
            "state/ConiqMain",
            "state/UniqodoMain",
            "state/KouponMain",
            "state/Pepper",
            "state/WebhooksSecret",
            "state/SignUpsSecret",
            "state/MainCallbacks",
        },
    ),
    "AwsSolutions-SQS3": (
        "it is the dead-letter queue of a rule, a schedule, a stream or our own code,"
        " and the rule knows redrive policies of queues only",
        {f"messaging/{queue}" for queue in WITHOUT_A_SOURCE},
    ),
    "Serverless-SQSRedrivePolicy": (
        "a dead-letter queue has none: its messages wait for an operator",
        {f"messaging/{queue}" for queue in (*DEAD, *WITHOUT_A_SOURCE)},
    ),
    "Serverless-LambdaDLQ": (
        "mappings invoke synchronously, and the scheduled functions have a failure destination,"
        " which records more than a dead-letter queue",
        {f"workers/{function}/Function" for function in FUNCTIONS},
    ),
    "AwsSolutions-APIG4": (
        "a producer signs its sign-ups, a provider has a secret in its path: the function checks",
        {
            "workers/Callbacks/Api/ANY--sign-ups",
            "workers/Callbacks/Api/ANY--callbacks--uniqodo--{secret}",
        },
    ),
    "Serverless-SNSRedrivePolicy": (
        "an alarm that did not arrive is of no use later: CloudWatch goes on showing it",
        {"monitoring/ops@example.com"},
    ),
    "AwsSolutions-L1": (
        "3.13 is the newest Python that the tests and the layer's byte code run",
        {f"workers/{function}/Function" for function in FUNCTIONS},
    ),
    "Serverless-LambdaLatestVersion": (
        "3.13 is the newest Python that the tests and the layer's byte code run",
        {f"workers/{function}/Function" for function in FUNCTIONS},
    ),
    "Serverless-LambdaTracing": (
        "X-Ray's actions know no resource: tracing would be the only wildcard grant",
        {f"workers/{function}/Function" for function in FUNCTIONS},
    ),
    "Serverless-LambdaEventSourceMappingDestination": (
        "Lambda has no failure destination for SQS: the queue's redrive policy is it",
        {
            "workers/IssueBarcodesFromSignups/Mapping",
            "workers/PollRedemptionsFromPolls/Mapping",
            "workers/FanOutWebhooksFromNotifications/Mapping",
            "workers/DeliverWebhooksFromDeliveries/Mapping",
            "workers/DeliverWebhooksFromRedeliveries/Mapping",
        },
    ),
}


def test_cfn_lint_finds_nothing(dev: Assembly, local: Assembly) -> None:
    templates = [
        *dev.folder.glob("*.template.json"),
        *local.folder.glob("*-messaging.template.json"),
    ]

    run = subprocess.run(
        [
            *(str(CFN_LINT), "--ignore-checks", IGNORED_BY_CFN_LINT),
            *("--regions", "eu-west-1", "--", *map(str, templates)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (run.stdout, run.returncode) == ("", 0)
    assert len(templates) == 6


def test_cdk_nag_finds_only_what_is_accepted_with_a_reason(
    project: Sources, tmp_path: Path
) -> None:
    app = app_of(project, tmp_path)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert findings(report) == {rule: where for rule, (_why, where) in ACCEPTED.items()}


def findings(report: Json) -> dict[str, set[str]]:
    """Return rule -> resources, named as in the code."""
    return {
        violation["ruleName"]: {
            each["constructPath"].removeprefix("couponbus-dev-").removesuffix("/Resource")
            for each in violation["violatingConstructs"]
        }
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
    }
