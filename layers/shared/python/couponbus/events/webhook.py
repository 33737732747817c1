"""The body of a webhook: an event of ours, with the fields of its envelope on the bus."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from couponbus.domain.web_address import MOST_BYTES
from couponbus.events.barcodes import IssuedData
from couponbus.events.base import Metadata
from couponbus.events.endpoints import SOURCE


class WebhookBody(BaseModel):
    """One event; the headers of the request prove who sent it, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(description="What happened: the detail type of the event on the bus.")
    timestamp: AwareDatetime = Field(
        description="When it was decided, as in the metadata: the same for each attempt."
    )
    source: str = Field(description="Where on the bus it comes from.")
    metadata: Metadata
    data: object


class ReadableIssuedData(IssuedData):
    """The barcode; with its number and image for an endpoint that has the scope `barcode:read`."""

    barcode_number: str | None = Field(
        default=None,
        repr=False,
        description=(
            "A reader can redeem with it. Only for an endpoint with the scope `barcode:read`, for"
            " others it is not there; null when the number is not kept any more."
        ),
    )
    barcode_image_url: str | None = Field(
        default=None,
        repr=False,
        max_length=MOST_BYTES,
        description=(
            "Where Coniq shows the barcode as an image, by https. It is worth as much as the"
            " number: only with the scope `barcode:read`. Null where there is none."
        ),
    )


class TriedData(BaseModel):
    """Which endpoint is tested, as an operator has described it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint_id: str
    description: str


class EndpointTest(WebhookBody):
    """An operator tests an endpoint: nothing has happened, and no other endpoint gets this."""

    origin: ClassVar[str] = SOURCE
    version: ClassVar[int] = 1

    type: Literal["EndpointTest"]
    data: TriedData
