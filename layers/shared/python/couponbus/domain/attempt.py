"""What one POST did, per requested barcode (docs/reliability.md#outcomes-of-a-post)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from couponbus.domain.barcode import Barcode


class Outcome(StrEnum):
    """Only NOT_SENT and REFUSED allow another POST without a look-up; CONTRADICTED allows none."""

    NOT_SENT = "NOT_SENT"
    REFUSED = "REFUSED"
    APPLIED = "APPLIED"
    UNKNOWN = "UNKNOWN"
    CONTRADICTED = "CONTRADICTED"  # a success that may or may not be this request's


class Blame(StrEnum):
    """Who must change before a repetition can do better."""

    NOBODY = "NOBODY"  # the way there: time heals
    ACCOUNT = "ACCOUNT"  # the key, or the pace
    BATCH = "BATCH"  # something among these requests, not known which: send fewer
    ITEM = "ITEM"  # this very request


class Health(StrEnum):
    """What a call says about the account as a whole; feeds the shared pace and the breaker."""

    GOOD = "GOOD"
    REFUSING = "REFUSING"  # all of one call, in the provider's own words
    THROTTLED = "THROTTLED"
    FAILING = "FAILING"
    UNAUTHORISED = "UNAUTHORISED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The outcome for one request; `reason` is a short code that is safe to log.

    `candidates` are the numbers that a contradicting answer has for this customer and offer.
    """

    outcome: Outcome
    reason: str
    blame: Blame = Blame.NOBODY
    barcode: Barcode | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """One POST: an attempt for each request, in the order of the requests.

    `retry_after` is in seconds and already bounded. `anomalies` counts items of the answer
    that belong to no request, to one twice, or to one under another reference; `unexplained`
    counts the requests about which a success says nothing that can be understood.
    """

    attempts: Sequence[Attempt]
    health: Health
    retry_after: float | None = None
    anomalies: int = 0
    unexplained: int = 0
