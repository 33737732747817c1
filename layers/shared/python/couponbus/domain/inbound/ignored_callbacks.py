"""Callbacks from which no watch could be read: why, how many, and when the last one came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IgnoreReason(StrEnum):
    """Why a callback names no watch; also the name under which it is counted."""

    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    NO_PROMOTION = "no_promotion"
    NO_USER = "no_user"


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredCallbacks:
    """Those of an account since yesterday began (UTC), without reasons that did not occur."""

    numbers: Mapping[IgnoreReason, int]
    last_at: datetime
