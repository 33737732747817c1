"""A barcode as every part of couponbus sees it, whether couponbus issued it or not."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from couponbus.domain.masking import masked
from couponbus.domain.web_address import secure_address


class Channel(StrEnum):
    """How a barcode reaches its customer (Coniq Barcode resource, field `channel`)."""

    PAPER = "PAPER"
    MAIL = "MAIL"
    SMS = "SMS"
    MOBILE = "MOBILE"
    ECOMMERCE = "ECOMMERCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarcodeRequest:
    """One barcode to be made; `tracking_code` is unique to its issuance."""

    customer_id: int
    offer_id: int
    channel: Channel
    tracking_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    """All nine fields of Coniq's Barcode resource; `channel` may have values unknown here."""

    number: str
    offer_id: int
    customer_id: int
    channel: str | None
    tracking_code: str | None
    image_url: str | None
    active: bool | None
    expires_on: date | None
    created_at: datetime | None

    @property
    def picture(self) -> str | None:
        """The address of its image, None unless it is fetched by https."""
        return secure_address(self.image_url)

    def __repr__(self) -> str:
        """Hide the number: a reader of it could redeem it."""
        return f"Barcode({masked(self.number)}, tracking_code={self.tracking_code!r})"
