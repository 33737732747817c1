"""The event that sign-ups matched no program, for operators and producers."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from couponbus.events.base import Metadata, PublishedEvent


class UnmatchedData(BaseModel):
    """How many sign-ups, from which source; never of which customer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str = Field(
        description="The `source` of the sign-ups; `sqs` for those sent to the queue, `webhook`"
        " for those sent over HTTP."
    )
    since: AwareDatetime = Field(description="The hour in which they came, in UTC.")
    number: int = Field(description="How many of this hour were counted until now.")
    kept: int = Field(
        description="How many of them `couponbus programs rematch` can bring back, for some days."
    )
    signup_id: str = Field(description="One of them.")


class SignUpUnmatched(PublishedEvent):
    """Sign-ups matched no program: published at the first, and with the total of its hour."""

    source: ClassVar[str] = "couponbus.sign_ups"
    detail_type: ClassVar[str] = "SignUpUnmatched"
    version: ClassVar[int] = 1

    metadata: Metadata
    data: UnmatchedData
