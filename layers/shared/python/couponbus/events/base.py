"""What all contracts have in common; the classes here are the one source of every schema."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from couponbus.domain.provider import Provider
from couponbus.domain.trace import TRACE_ID


def _is_absent(value: object) -> bool:
    return value is None


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
        """Register the class, so that no contract can be missing."""
        super().__pydantic_init_subclass__(**kwargs)
        if hasattr(cls, "detail_type"):  # else what several contracts have in common
            PublishedEvent.registry[cls.detail_type] = cls

    @classmethod
    def origins(cls) -> tuple[str, ...]:
        """Return every `origin` that an event of this class can have."""
        return (cls.source,)

    @property
    def origin(self) -> str:
        """The source of this event on the bus."""
        return self.source


class Metadata(BaseModel):
    """Which fact this is. The same `id` always means the same fact: dedupe on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="Stable id of the fact; the bus's own id differs per delivery.")
    version: int = Field(description="Version of this contract.")
    sequence: int = Field(description="Which outcome of its entity this is, from 1.")
    occurred_at: AwareDatetime = Field(description="When it was decided, in UTC.")
    tenant: str
    trace_id: Annotated[str, StringConstraints(pattern=TRACE_ID)] | None = Field(
        default=None,
        exclude_if=_is_absent,
        description=(
            "The trace (W3C Trace Context) of the sign-up that it follows from: 32 hex digits."
            " Not there where it follows from none, or from one of an older version."
        ),
    )


class ProviderData(BaseModel):
    """Which account of which provider an event is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str = Field(description=f"{', '.join(Provider)}; others may follow.")
    account: str


class ProviderEvent(PublishedEvent):
    """An event that is the same for each provider, but for its source: `couponbus.uniqodo`."""

    data: ProviderData

    @classmethod
    def origins(cls) -> tuple[str, ...]:
        """Return the origin of each provider's events."""
        return tuple(_origin_of(provider) for provider in Provider)

    @property
    def origin(self) -> str:
        """The source of this event on the bus: a rule on it gets the events of one provider."""
        return _origin_of(self.data.provider)


def _origin_of(provider: str) -> str:
    return f"couponbus.{provider}"


class ReceivedEvent(BaseModel):
    """An event that producers send: unknown fields are allowed and not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    detail_type: ClassVar[str]
    version: ClassVar[int]
    registry: ClassVar[dict[str, type["ReceivedEvent"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Register the class, so that no contract can be missing."""
        super().__pydantic_init_subclass__(**kwargs)
        ReceivedEvent.registry[cls.detail_type] = cls


class Command(BaseModel):
    """A message on a queue of ours; both ends are couponbus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    registry: ClassVar[dict[str, type["Command"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Register the class, so that no contract can be missing."""
        super().__pydantic_init_subclass__(**kwargs)
        Command.registry[cls.__name__] = cls
