"""What an operator does about messages in a queue that no function reads."""

from collections.abc import Mapping

from couponbus_cli.app.formatting import count
from couponbus_cli.app.queues import Depth

REDRIVE = "aws sqs start-message-move-task --source-arn {arn}"
PURGE = "aws sqs purge-queue --queue-url {url}"
RECEIVE = "aws sqs receive-message --message-attribute-names All --queue-url {url}"
STOPS: Mapping[str, str] = {
    "signups-dead": (
        "{messages} failed repeatedly: read the errors of issue_barcodes, fix the cause, then"
        " redrive the queue to signups: {redrive}"
    ),
    "polls-dead": (
        "{messages} failed repeatedly: read the errors of poll_redemptions, fix the cause, then"
        " redrive the queue to polls (polls that are late by then are skipped; watches to begin or"
        " to end are not): {redrive}"
    ),
    "notifications-dead": (
        "{messages} failed repeatedly: read the errors of fan_out_webhooks, fix the cause, then"
        " redrive the queue to notifications (no delivery is created twice): {redrive}"
    ),
    "deliveries-dead": (
        "{messages} failed repeatedly: read the errors of deliver_webhooks; the deliveries are due"
        " in the ledger anyway, so purge the queue when the cause is fixed: {purge}"
    ),
    "redeliveries-dead": (
        "{messages} failed repeatedly: read the errors of deliver_webhooks; the deliveries are due"
        " in the ledger anyway, so purge the queue when the cause is fixed: {purge}"
    ),
    "quarantine": (
        "{messages} invalid and quarantined: each record says why and which sign-up it was; have"
        " the producer correct it, then purge the queue: {purge}"
    ),
    "unidentified": (
        "{messages} without a readable sign-up id: have the sender corrected, or deploy a version"
        " that reads them, then couponbus redrive"
    ),
    "undelivered": (
        "{messages} could not be delivered: a sign-up (fix the permission, send it to signups"
        " again), a tick, or an alarm to a subscriber; they and their errors: {receive}"
    ),
    "unpublished": (
        "{messages} of the ledger's stream were given up: the sweeper publishes those outcomes,"
        " but read the errors of publish_events, fix the cause, then purge the queue: {purge}"
    ),
}


def need_of(depth: Depth) -> str | None:
    """Return what to do about the messages in a queue, None where they are just work."""
    found = depth.visible + depth.in_flight
    if not found or depth.queue not in STOPS:
        return None
    text = STOPS[depth.queue].format(
        messages=count(found, "message"),
        redrive=REDRIVE.format(arn=depth.arn),
        receive=RECEIVE.format(url=depth.url),
        purge=PURGE.format(url=depth.url),
    )
    return f"{depth.queue}: {text}"
