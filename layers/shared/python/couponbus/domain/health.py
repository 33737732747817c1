"""What a call to a provider says about the account, whatever it asked for."""

from enum import StrEnum


class Health(StrEnum):
    """What a call says about the account as a whole; feeds the shared pace and the breaker."""

    GOOD = "GOOD"
    REFUSING = "REFUSING"  # all of one call, in the provider's own words
    THROTTLED = "THROTTLED"
    FAILING = "FAILING"
    UNAUTHORISED = "UNAUTHORISED"
