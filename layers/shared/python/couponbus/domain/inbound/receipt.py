"""A webhook that came in and was accepted, so that its repetition is not taken for another one."""

from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.identity import digest
from couponbus.domain.row import Row


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Receipt(Row):
    """One row a webhook-id; its body is known by a hash, and the answer follows from the body.

    It is never written again, and gone after a day.
    """

    receipt_id: str
    body_sha256: str
    sign_ups: int
    received_at: datetime

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"RECEIPT#{self.receipt_id}"


def receipt_id_of(webhook_id: str) -> str:
    """Return the id of a webhook's receipt; the producer's own id may be as long as it likes."""
    return digest("receipt", webhook_id)


def receipt_key(webhook_id: str) -> str:
    """Return where the ledger keeps the receipt of a webhook."""
    return f"RECEIPT#{receipt_id_of(webhook_id)}"
