"""Receives webhooks of couponbus, with the package standardwebhooks."""

import sqlite3
from collections.abc import Callable, Mapping

from standardwebhooks import Webhook, WebhookVerificationError

SEEN = "CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)"


def receive(
    database: sqlite3.Connection,
    handle: Callable[[dict[str, object]], None],
    *,
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
) -> int:
    """Return the status to answer with; `body` is the received body, byte for byte."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event = Webhook(secret).verify(body, given)
    except (WebhookVerificationError, ValueError):  # ValueError: not even base64, or no JSON
        return 401
    with database:  # the work and its id are stored together, or neither is
        new = "INSERT OR IGNORE INTO seen (id) VALUES (?)"
        if database.execute(new, (given["webhook-id"],)).rowcount:
            handle(event)
    return 204
