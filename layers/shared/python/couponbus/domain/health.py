"""The health of a provider account, as the result of any call shows it."""

from enum import StrEnum


class Health(StrEnum):
    """What a call says about the account as a whole; feeds the rate limiter and its breaker."""

    GOOD = "GOOD"
    REFUSING = "REFUSING"  # the whole call, in the provider's own form
    THROTTLED = "THROTTLED"
    FAILING = "FAILING"
    UNAUTHORISED = "UNAUTHORISED"
