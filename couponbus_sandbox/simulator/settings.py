"""The settings of a simulator: checked as a whole, and changed while it runs."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import ClassVar, Self, cast

from pydantic import ConfigDict, TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """Settings for what a provider does not document; those in `FIXED` cannot be changed later."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    FIXED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Self:
        """Return the settings if each value is allowed; raises pydantic's ValidationError."""
        # mypy takes the hash of an instance for that of its class.
        return cast("Self", _reader(cls).validate_python(values))  # type: ignore[arg-type]

    def checked(self) -> Self:
        """Return the settings if each value is allowed; raises pydantic's ValidationError."""
        return self.read(asdict(self))

    def changed(self, changes: Mapping[str, object]) -> Self:
        """Return the settings with some replaced; raises ValueError with the name at fault."""
        for name in self.FIXED:
            if name in changes:
                raise ValueError(f"{name}: cannot be changed while the simulator runs")
        return self.read({**asdict(self), **changes})

    def behaviour(self) -> dict[str, object]:
        """Return what `changed` can change, ready for JSON: no keys, no offers."""
        names = [each.name for each in fields(self) if each.name not in self.FIXED]
        return {name: getattr(self, name) for name in names}


def require_distinct(accounts: Iterable[tuple[str, str]], *, what: str) -> None:
    """Raise ValueError when two accounts have the same name, or the same `what`."""
    for values in zip(*accounts, strict=True):
        if len(set(values)) != len(values):
            raise ValueError(f"accounts: two have the same name or the same {what}")


@cache
def _reader(kind: type[ProviderSettings]) -> TypeAdapter[ProviderSettings]:
    return TypeAdapter(kind)
