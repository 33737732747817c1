"""Enqueue the cohorts that are due for a poll, within the budgets of the accounts."""

from infra.declared import BROKEN_ROWS, Function, LagAlarm, ScheduleTrigger, TickAlarm, counts
from infra.permissions import send, use_ledger
from infra.settings import ledger, polled_accounts, queue_urls, seconds

FUNCTION = Function(
    name="schedule_polls",
    memory_mb=512,
    timeout_seconds=60,
    triggers=(ScheduleTrigger(expression="rate(1 minute)", max_age_seconds=60),),
    settings=(ledger, polled_accounts, queue_urls("polls"), seconds("publish_grace")),
    permissions=(
        *use_ledger("schedule_polls"),
        send("polls", "undelivered"),
    ),
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            BudgetExceeded="More polls are due than a call budget allows: poll intervals grow",
        ),
        TickAlarm(metric="Scheduled", why="Three ticks were missed: no customer is polled"),
        LagAlarm(metric="LagSeconds", why="Polls due 15 minutes ago were not enqueued yet"),
    ),
)
