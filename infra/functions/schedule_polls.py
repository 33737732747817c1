"""Say which cohorts are looked at now, as the budgets of the polled accounts allow."""

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
        use_ledger("PutItem", "GetItem", "BatchGetItem", "Query"),
        send("polls", "undelivered"),
    ),
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            BudgetExceeded="More is due than an account may be asked: polls thin out",
        ),
        TickAlarm(metric="Scheduled", why="Three ticks were missed: nobody is polled meanwhile"),
        LagAlarm(metric="LagSeconds", why="Turns of 15 minutes ago were not sent to a poller yet"),
    ),
)
