"""The form in which a provider stores a reference: as it was sent, or changed."""

from collections.abc import Callable, Mapping
from enum import StrEnum

CUT_TO = 20


class Bend(StrEnum):
    """How a provider changes a reference."""

    CUT = "cut"
    FOLDED = "folded"
    PADDED = "padded"
    REPLACED = "replaced"
    DROPPED = "dropped"


_BENDS: Mapping[Bend, Callable[[str], str | None]] = {
    Bend.CUT: lambda code: code[:CUT_TO],
    Bend.FOLDED: str.lower,
    Bend.PADDED: lambda code: f" {code} ",
    Bend.REPLACED: lambda code: f"ref-{sum(code.encode())}",
    Bend.DROPPED: lambda _: None,
}


def bent(reference: str | None, bend: Bend | None) -> str | None:
    """Return a reference as the provider stores it; without a bend, as it was sent."""
    if reference is None or bend is None:
        return reference
    return _BENDS[bend](reference)
