"""What a look-up that does not find the barcode makes of an issuance."""

from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.timing import Timing

LOOKS_NEEDED = 2


def is_last_look(issuance: Issuance) -> bool:
    """Whether one more empty look-up allows another POST."""
    return issuance.lookups + 1 >= LOOKS_NEEDED


def waiting_for_a_look(issuance: Issuance, *, now: datetime, until: datetime, why: str) -> Issuance:
    """Stay PENDING among what is looked up: nothing is sent for it before. Once said, it holds."""
    return replace(issuance.postponed(now=now, until=until, why=why), lookup_first=True)


def nothing_found(issuance: Issuance, *, now: datetime, timing: Timing) -> Issuance:
    """Count an empty look-up; the last one proves that nothing was applied.

    What the answer to the attempt contradicted stays contradicted: that is left to a human.
    What was refused alone is asked for again each time after twice as long.
    """
    publish_by = timing.publish_by(now)
    if not is_last_look(issuance):
        return issuance.looked(now=now, until=now + timedelta(seconds=timing.between_looks))
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
    """Look again later, each time after twice as long; after `resolve_for` leave it to a human."""
    since = vain_since(issuance, now=now, gap=timing.longest_silence)
    if now - since >= timedelta(seconds=timing.resolve_for):
        return issuance.ambiguous(
            numbers=issuance.candidates,
            reason=why,
            now=now,
            publish_by=timing.publish_by(now),
        )
    until = now + _doubled(since, now=now, timing=timing)
    return issuance.unproven(since=since, now=now, until=until, why=why)


def vain_since(row: Issuance | Resolution, *, now: datetime, gap: timedelta) -> datetime:
    """Return since when answers about it prove nothing, this one included.

    It begins anew with a row that was not asked about for longer than `gap` after it could have
    been, in an outage or before a restore: no answer is no evidence.
    """
    if row.unproven_since is None or row.ready_at is None or now - row.ready_at > gap:
        return now
    return row.unproven_since


def doubled(since: datetime, *, now: datetime, pause: timedelta, longest: timedelta) -> timedelta:
    """Return as long a pause as it has lasted already, within bounds."""
    return min(max(pause, now - since), longest)


def _doubled(since: datetime, *, now: datetime, timing: Timing) -> timedelta:
    pause, longest = timedelta(seconds=timing.between_looks), timedelta(seconds=timing.backoff_cap)
    return doubled(since, now=now, pause=pause, longest=longest)
