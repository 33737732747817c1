"""Reopening a decided issuance, for a later sign-up or by an operator.

It is PENDING if nothing was ever sent, otherwise REQUESTED, so that it is looked up before
anything is sent again.
"""

from datetime import datetime

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.look_up_results import LOOK_UPS_NEEDED
from couponbus.domain.issuing.unmatched import UNMATCHED

REOPENED, RETRIED, ALLOWED_AGAIN = "reopened", "retried", "allowed again"


def may_reopen(issuance: Issuance) -> bool:
    """Whether it was refused, and no attempt of it is unsettled at the provider.

    An AMBIGUOUS one may be reopened too if it was only refused alone, which may be the account's
    fault, and no barcode of it was found.
    """
    if issuance.state is IssuanceState.AMBIGUOUS:
        refused_alone = (
            issuance.refused_since is not None and issuance.reason == issuance.contradiction
        )
        return refused_alone and issuance.unproven_since is None
    return issuance.state is IssuanceState.REJECTED


def reopened(issuance: Issuance, *, by: Issuance, now: datetime) -> Issuance:
    """Reopen a refused issuance for a later sign-up. Raises TransitionRefused.

    One that was ever sent keeps its reference, under which its barcode would be found.
    """
    return replace(
        _again(issuance, now=now, what=REOPENED, why=by.signup_id),
        program=by.program,
        channel=by.channel,
        tracking_code=issuance.tracking_code if issuance.attempt else by.tracking_code,
        signup_id=by.signup_id,
        signed_up_at=by.signed_up_at,
        uniqodo_user=by.uniqodo_user,
        koupon_consumer=by.koupon_consumer,
        consents=by.consents,
        age=by.age,
        dropped_fields=by.dropped_fields,
        trace_id=by.trace_id,
    )


def joined(issuance: Issuance, *, by: Issuance) -> Issuance:
    """Add consents and age from another sign-up of the customer to an undecided issuance.

    The gates may be checked again: what the first sign-up lacks must not refuse the other one.
    """
    consents = (*issuance.consents, *(one for one in by.consents if one not in issuance.consents))
    age = issuance.age if by.age is None else max(by.age, issuance.age or 0)
    if (consents, age) == (issuance.consents, issuance.age):
        return issuance
    return replace(issuance, consents=consents, age=age)


def retried(issuance: Issuance, *, program: str, now: datetime, why: str) -> Issuance:
    """Reopen a refused issuance for the same sign-up, on behalf of an operator.

    `program` is the one in force that owes it now. Raises TransitionRefused.
    """
    return replace(_again(issuance, now=now, what=RETRIED, why=why), program=program)


def _again(issuance: Issuance, *, now: datetime, what: str, why: str) -> Issuance:
    """Reopen it; after an attempt, one more look-up comes first, by customer and offer."""
    if not may_reopen(issuance):
        raise TransitionRefused(f"{issuance.key}: something of it may be at the provider")
    was_sent = issuance.attempt > 0
    return replace(
        issuance,
        state=IssuanceState.REQUESTED if was_sent else IssuanceState.PENDING,
        lookups=LOOK_UPS_NEEDED - 1 if was_sent else 0,
        doubt=None,
        refusal=None,
        contradiction=None,
        refused_since=None,
        unproven_since=None,
        candidates=(),
        batch_limit=None,
        reason=None,
        decided_at=None,
        ready_at=None,
        due_at=now,
        published=issuance.outcomes,  # the decision is void: its event is no longer owed
        trail=issuance.step(now, what, why),
    )


def allowed_again(issuance: Issuance, *, now: datetime, why: str) -> Issuance:
    """Allow another POST, on behalf of an operator: the numbers found are not this customer's.

    Raises TransitionRefused.
    """
    issuance.require(IssuanceState.AMBIGUOUS)
    return replace(
        issuance,
        state=IssuanceState.PENDING,
        candidates=(),
        reason=None,
        claim_id=None,
        requested_at=None,  # barcodes made until now are known, and not this customer's
        requested_since=None,
        ready_at=now,
        due_at=now,
        published=issuance.outcomes,
        trail=issuance.step(now, ALLOWED_AGAIN, why),
    )


def open_since(issuance: Issuance) -> datetime | None:
    """Return since when the provider owes its outcome: its first step, or the last reopening.

    None before its first step. No postponement changes it. The time in which no program matched
    its sign-up does not count; that for which a restored table had forgotten it does.
    """
    for step in reversed(issuance.trail):
        if step.what in (REOPENED, RETRIED, ALLOWED_AGAIN):
            return step.at
    return next((step.at for step in issuance.trail if step.what != UNMATCHED), None)
