"""The deployed functions, each declared in a module of its name."""

from infra.functions import (
    audit_barcodes,
    deliver_webhooks,
    fan_out_webhooks,
    issue_barcodes,
    poll_redemptions,
    publish_events,
    receive_callback,
    schedule_polls,
    sweep_due,
)

FUNCTIONS = (
    issue_barcodes.FUNCTION,
    publish_events.FUNCTION,
    sweep_due.FUNCTION,
    audit_barcodes.FUNCTION,
    schedule_polls.FUNCTION,
    poll_redemptions.FUNCTION,
    fan_out_webhooks.FUNCTION,
    deliver_webhooks.FUNCTION,
    receive_callback.FUNCTION,
)
