"""What all contracts have in common; the classes here are the one source of every schema."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class PublishedEvent(BaseModel):
    """An event that couponbus puts on the bus: strict, so that a change shows in its schema."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: ClassVar[str]
    detail_type: ClassVar[str]
    version: ClassVar[int]
    registry: ClassVar[dict[str, type["PublishedEvent"]]] = {}

    metadata: "Metadata"

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Register the class: a contract that nobody listed cannot exist."""
        super().__pydantic_init_subclass__(**kwargs)
        PublishedEvent.registry[cls.detail_type] = cls


class Metadata(BaseModel):
    """Which fact this is. The same `id` always means the same fact: dedupe on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="Stable id of the fact; the bus's own id differs per delivery.")
    version: int = Field(description="Version of this contract.")
    sequence: int = Field(description="Which outcome of its entity this is, from 1.")
    occurred_at: AwareDatetime = Field(description="When it was decided, in UTC.")
    tenant: str


class ReceivedEvent(BaseModel):
    """An event that others send: fields that we do not know are let through unread."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    detail_type: ClassVar[str]
    version: ClassVar[int]
    registry: ClassVar[dict[str, type["ReceivedEvent"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Register the class: a contract that nobody listed cannot exist."""
        super().__pydantic_init_subclass__(**kwargs)
        ReceivedEvent.registry[cls.detail_type] = cls


class Command(BaseModel):
    """A message on a queue of ours; both ends are couponbus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    registry: ClassVar[dict[str, type["Command"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Register the class: a contract that nobody listed cannot exist."""
        super().__pydantic_init_subclass__(**kwargs)
        Command.registry[cls.__name__] = cls
