"""One difference between two versions of a schema, and its effect on the allowed values."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """The effect of a difference on the allowed values."""

    ADDED = "added"  # an optional field
    WIDER = "wider"  # all old values are allowed, and more
    NARROWER = "narrower"  # some old value is not allowed any more
    OTHER = "other"  # both, or unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change, in words that follow the name of the field; `path` is empty for the whole."""

    path: str
    effect: Effect
    change: str
