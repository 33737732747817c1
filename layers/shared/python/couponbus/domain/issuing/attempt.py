"""What one POST did, per requested barcode (docs/reliability.md#outcomes-of-a-post)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from couponbus.domain.brake import Finding
from couponbus.domain.health import Health
from couponbus.domain.issuing.barcode import Barcode


class Outcome(StrEnum):
    """Only NOT_SENT and REFUSED allow another POST without a look-up; CONTRADICTED allows none."""

    NOT_SENT = "NOT_SENT"
    REFUSED = "REFUSED"
    APPLIED = "APPLIED"
    UNKNOWN = "UNKNOWN"
    CONTRADICTED = "CONTRADICTED"  # a success that may or may not be this request's


class Blame(StrEnum):
    """What must change before a retry can succeed."""

    TRANSIENT = "TRANSIENT"  # the connection or the provider: retry later
    ACCOUNT = "ACCOUNT"  # the key, or the rate
    BATCH = "BATCH"  # some of these requests, unknown which: send fewer
    ITEM = "ITEM"  # this very request


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The outcome for one request; `reason` is a short code that is safe to log.

    `candidates` are the numbers that a contradicting answer has for this customer and offer.
    """

    outcome: Outcome
    reason: str
    blame: Blame = Blame.TRANSIENT
    barcode: Barcode | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """One POST: an attempt for each request, in the order of the requests.

    `retry_after` is in seconds and already bounded. `anomalies` counts items of the answer
    that belong to no request, to one twice, or to one under another reference; `unexplained`
    counts the requests for which a success has nothing that can be understood.
    """

    attempts: Sequence[Attempt]
    health: Health
    retry_after: float | None = None
    anomalies: int = 0
    unexplained: int = 0


def finding_of(answer: BatchAnswer, *, refused: int) -> Finding:
    """Return what an answer shows; `refused` is how many items it refuses.

    An unmatched item and the request that it may belong to are one anomaly, not two.
    """
    applied = any(attempt.outcome is Outcome.APPLIED for attempt in answer.attempts)
    understood = True if applied else None
    if not applied and answer.unexplained == len(answer.attempts) > 0:
        understood = False
    return Finding(
        refused=refused,
        anomalies=max(answer.anomalies, answer.unexplained),
        understood=understood,
    )
