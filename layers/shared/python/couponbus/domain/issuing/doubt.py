"""What an unsettled attempt says against its item: nothing, a refusal, or a contradiction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.issuance import Issuance

ATTEMPTS_ALONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """See the fields of `Issuance`; with none of them it is looked up and sent again."""

    refusal: str | None = None
    contradiction: str | None = None
    refused_since: datetime | None = None


def doubt_of(
    issuance: Issuance,
    attempt: Attempt,
    *,
    answer: BatchAnswer,
    healed_at: float,
    patience: timedelta,
    now: datetime,
) -> Doubt:
    """Weigh the outcome of an attempt for one request.

    `healed_at` is when an item of this account was last issued after a failure, in seconds since
    the epoch: a failure of the whole account says nothing against one item.
    """
    if attempt.outcome is Outcome.CONTRADICTED:
        return Doubt(contradiction=attempt.reason)
    if attempt.blame is Blame.ITEM:
        return Doubt(refusal=attempt.reason)
    if attempt.blame is not Blame.BATCH or len(answer.attempts) > 1:
        return Doubt(refused_since=issuance.refused_since)
    if answer.health is Health.REFUSING:
        return _refused_alone(issuance, attempt, healed_at=healed_at, patience=patience, now=now)
    return _passed_over(issuance, attempt)


def _refused_alone(
    issuance: Issuance, attempt: Attempt, *, healed_at: float, patience: timedelta, now: datetime
) -> Doubt:
    """Weigh a refusal in the provider's own form that does not name the request."""
    since = issuance.refused_since or now
    if healed_at > since.timestamp():
        return Doubt(refusal=attempt.reason, refused_since=since)
    if now - since >= patience:
        return Doubt(contradiction=attempt.reason, refused_since=since)
    return Doubt(refused_since=since)


def _passed_over(issuance: Issuance, attempt: Attempt) -> Doubt:
    """Weigh a success that omits the item; after several, only an operator can settle it."""
    # Other attempts say nothing about the item: it was not sent, or the connection failed.
    before = sum(
        step.what == "unknown" and step.detail == attempt.reason for step in issuance.trail
    )
    if before + 1 >= ATTEMPTS_ALONE:
        return Doubt(contradiction=attempt.reason)
    return Doubt(refused_since=issuance.refused_since)
