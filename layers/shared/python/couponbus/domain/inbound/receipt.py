"""A record of an inbound webhook that was accepted, by which a repetition is recognised."""

from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.identity import digest
from couponbus.domain.row import Row


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Receipt(Row):
    """One row per webhook-id, with a hash of the body; the answer follows from the body.

    It is never written again, and expires after a day.
    """

    receipt_id: str
    body_sha256: str
    sign_ups: int
    received_at: datetime

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"RECEIPT#{self.receipt_id}"


def receipt_id_of(webhook_id: str, *, producer: str | None = None) -> str:
    """Return the id of a webhook's receipt; two producers may use the same webhook-id."""
    return digest("receipt", *(() if producer is None else (producer,)), webhook_id)


def receipt_key(webhook_id: str, *, producer: str | None = None) -> str:
    """Return where the ledger keeps the receipt of a webhook."""
    return f"RECEIPT#{receipt_id_of(webhook_id, producer=producer)}"
