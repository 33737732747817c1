"""Enqueue the cohorts that are due for a poll, within the budgets of the accounts."""

from infra.alarm import Level, Missing, Rule, gauge, silent
from infra.declared import BROKEN_ROWS, Function, ScheduleTrigger, counts
from infra.permissions import send, use_ledger
from infra.settings import ledger, polled_accounts, queue_urls, seconds

FUNCTION = Function(
    name="schedule_polls",
    memory_mb=512,
    timeout_seconds=60,
    triggers=(ScheduleTrigger(expression=lambda _: "rate(1 minute)", max_age_seconds=60),),
    settings=(ledger, queue_urls("polls"), seconds("publish_grace")),
    filed=(polled_accounts,),
    permissions=(
        *use_ledger("schedule_polls"),
        send("polls", "undelivered"),
    ),
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            BudgetExceeded="More polls are due than a call budget allows: poll intervals grow",
        ),
        Level(
            metric="Scheduled",
            word="missing",
            why="Three ticks were missed: no customer is polled",
            runbook="ticks-missing",
            rule=silent(minutes=1, periods=3),
        ),
        Level(
            metric="LagSeconds",
            word="behind",
            why="Polls due 15 minutes ago were not enqueued yet",
            runbook="behind",
            # One tick makes up for all that was missed: a lag that it ends rings nothing.
            rule=Rule(
                statistic="Maximum",
                limit=15 * 60,
                minutes=1,
                periods=3,
                breaching=3,
                missing=Missing.UNKNOWN,
            ),
        ),
        Level(
            metric="AccountsPaused",
            word="AccountsPaused",
            why="An account or a promotion is not polled: couponbus watch resume",
            runbook="accounts-paused",
            rule=gauge(),
        ),
    ),
)
