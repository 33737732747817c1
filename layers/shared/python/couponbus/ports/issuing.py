"""Ports of issuing."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from couponbus.domain.issuing.attempt import BatchAnswer
    from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
    from couponbus.domain.issuing.program import ProgramsInForce


class Programs(Protocol):
    """The programs in force; may be some seconds old."""

    def active(self, *, since: datetime | None = None) -> "ProgramsInForce":
        """Return all programs by name; with `since`, as they were at that moment or later.

        One that cannot be read, or whose pattern cannot be used, is named beside the others.
        Raises LedgerUnavailable.
        """
        ...


class Unidentified(Protocol):
    """The queue that keeps messages whole in which no sign-up id can be read."""

    def keep(self, bodies: Sequence[str]) -> None:
        """Store all, or raise QueueUnavailable when one may be missing."""
        ...


class Barcodes(Protocol):
    """Coniq, account by account; `domain.issuing.attempt` has the outcomes of a POST."""

    def issue(
        self, *, account: str, requests: Sequence["BarcodeRequest"], deadline: datetime
    ) -> "BatchAnswer":
        """Send one POST for these requests, once, and return its outcomes; never raises."""
        ...

    def find(
        self, *, account: str, request: "BarcodeRequest", deadline: datetime
    ) -> Sequence["Barcode"]:
        """Return what the provider has that may belong to this request. Raises ProviderError."""
        ...

    def existing(
        self, *, account: str, request: "BarcodeRequest", deadline: datetime
    ) -> Sequence["Barcode"]:
        """Return all barcodes of this customer for this offer, issued by couponbus or not.

        Raises ProviderError.
        """
        ...

    def find_customer(self, *, account: str, email: str, deadline: datetime) -> int | None:
        """Return the customer with this e-mail, None while unknown. Raises ProviderError."""
        ...
