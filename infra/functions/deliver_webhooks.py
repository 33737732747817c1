"""Send webhooks; failing endpoints can occupy only the workers of the second queue."""

from collections.abc import Iterable, Mapping

from couponbus_config.stage import StageConfig
from infra.declared import (
    BROKEN_ROWS,
    Batching,
    Function,
    QueueTrigger,
    StageResources,
    counts,
    event,
)
from infra.permissions import consume, read_secrets, send, use_ledger
from infra.settings import ledger, queue_urls, seconds
from infra.stacks.state import State


def _batching(stage: StageConfig, *, concurrency: int) -> Batching:
    return Batching(size=stage.deliver_batch_size, window_seconds=0, concurrency=concurrency)


def _signing_secrets_id(given: StageResources) -> Mapping[str, str]:
    return {"WEBHOOKS_SECRET_ID": given.state.webhooks_secret.secret_arn}


def _signing_secrets(state: State) -> Iterable[str]:
    return (state.webhooks_secret.secret_arn,)


FUNCTION = Function(
    name="deliver_webhooks",
    memory_mb=1024,
    timeout_seconds=60,
    triggers=(
        QueueTrigger(
            queue="deliveries",
            batching=lambda stage: _batching(stage, concurrency=stage.deliver_concurrency),
        ),
        QueueTrigger(
            queue="redeliveries",
            batching=lambda stage: _batching(stage, concurrency=stage.redeliver_concurrency),
        ),
    ),
    settings=(ledger, queue_urls("quarantine"), _signing_secrets_id, seconds("publish_grace")),
    permissions=(
        *use_ledger("deliver_webhooks"),
        read_secrets(_signing_secrets),
        consume("deliveries", "redeliveries"),
        send("quarantine"),
    ),
    # It sends until its time is used up.
    slow_from=None,
    alarms=(
        *counts(
            BrokenRows=BROKEN_ROWS,
            ContradictedEvents="An event names a barcode of another tenant: its number is not sent",
            Misconfigured="An endpoint has no signing secret: rotate it",
            RefusedAddresses="An endpoint's name resolves to a forbidden address: nothing is sent",
        ),
        # A dead endpoint exhausts its deliveries one by one, for as long as they came.
        event("Exhausted", hours=24, why="A delivery is exhausted: couponbus deliveries list"),
    ),
)
