"""An event of ours as its publisher enqueues it, to be passed on as a webhook.

It is read tolerantly: a newer publisher may send more data, and all of it is passed on.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from couponbus.events.field_types import Moment, Name

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class Fact(BaseModel):
    """What is needed of an event's metadata."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: Annotated[str, StringConstraints(pattern=UUID)]
    occurred_at: Moment
    tenant: Name


class Detail(BaseModel):
    """The content of the event."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    metadata: Fact
    data: dict[str, object]


class Notification(BaseModel):
    """The envelope that it has on the bus."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: Annotated[str, StringConstraints(max_length=128, pattern=r"^couponbus\.[a-z_]+$")]
    detail_type: Name = Field(alias="detail-type")
    detail: Detail
