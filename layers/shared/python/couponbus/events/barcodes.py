"""The published events about barcodes: thin, pseudonymous, the number masked."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from couponbus.events.base import Metadata, PublishedEvent

SOURCE = "couponbus.barcodes"


class IssuanceData(BaseModel):
    """Which issuance an event is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signup_id: str
    program: str
    account: str
    customer_ref: str = Field(description="Pseudonym of the customer, stable per tenant.")
    dropped_fields: list[str] = Field(
        default_factory=list,
        description="Paths in the sign-up that could not be read, and count as absent.",
    )


class IssuedData(IssuanceData):
    """The barcode, without what would let a reader redeem it."""

    issuance_id: str
    offer_id: int
    channel: str
    tracking_code: str = Field(description="What Coniq returns with the barcode.")
    barcode_masked: str = Field(description="The number with all but its last digits hidden.")
    expires_on: date | None
    active: bool | None
    origin: Literal["issued", "reconciled", "existing", "chosen"]


class RefusedData(IssuanceData):
    """Why there is no barcode; the ids are null when the customer never became known."""

    issuance_id: str | None
    offer_id: int | None
    reason: str = Field(description="A code, such as consent_missing or customer_unknown.")


class AmbiguousData(IssuanceData):
    """Several barcodes may be this customer's; an operator decides."""

    issuance_id: str
    offer_id: int
    tracking_code: str
    reason: str
    candidates_masked: list[str]


class BarcodeIssued(PublishedEvent):
    """A customer has a barcode."""

    source: ClassVar[str] = SOURCE
    detail_type: ClassVar[str] = "BarcodeIssued"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: IssuedData


class BarcodeRefused(PublishedEvent):
    """A customer will get no barcode from this program, and why."""

    source: ClassVar[str] = SOURCE
    detail_type: ClassVar[str] = "BarcodeRefused"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: RefusedData


class BarcodeAmbiguous(PublishedEvent):
    """The outcome of an attempt is not clear; nothing more is sent until an operator decides."""

    source: ClassVar[str] = SOURCE
    detail_type: ClassVar[str] = "BarcodeAmbiguous"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: AmbiguousData
