"""The published events about the endpoints of webhooks."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from couponbus.domain.webhooks.endpoint import DisabledBecause
from couponbus.events.base import Metadata, PublishedEvent

SOURCE = "couponbus.endpoints"


class DisabledData(BaseModel):
    """Which endpoint, and why; of its URL only the host, as the rest may be secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint_id: str
    description: str
    host: str
    reason: str = Field(description=f"A code: {', '.join(DisabledBecause)}; others may follow.")
    failing_since: AwareDatetime | None = Field(
        description="The first failure since the last success; null if there was none."
    )


class EndpointDisabled(PublishedEvent):
    """Nothing is sent to an endpoint any more until an operator resumes it."""

    source: ClassVar[str] = SOURCE
    detail_type: ClassVar[str] = "EndpointDisabled"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: DisabledData
