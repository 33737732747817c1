"""Starting again with an issuance that was decided: for a later sign-up, or by an operator."""

from datetime import datetime

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.issuance import Issuance, IssuanceState


def reopened(issuance: Issuance, *, by: Issuance, now: datetime) -> Issuance:
    """Start again for a later sign-up, after a refusal before anything was sent.

    Raises TransitionRefused.
    """
    if not issuance.may_reopen:
        raise TransitionRefused(f"{issuance.key}: something was sent for it")
    return replace(
        issuance,
        state=IssuanceState.PENDING,
        program=by.program,
        channel=by.channel,
        tracking_code=by.tracking_code,
        signup_id=by.signup_id,
        signed_up_at=by.signed_up_at,
        uniqodo_user=by.uniqodo_user,
        koupon_consumer=by.koupon_consumer,
        consents=by.consents,
        age=by.age,
        reason=None,
        decided_at=None,
        ready_at=None,
        due_at=now,
        published=issuance.outcomes,  # what was decided holds no more: nobody is owed it
        trail=issuance.step(now, "reopened", by.signup_id),
    )


def allowed_again(issuance: Issuance, *, now: datetime, why: str) -> Issuance:
    """Let an operator have it issued anew: the found numbers are not this customer's.

    Raises TransitionRefused.
    """
    issuance.require(IssuanceState.AMBIGUOUS)
    return replace(
        issuance,
        state=IssuanceState.PENDING,
        candidates=(),
        reason=None,
        claim_id=None,
        requested_at=None,  # what was made until now is known, and not this customer's
        asked_since=None,
        ready_at=now,
        due_at=now,
        published=issuance.outcomes,
        trail=issuance.step(now, "allowed again", why),
    )
