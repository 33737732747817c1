"""Poll the watches of a span, and record new redemptions; begin and end watches."""

from infra.alarm import hindered
from infra.declared import BROKEN_ROWS, Batching, Function, QueueTrigger, counts
from infra.permissions import consume, pepper, polled_keys, query, read_secrets, send, use_ledger
from infra.settings import ledger, pepper_id, polled_accounts, queue_urls, seconds
from infra.stacks.ledger import COHORTS_INDEX, ENDS_INDEX

FUNCTION = Function(
    name="poll_redemptions",
    memory_mb=1024,
    timeout_seconds=300,
    triggers=(
        QueueTrigger(
            queue="polls",
            batching=lambda stage: Batching(
                size=stage.poll_batch_size,
                window_seconds=stage.poll_window_seconds,
                concurrency=stage.poll_concurrency,
            ),
        ),
    ),
    settings=(
        ledger,
        queue_urls("quarantine"),
        pepper_id,
        seconds("publish_grace", "handover"),
    ),
    filed=(polled_accounts,),
    permissions=(
        *use_ledger("poll_redemptions"),
        query(COHORTS_INDEX, ENDS_INDEX),
        read_secrets(polled_keys, pepper),
        consume("polls"),
        send("quarantine"),
    ),
    # It polls until its time is used up.
    slow_from=None,
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            Anomalies="A redemption has the id of another one, or an account lists too many offers",
            Unauthorised="Uniqodo or Koupon refuses our key: put a valid one there",
            ContractBroken="A provider answers what its contract does not allow",
            Misconfigured="A watch names an account that is not deployed",
            UnknownErrorCodes="Uniqodo answers with an unknown error code",
            RecordsLeftOut="Uniqodo lists redemptions whose distributor is illegible: not recorded",
        ),
        hindered(
            metric="BreakerOpen",
            why="The breaker of a polled account has been open for 10 minutes: it does not answer",
            runbook="breaker-open",
        ),
        hindered(
            metric="AskedToWait",
            why="A polled provider has asked to wait for 10 minutes of 20: it refuses our calls",
            runbook="asked-to-wait",
        ),
    ),
)
