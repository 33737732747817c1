"""One difference between two versions of a schema, and what it does to what is possible."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a difference does to the values that are possible."""

    ADDED = "added"  # a field that may be left out
    WIDER = "wider"  # what was possible still is, and more
    NARROWER = "narrower"  # something was possible and is not any more
    OTHER = "other"  # both, or nobody can tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change, in words that follow the name of the field; `path` is empty for the whole."""

    path: str
    effect: Effect
    change: str
