"""Setting and releasing the brake of an account; after a release one item is sent first."""

from dataclasses import replace

from couponbus.domain.brake import Brake, BrakeLimits, Cause, Finding
from couponbus.domain.rate_limit import Pace, Reservation


def is_worth_noting(*, reservation: Reservation, finding: Finding) -> bool:
    """Whether a finding must be stored; while the account is healthy, none must."""
    return finding.is_odd or (reservation.suspected and finding.understood is True)


def noted(pace: Pace, *, finding: Finding, limits: BrakeLimits, now: float) -> Pace:
    """Count what an answer shows; returns the same pace when there is nothing to store."""
    return _with(pace, pace.brake.found(finding, limits=limits, now=now))


def braked(pace: Pace, *, remark: str, now: float) -> Pace:
    """Set the brake on behalf of an operator."""
    return _with(pace, pace.brake.held(Cause.OPERATOR, now=now, remark=remark))


def resumed(pace: Pace, *, now: float) -> Pace:
    """Release the brake, and probe with one item: the others follow after its success."""
    posts = pace.posts
    probing = replace(
        posts.at_once(),
        openings=max(posts.openings, 1),
        failing_since=posts.failing_since or now,
    )
    return _with(replace(pace, posts=probing), Brake(counted_from=now))


def _with(pace: Pace, brake: Brake) -> Pace:
    if brake == pace.brake:
        return pace
    return replace(pace, brake=brake, revision=pace.revision + 1)
