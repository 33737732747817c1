"""The pace of an account as an item of the table; what an older version left out is idle."""

from typing import cast

from couponbus.aws.ledger.attributes import Item, field_codec_of
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.rate_limit import Pace

_PACE = field_codec_of(Pace)
_ALWAYS = frozenset({"revision", "next_slot", "paused_until"})  # an item without them is damaged


def attributes_of(pace: Pace) -> Item:
    """Return the attributes beside the key."""
    return cast("Item", _PACE.write(pace))


def pace_in(item: Item | None) -> Pace:
    """Return the pace of an item, a new one if there is none. Raises LedgerUnavailable."""
    if not item:
        return Pace()
    try:
        if item.keys() >= _ALWAYS:
            return cast("Pace", _PACE.read(item))
    except (LookupError, TypeError, ValueError):
        pass
    key = item["pk"]["S"]
    raise LedgerUnavailable(
        f"the ledger's {key} cannot be read", code="pace:unreadable", broken=[key]
    )
