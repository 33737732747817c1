"""Find due rows; enqueue them within the accounts' rate limits, or publish their events."""

from infra.declared import BROKEN_ROWS, Function, LagAlarm, ScheduleTrigger, TickAlarm, counts
from infra.permissions import publish, send, use_ledger
from infra.settings import bus, coniq_accounts, ledger, queue_urls, seconds

FUNCTION = Function(
    name="sweep_due",
    memory_mb=512,
    timeout_seconds=60,
    triggers=(ScheduleTrigger(expression="rate(1 minute)", max_age_seconds=60),),
    settings=(
        ledger,
        bus,
        queue_urls("signups", "polls", "notifications", "redeliveries"),
        coniq_accounts,
        seconds("handover"),
    ),
    permissions=(
        *use_ledger("sweep_due"),
        send("signups", "polls", "notifications", "redeliveries", "undelivered"),
        publish,
    ),
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            Braked=(
                "POSTs of a Coniq account are still stopped: couponbus status, then account resume"
            ),
            Failed="Due rows could not be handed over or published: its Unsent… name the queue",
        ),
        TickAlarm(
            metric="Swept", why="The sweeper missed three ticks: overdue rows are not processed"
        ),
        LagAlarm(
            metric="OldestDueSeconds",
            why="A ledger row is overdue by 15 minutes though it is swept",
        ),
    ),
)
