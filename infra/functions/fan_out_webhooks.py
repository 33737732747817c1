"""Store published events, create a delivery for each endpoint, and enqueue the first attempts."""

from infra.declared import BROKEN_ROWS, Batching, Function, QueueTrigger, counts
from infra.permissions import consume, send, use_ledger
from infra.settings import ledger, queue_urls, seconds

FUNCTION = Function(
    name="fan_out_webhooks",
    memory_mb=512,
    timeout_seconds=60,
    triggers=(
        QueueTrigger(
            queue="notifications",
            batching=lambda stage: Batching(
                size=stage.notify_batch_size,
                window_seconds=stage.notify_window_seconds,
                concurrency=stage.notify_concurrency,
            ),
        ),
    ),
    # After the handover the sweeper sends a lost hint again.
    settings=(ledger, queue_urls("deliveries", "quarantine"), seconds("handover")),
    permissions=(
        *use_ledger("fan_out_webhooks"),
        consume("notifications"),
        send("deliveries", "quarantine"),
    ),
    alarms=counts(
        BrokenRows=BROKEN_ROWS,
        ContradictedEvents=(
            "An event came again under its id with other facts: the first is delivered, the"
            " other is in quarantine"
        ),
        Misconfigured="An endpoint's pattern cannot be used: nothing is sent",
    ),
)
