"""Each metric of ours rings an alarm, is on the dashboard, or is left to the log with a reason."""

import re

import pytest

from couponbus.usecases.invocation import Metric
from couponbus.usecases.outbox.hand_over import WorkQueue
from infra.sources import ROOT
from tests.infra.alarms import LAST_STOPS, alarms, dimensions_of
from tests.infra.assembly import Assembly

# Counted in a handler: the name of a metric there is the key of a dictionary.
IN_HANDLERS = re.compile(r'"([A-Z][A-Za-z]+)":')
SHOWN = re.compile(r'"couponbus","(\w+)","service","(\w+)","stage","dev"')
COUNTED = re.compile(r"Metric\.([A-Z_]+)")
USE_CASES = ROOT / "layers" / "shared" / "python" / "couponbus" / "usecases"
COUNTED_BY = {
    "issuing": {"issue_barcodes", "audit_barcodes"},
    "outbox": {"publish_events", "sweep_due"},
    "polling": {"poll_redemptions", "schedule_polls"},
    "webhooks": {"fan_out_webhooks", "deliver_webhooks"},
    "inbound": {"receive_callback"},
}
BY_QUEUE = {f"Unsent{queue.title()}" for queue in WorkQueue}  # of sweep_due
# Of every function that answers SQS, by `respond`.
BY_ANSWERS = {"Failed", "BrokenRows", "UnexpectedErrors"}
NOT_A_METRIC = {"Records", "SequenceNumber", "NewImage", "OldImage"}

# In the log and among the metrics, for an operator who asks; neither an alarm nor a graph.
NEITHER = {
    "ItemsPosted": "shown as ItemsPerCall",
    "Lookups": "calls are shown; look-ups are part of them",
    "Duplicates": "what repetitions and retries do",
    "Conflicting": "a customer came on two channels, and the first one counts",
    "ReusedSignUpIds": "answered to the producer in SignUpRejected",
    "DroppedFields": "the event names the fields",
    "UnmatchedDropped": "the tally of unmatched sign-ups has them, and Unmatched rings",
    "Adopted": "a barcode that was there already, as after a restore",
    "Ambiguous": "AmbiguousOpen rings for as long as one is open",
    "Disabled": "EndpointsDisabled rings for as long as one is disabled",
    "Paused": "AccountsPaused rings for as long as one is paused",
    "PausedWatches": "AccountsPaused rings",
    "Released": "issued later: LongestWaitSeconds rings when it takes too long",
    "Postponed": "issued later: LongestWaitSeconds rings when it takes too long",
    "Unexplained": "the brake counts them",
    "WatchesStarted": "as many as customers sign up",
    "WatchesEnded": "published as WatchEnded",
    "WithoutIdentity": "programs say which customers a provider can know",
    "FirstPollsLate": "published as FirstPollLate",
    "FailedPolls": "repeated by the schedule; the breaker rings when all fail",
    "News": "shown as Recorded and Reversed",
    "ParamsDropped": "the event says so",
    "Overtaken": "two workers at one row, which is harmless",
    "Late": "LagSeconds rings",
    "Unpolled": "comes again; LagSeconds and the queue's age ring",
    "Events": "Delivered shows what became of them",
    "Deliveries": "Attempts shows what became of them",
    "WithoutReceipt": "a repetition is accepted twice, and joins its row",
    "RefusedTooLarge": "answered to the caller",
    "RefusedUnsigned": "answered to the caller",
    "RefusedReusedId": "answered to the caller",
    "RefusedMethod": "answered to the caller",
    "HintsIgnored": "counted by reason for `couponbus status`",
    **dict.fromkeys(BY_QUEUE, "part of Failed, which rings: says which queue"),
    "Enqueued": "Swept and OldestDueSeconds ring",
    "Published": "OldestDueSeconds and Failed ring when it does not",
    "Skipped": "two ticks met, and one did the work",
    "Spans": "LagSeconds rings",
    "WatchesExpected": "`couponbus status` compares it with the budget",
    "Commands": "LagSeconds rings",
}


def written() -> set[str]:
    handlers = [path.read_text() for path in (ROOT / "functions").glob("*/handler.py")]
    found = {name for text in handlers for name in IN_HANDLERS.findall(text)}
    return (found - NOT_A_METRIC) | {count.value for count in Metric} | BY_QUEUE | BY_ANSWERS


def written_by(function: str) -> set[str]:
    handler = (ROOT / "functions" / function / "handler.py").read_text()
    packages = [USE_CASES, *(USE_CASES / name for name, by in COUNTED_BY.items() if function in by)]
    code = (path.read_text() for package in packages for path in package.glob("*.py"))
    counted = {Metric[name].value for text in code for name in COUNTED.findall(text)}
    named = set(re.findall(r'"([A-Z][A-Za-z]+)"', handler))
    return counted | named | (BY_ANSWERS if "respond(" in handler else set())


def watched(dev: Assembly) -> set[tuple[str, str]]:
    return {
        (alarm["MetricName"], str(dimensions_of(alarm)["service"]))
        for alarm in alarms(dev).values()
        if alarm["Namespace"] == "couponbus"
    }


def shown(dev: Assembly) -> set[tuple[str, str]]:
    (dashboard,) = dev.of("AWS::CloudWatch::Dashboard")
    return set(SHOWN.findall(dev.words(dashboard.properties["DashboardBody"], "monitoring")))


def test_each_metric_rings_is_shown_or_is_neither_with_a_reason(dev: Assembly) -> None:
    seen = {name for name, _ in (*watched(dev), *shown(dev))}

    assert written() - seen == NEITHER.keys()


def test_every_metric_that_is_watched_or_shown_is_written_by_its_function(dev: Assembly) -> None:
    assert shown(dev)
    for metric, function in watched(dev) | shown(dev):
        assert metric in written_by(function), (metric, function)


@pytest.mark.parametrize(("package", "functions"), COUNTED_BY.items())
def test_a_metric_that_rings_for_one_function_rings_for_each_that_counts_it(
    package: str, functions: set[str], dev: Assembly
) -> None:
    rings = {metric for metric, _ in watched(dev)}
    here = {metric for metric, function in watched(dev) if function in functions}
    code = (path.read_text() for path in (USE_CASES / package).glob("*.py"))
    counted = {Metric[name].value for text in code for name in COUNTED.findall(text)}

    assert counted
    assert counted & rings - here - {"Braked"} == set()  # a gauge of the sweeper's


def test_the_dashboard_shows_waits_breakers_unmatched_sign_ups_and_letters(dev: Assembly) -> None:
    names = {name for name, _ in shown(dev)}
    (dashboard,) = dev.of("AWS::CloudWatch::Dashboard")
    body = dev.words(dashboard.properties["DashboardBody"], "monitoring")

    assert names >= {"LongestWaitSeconds", "BreakerOpen", "UnmatchedShare", "AmbiguousOpen"}
    for queue in LAST_STOPS:
        assert f'"ApproximateNumberOfMessagesVisible","QueueName","couponbus-dev-{queue}"' in body
