"""What a look-up that does not find the barcode changes in an issuance."""

from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.row import LOOK_UP_FAILED, Row
from couponbus.domain.timing import Timing

LOOK_UPS_NEEDED = 2


def is_last_look_up(issuance: Issuance) -> bool:
    """Whether one more empty look-up allows another POST."""
    return issuance.lookups + 1 >= LOOK_UPS_NEEDED


def waiting_for_look_up(
    issuance: Issuance, *, now: datetime, until: datetime, why: str
) -> Issuance:
    """Stay PENDING, to be looked up before anything is sent; this holds until it is claimed."""
    return replace(issuance.postponed(now=now, until=until, why=why), lookup_first=True)


def nothing_found(issuance: Issuance, *, now: datetime, timing: Timing) -> Issuance:
    """Count an empty look-up; the last one proves that nothing was applied.

    A contradiction in the answer to the attempt stays: it is left to an operator.
    An item that was refused alone is sent again, each time after twice as long.
    """
    publish_by = timing.publish_by(now)
    if not is_last_look_up(issuance):
        return _counted(issuance, now=now, until=now + timedelta(seconds=timing.between_look_ups))
    if issuance.contradiction is not None:
        return issuance.ambiguous(
            numbers=issuance.candidates,
            reason=issuance.contradiction,
            now=now,
            publish_by=publish_by,
        )
    if issuance.refusal is not None:
        return issuance.rejected(reason=issuance.refusal, now=now, publish_by=publish_by)
    since = issuance.refused_since
    until = now if since is None else now + _doubled(since, now=now, timing=timing)
    return issuance.released(
        now=now, until=until, why="not found twice", batch_limit=issuance.batch_limit
    )


def nothing_proven(
    issuance: Issuance,
    *,
    why: str,
    now: datetime,
    timing: Timing,
) -> Issuance:
    """Look up again, each time after twice as long; after `resolve_for` leave it to an operator."""
    since = unproven_since_of(issuance, now=now, gap=timing.longest_silence)
    if now - since >= timedelta(seconds=timing.resolve_for):
        return issuance.ambiguous(
            numbers=issuance.candidates,
            reason=why,
            now=now,
            publish_by=timing.publish_by(now),
        )
    until = now + _doubled(since, now=now, timing=timing)
    return issuance.unproven(since=since, now=now, until=until, why=why)


def failed_look_up[R: Row](row: R, *, why: str, now: datetime) -> R:
    """Note that look-ups of its account fail, in one step however often they do; it waits on."""
    return replace(row, trail=row.step_again(now, LOOK_UP_FAILED, why))


def failing_since(row: Row) -> datetime | None:
    """Return since when look-ups fail that a row waits for, None when it made another step."""
    last = row.trail[-1] if row.trail else None
    return last.at if last is not None and last.what == LOOK_UP_FAILED else None


def unproven_since_of(row: Issuance | Resolution, *, now: datetime, gap: timedelta) -> datetime:
    """Return since when look-ups of a row prove nothing, this one included.

    It begins anew for a row that was not looked up for longer than `gap` after it was ready, in
    an outage or before a restore: no answer is no evidence.
    """
    if row.unproven_since is None or row.ready_at is None or now - row.ready_at > gap:
        return now
    return row.unproven_since


def doubled(since: datetime, *, now: datetime, pause: timedelta, longest: timedelta) -> timedelta:
    """Return a pause as long as the time since `since`, within bounds."""
    return min(max(pause, now - since), longest)


def _counted(issuance: Issuance, *, now: datetime, until: datetime) -> Issuance:
    issuance.require(IssuanceState.REQUESTED)
    return replace(
        issuance,
        lookups=issuance.lookups + 1,
        unproven_since=None,
        ready_at=until,
        due_at=until,
        trail=issuance.step(now, "not found"),
    )


def _doubled(since: datetime, *, now: datetime, timing: Timing) -> timedelta:
    pause, longest = (
        timedelta(seconds=timing.between_look_ups),
        timedelta(seconds=timing.backoff_cap),
    )
    return doubled(since, now=now, pause=pause, longest=longest)
