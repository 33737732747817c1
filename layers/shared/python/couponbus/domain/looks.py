"""What a look-up that does not find the barcode makes of an issuance."""

from datetime import datetime, timedelta

from couponbus.domain.issuance import Issuance

LOOKS_NEEDED = 2


def is_last_look(issuance: Issuance) -> bool:
    """Whether one more empty look-up allows another POST."""
    return issuance.looks + 1 >= LOOKS_NEEDED


def nothing_found(
    issuance: Issuance, *, now: datetime, pause: timedelta, publish_by: datetime
) -> Issuance:
    """Count an empty look-up; the last one proves that nothing was applied.

    What the answer to the attempt contradicted stays contradicted: that is left to a human.
    """
    if not is_last_look(issuance):
        return issuance.looked(now=now, until=now + pause)
    if issuance.contradiction is not None:
        return issuance.ambiguous(
            numbers=issuance.candidates,
            reason=issuance.contradiction,
            now=now,
            publish_by=publish_by,
        )
    if issuance.refusal is not None:
        return issuance.rejected(reason=issuance.refusal, now=now, publish_by=publish_by)
    return issuance.released(
        now=now, until=now, why="not found twice", batch_limit=issuance.batch_limit
    )


def nothing_proven(
    issuance: Issuance,
    *,
    why: str,
    now: datetime,
    pauses: tuple[timedelta, timedelta],
    patience: timedelta,
    publish_by: datetime,
) -> Issuance:
    """Ask again later, each time after twice as long; after `patience` leave it to a human.

    `pauses` are the shortest and the longest.
    """
    since = issuance.unproven_since or now
    if now - since >= patience:
        return issuance.ambiguous(
            numbers=issuance.candidates, reason=why, now=now, publish_by=publish_by
        )
    shortest, longest = pauses
    pause = min(max(shortest, now - since), longest)
    return issuance.unproven(since=since, now=now, until=now + pause, why=why)
