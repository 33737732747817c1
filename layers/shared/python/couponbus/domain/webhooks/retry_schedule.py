"""The retry schedule of webhooks, their ids, and the limits of failing and slow endpoints."""

import hashlib
import uuid
from datetime import datetime, timedelta

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
ATTEMPTS = len(SCHEDULE)
JITTER = 0.1  # of a delay, to either side
ATTEMPT_SECONDS = 15.0
SLOW_SECONDS, QUICK_SECONDS = 3.0, 1.0
FORGIVEN = timedelta(seconds=30)  # an endpoint that fails for less is not set aside
PROBATION, PROBATION_MOST = timedelta(minutes=1), timedelta(hours=6)
DISABLED_AFTER = timedelta(days=5)
HELD = timedelta(hours=6)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def message_id_of(event_id: str) -> str:
    """Return the `webhook-id` of a fact: the same for each attempt, endpoint and replay.

    Without a dot, which would move the parts of what is signed. Raises ValueError for an event
    id that is no UUID.
    """
    number = uuid.UUID(event_id).int
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"msg_{digits}"


def next_attempt(
    *, delivery_id: str, attempt: int, now: datetime, retry_after: float | None
) -> datetime | None:
    """Return when to try again after attempt number `attempt` (from 1) failed, None for never.

    The delay has a jitter that is computed from the delivery's id: those that failed together are
    not retried together. `retry_after` (seconds) can only make it later.
    """
    if attempt >= ATTEMPTS:
        return None
    delay = SCHEDULE[attempt] * (1 + JITTER * _chance(delivery_id, attempt))
    requested = timedelta(seconds=retry_after or 0.0)
    return now + max(delay, requested)


def probation(relapses: int) -> timedelta:
    """Return how long a slow endpoint counts as slow, however it answers then.

    Twice as long after each relapse: one that hangs now and then must not delay others so often.
    """
    return min(PROBATION * 2.0 ** min(relapses, 20), PROBATION_MOST)


def _chance(delivery_id: str, number: int) -> float:
    """Return a number from -1 to 1 that looks random."""
    hashed = hashlib.sha256(f"{delivery_id}:{number}".encode()).digest()
    return int.from_bytes(hashed[:4]) / 2**31 - 1
