"""All contracts: the event classes that registered themselves."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

import couponbus.events
from couponbus.events.base import Command, PublishedEvent, ReceivedEvent

type Direction = Literal["received", "published", "command", "webhook"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One class; `sources` is empty and `detail_type` None where it does not travel on the bus."""

    name: str
    version: int
    direction: Direction
    model: type[BaseModel]
    sources: tuple[str, ...]
    detail_type: str | None

    @property
    def stem(self) -> str:
        """Return the name that all versions share: the class of a later one adds V2."""
        return self.name.removesuffix(f"V{self.version}")

    @property
    def label(self) -> str:
        """Return the name and version for people."""
        what = " as a webhook" if self.direction == "webhook" else ""
        return f"{self.stem} v{self.version}{what}"

    @property
    def file(self) -> str:
        """Return the name of its schema and of its sample."""
        folder = "webhooks/" if self.direction == "webhook" else ""
        return f"{folder}{self.stem}.v{self.version}.json"

    def schema(self) -> dict[str, object]:
        """Return the JSON Schema (2020-12) of the event's detail, or of the message's body."""
        is_ours = self.direction in ("published", "webhook")
        schema = self.model.model_json_schema(mode="serialization" if is_ours else "validation")
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        if self.detail_type is not None:
            schema["x-detail-type"] = self.detail_type
        if self.sources:
            schema["x-source"] = self.sources[0] if len(self.sources) == 1 else [*self.sources]
        return schema


def contracts() -> Sequence[Contract]:
    """Import every event module and return the contracts: received, published, commands."""
    for module in pkgutil.iter_modules(couponbus.events.__path__):
        importlib.import_module(f"couponbus.events.{module.name}")
    return [
        *_received(ReceivedEvent.registry),
        *_published(PublishedEvent.registry),
        *_commands(Command.registry),
    ]


def _received(registry: Mapping[str, type[ReceivedEvent]]) -> list[Contract]:
    return [
        Contract(
            name=model.__name__,
            version=model.version,
            direction="received",
            model=model,
            sources=(),
            detail_type=model.detail_type,
        )
        for _, model in sorted(registry.items())
    ]


def _published(registry: Mapping[str, type[PublishedEvent]]) -> list[Contract]:
    return [
        Contract(
            name=model.__name__,
            version=model.version,
            direction="published",
            model=model,
            sources=model.origins(),
            detail_type=model.detail_type,
        )
        for _, model in sorted(registry.items())
    ]


def _commands(registry: Mapping[str, type[Command]]) -> list[Contract]:
    # Both ends of a command are deployed together, so it has one version.
    return [
        Contract(
            name=name,
            version=1,
            direction="command",
            model=model,
            sources=(),
            detail_type=None,
        )
        for name, model in sorted(registry.items())
    ]
