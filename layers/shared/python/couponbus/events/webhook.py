"""The body of a webhook: an event of ours, with the fields of its envelope on the bus."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from couponbus.domain.polling.published_redemption import PARAMS_BYTES
from couponbus.domain.web_address import MOST_BYTES
from couponbus.events.barcodes import IssuedData
from couponbus.events.base import Metadata
from couponbus.events.endpoints import SOURCE
from couponbus.events.redemptions import RedemptionData


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


class ReadableRedemptionData(RedemptionData):
    """The redemption; for an endpoint with `custom_params:read` with what the shop attached."""

    custom_params: dict[str, object] | None = Field(
        default=None,
        repr=False,
        description=(
            "What the shop attached for its own purposes, as the object that it is at the provider;"
            " it may name a person. Only for an endpoint with the scope `custom_params:read`, for"
            " others it is not there. As of the last update that was published, when it is sent."
            " Null where there is nothing, where it is no JSON object, where it is longer than"
            f" {PARAMS_BYTES} bytes, and when it is not kept any more."
        ),
    )
    custom_params_raw: str | None = Field(
        default=None,
        repr=False,
        description=(
            "The same as the text that it is at the provider, where that is no JSON object; null"
            " where it is one. Only with the scope `custom_params:read`."
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
