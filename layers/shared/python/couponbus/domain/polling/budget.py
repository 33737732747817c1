"""The call budget of an account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.provider import Provider

DAY = 86_400.0
SHARE_FOR_DUE_POLLS = 0.85  # the rest is for first, last and confirming polls
# Of the calls of a day, for the first polls of new sign-ups alone: what a customer redeems before
# the first poll cannot be told from what was redeemed earlier, so no backfill may delay that one.
SHARE_FOR_SIGN_UPS = 0.1
POLLS_PER_REST = 2  # of each watch: a promise of one needs two, as a tick may be late


@dataclass(frozen=True, slots=True, kw_only=True)
class PollAccount:
    """The limits of an account: calls per second and per UTC day, None for no limit.

    No watch goes without a poll for longer than `max_interval_seconds`, if the budget allows two
    polls of each watch in this time.
    """

    provider: Provider
    name: str
    calls_per_second: float
    calls_per_day: int | None
    max_interval_seconds: float

    @property
    def key(self) -> tuple[Provider, str]:
        """The key by which it is found."""
        return self.provider, self.name

    @property
    def reserved(self) -> int:
        """How many calls of a day only the first polls of new sign-ups may use."""
        return reserved_of(self.calls_per_day)

    @property
    def carries(self) -> int:
        """Of how many watches none needs to wait for longer than `max_interval_seconds`."""
        return int(self.planned_rate() * self.max_interval_seconds / POLLS_PER_REST)

    def first_polls_take(self, watches: int) -> timedelta:
        """Return how long the first polls of so many watches of a backfill take at least."""
        pace = self.calls_per_second
        if self.calls_per_day is not None:
            pace = min(pace, (self.calls_per_day - self.reserved) / DAY)
        return timedelta(seconds=watches / pace) if pace else timedelta.max

    def planned_rate(self, *, share_left: float = 1.0) -> float:
        """Return the calls per second that may be planned with this share of the day's budget."""
        by_pace = self.calls_per_second * SHARE_FOR_DUE_POLLS
        if self.calls_per_day is None:
            return by_pace
        by_day = min(self.calls_per_day * SHARE_FOR_DUE_POLLS, self.calls_per_day - self.reserved)
        return min(by_pace, by_day / DAY * share_left)


def reserved_of(calls_per_day: int | None) -> int:
    """Return how many calls of a day are reserved, none of a single one."""
    if calls_per_day is None or calls_per_day <= 1:
        return 0
    return max(int(calls_per_day * SHARE_FOR_SIGN_UPS), 1)


def allowed_rate(account: PollAccount, *, spent: int, now: datetime) -> float:
    """Return the calls per second that may be planned for the rest of the day.

    Calls saved in the morning are not spent in the evening: polls are worth most at an even rate.
    """
    if not account.calls_per_day:
        return account.planned_rate()
    shared = account.calls_per_day - account.reserved
    left = max(shared - spent, 0) / shared
    of_day = (DAY - now.timestamp() % DAY) / DAY
    return account.planned_rate(share_left=min(left / of_day, 1.0))
