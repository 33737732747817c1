"""The form in which a provider stores a reference: as it was sent, or changed."""

from collections.abc import Callable, Mapping
from enum import StrEnum

CUT_TO = 20


class ReferenceChange(StrEnum):
    """How a provider changes a reference."""

    CUT = "cut"
    FOLDED = "folded"
    PADDED = "padded"
    REPLACED = "replaced"
    DROPPED = "dropped"


_CHANGES: Mapping[ReferenceChange, Callable[[str], str | None]] = {
    ReferenceChange.CUT: lambda code: code[:CUT_TO],
    ReferenceChange.FOLDED: str.lower,
    ReferenceChange.PADDED: lambda code: f" {code} ",
    ReferenceChange.REPLACED: lambda code: f"ref-{sum(code.encode())}",
    ReferenceChange.DROPPED: lambda _: None,
}


def changed_reference(reference: str | None, change: ReferenceChange | None) -> str | None:
    """Return a reference as the provider stores it; without a change, as it was sent."""
    if reference is None or change is None:
        return reference
    return _CHANGES[change](reference)
