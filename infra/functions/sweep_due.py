"""Find due rows; enqueue them within the accounts' rate limits, or publish their events."""

from infra.alarm import Level, gauge, returning, silent
from infra.declared import BROKEN_ROWS, Function, ScheduleTrigger, counts
from infra.permissions import publish, send, use_ledger
from infra.settings import bus, coniq_accounts, issuance_days, ledger, queue_urls, seconds

LEVELS = (
    Level(
        metric="Swept",
        word="missing",
        why="The sweeper missed three ticks: overdue rows are not processed",
        runbook="ticks-missing",
        rule=silent(minutes=1, periods=3),
    ),
    Level(
        metric="OldestDueSeconds",
        word="behind",
        why="A ledger row is overdue by 15 minutes though it is swept",
        runbook="behind",
        # A tick that could not read all, or did not come, does not say that nothing waits.
        rule=gauge(above=15 * 60, periods=5),
    ),
    Level(
        metric="Failed",
        word="Failed",
        why="Due rows cannot be handed over or published: its log line names the queue",
        runbook="failed",
        rule=returning(each_seconds=60),
    ),
    Level(
        metric="Braked",
        word="Braked",
        why="POSTs of a Coniq account are stopped: couponbus status, then account resume",
        runbook="braked",
        rule=gauge(),
    ),
    Level(
        metric="AmbiguousOpen",
        word="AmbiguousOpen",
        why="Look-ups cannot settle which barcode was issued: couponbus resolve",
        runbook="ambiguous",
        rule=gauge(),
    ),
    Level(
        metric="EndpointsDisabled",
        word="EndpointsDisabled",
        why="An endpoint is disabled and gets no webhooks: notify its owner",
        runbook="endpoints-disabled",
        rule=gauge(),
    ),
)

FUNCTION = Function(
    name="sweep_due",
    memory_mb=512,
    timeout_seconds=60,
    triggers=(ScheduleTrigger(expression=lambda _: "rate(1 minute)", max_age_seconds=60),),
    settings=(
        ledger,
        issuance_days,
        bus,
        queue_urls("signups", "polls", "notifications", "redeliveries"),
        seconds("handover"),
    ),
    filed=(coniq_accounts,),
    permissions=(
        *use_ledger("sweep_due"),
        send("signups", "polls", "notifications", "redeliveries", "undelivered"),
        publish,
    ),
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            UnexpectedErrors="The sweeper met an error of ours: the log has its class",
        ),
        *LEVELS,
    ),
)
