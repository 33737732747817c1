"""Where a watch stands, and why it ended."""

from enum import StrEnum


class WatchState(StrEnum):
    """Where a watch stands."""

    STARTING = "STARTING"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class EndReason(StrEnum):
    """Why a watch ended; sent as `reason` to subscribers."""

    EXPIRED = "expired"
    USED_UP = "used_up"
    HORIZON = "horizon_passed"
    CANCELLED = "cancelled"
    ERASED = "customer_erased"
