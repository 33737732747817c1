"""Format moments, durations, counts and reasons as text."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from couponbus.domain.issuing.program import Refusal

MINUTE, HOUR, DAY = 60, 3600, 86400

REASONS: Mapping[str, str] = {
    Refusal.CONSENT_MISSING: "a consent that the program requires was not given",
    Refusal.AGE_UNKNOWN: "the program has a minimum age and the birth date is not known",
    Refusal.UNDER_AGE: "the customer is younger than the program allows",
    Refusal.PROGRAM_NOT_STARTED: "the program had not started",
    Refusal.PROGRAM_ENDED: "the program had ended",
    Refusal.PROGRAM_REMOVED: "the program was removed",
    Refusal.IDENTITY_MISSING: "the sign-up had neither a Coniq customer id nor an e-mail",
    Refusal.CUSTOMER_UNKNOWN: "the customer did not appear at Coniq in time",
    Refusal.SEVERAL_CUSTOMERS: "several customers have this e-mail at Coniq",
    Refusal.LOOKUPS_UNREADABLE: "Coniq's answers about this e-mail could not be used for too long",
}


def moment(at: datetime) -> str:
    """Return the moment in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(span: timedelta) -> str:
    """Return the approximate length, in whole days, hours, minutes or seconds."""
    seconds = int(abs(span.total_seconds()))
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def when(at: datetime, now: datetime) -> str:
    """Return the moment, and how far it is from now."""
    if at > now:
        return f"{moment(at)} (in {duration(at - now)})"
    return f"{moment(at)} ({duration(now - at)} ago)"


def reason(code: str | None) -> str:
    """Return the reason in words, with its code."""
    if code is None:
        return "no reason is stored"
    known = REASONS.get(code)
    return f"{known} ({code})" if known else code


def count(number: int, one: str, many: str | None = None) -> str:
    """Return `1 row` or `2 rows`."""
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
