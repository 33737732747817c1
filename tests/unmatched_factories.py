"""Factories of unmatched sign-ups with arbitrary values."""

from datetime import timedelta

from couponbus.domain import identity
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally, tally_of
from tests.drawing import SPRING, draw


def any_unmatched(*, seed: int | None = None) -> UnmatchedSignUp:
    """Return one that is kept."""
    source = draw(seed)
    signup_id = f"signup-{source.randrange(10**9)}"
    arrived_at = SPRING + timedelta(seconds=source.randrange(10**6))
    return UnmatchedSignUp(
        unmatched_id=identity.digest("unmatched", source.random().hex()),
        tenant="default",
        source="shop",
        signup_id=signup_id,
        signed_up_at=arrived_at - timedelta(seconds=5),
        arrived_at=arrived_at,
        message=f'{{"source":"shop","detail":{{"signup_id":"{signup_id}"}}}}',
    )


def any_unmatched_tally(*, seed: int | None = None) -> UnmatchedTally:
    """Return one whose first sign-up is not published yet."""
    source = draw(seed)
    began_at = SPRING + timedelta(hours=source.randrange(10**4))
    tally = tally_of(tenant="default", source=f"shop-{source.randrange(10**9)}", now=began_at)
    return tally.counting(
        number=1,
        kept=1,
        signup_id=f"signup-{source.randrange(10**9)}",
        now=began_at,
        publish_by=began_at + timedelta(seconds=60),
    )
