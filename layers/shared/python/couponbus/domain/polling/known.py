"""What a watch knows of the redemptions and offers that earlier polls showed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KnownUse:
    """A redemption that Uniqodo showed; `missing` from the last complete snapshot."""

    use: str
    content: str
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOffer:
    """What is known of an offer that Koupon showed.

    `baseline` redemptions were there before and still are; `active` are the ordinals of those that
    were recorded since and not reversed; `last_ordinal` is the highest ordinal given so far.
    `lower_count` was seen once. `ended` is why the offer ended, None while it is there.
    """

    offer_id: str
    count: int | None
    limit: int | None
    ends: datetime | None
    baseline: int
    active: tuple[int, ...] = ()
    last_ordinal: int = 0
    lower_count: int | None = None
    missing: bool = False
    warned: bool = False
    ended: str | None = None
