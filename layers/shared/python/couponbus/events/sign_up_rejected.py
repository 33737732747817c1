"""The answer to a producer whose sign-up can never be used."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from couponbus.events.base import Metadata, PublishedEvent


class RejectedData(BaseModel):
    """Which sign-up, and what is wrong with it; values are never repeated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signup_id: str
    reason: str = Field(description="A code, such as schema or signup_id_reused.")
    fields: list[str] = Field(description="Paths of the fields that are wrong.")


class SignUpRejected(PublishedEvent):
    """A sign-up was quarantined: correct it and send it again."""

    source: ClassVar[str] = "couponbus.sign_ups"
    detail_type: ClassVar[str] = "SignUpRejected"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: RejectedData
