"""Whether the calls kept to an account's rate limit in every window and to its daily quota."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from couponbus.domain.polling.budget import PollAccount
from tests.simulation.world import BEGIN

DAY = 86_400.0
WINDOWS = (1.0, 10.0, 60.0)  # seconds
TOLERANCE = 1.1
ROUNDED, LATE = 2, 0.5  # calls, and seconds between a slot and its call


def too_fast(account: PollAccount, asked: Sequence[float], *, skew: float) -> Iterator[str]:
    """Yield where workers whose clocks differ by twice `skew` called more often than allowed."""
    for window in WINDOWS:
        most = account.calls_per_second * TOLERANCE * (window + 2 * skew + LATE) + ROUNDED
        worst = max(
            (place - bisect_left(asked, at - window) + 1 for place, at in enumerate(asked)),
            default=0,
        )
        if worst > most:
            yield f"P4 {account.name}: {worst} calls within {window} s, at most {most:.0f} may be"
    if account.calls_per_day is not None:
        yield from _too_many(account, asked, skew=skew)


def _too_many(account: PollAccount, asked: Sequence[float], *, skew: float) -> Iterator[str]:
    """Yield the days with too many calls; those near midnight may belong to either day."""
    near = skew + 1.0 / account.calls_per_second + LATE
    offset = BEGIN.timestamp()
    days = Counter(
        int((offset + at) // DAY) for at in asked if near < (offset + at) % DAY < DAY - near
    )
    for calls in days.values():
        if calls > (account.calls_per_day or 0):
            yield f"P4 {account.name}: {calls} calls on one day, at most {account.calls_per_day}"
