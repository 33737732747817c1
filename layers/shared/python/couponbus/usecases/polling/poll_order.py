"""In which order polls are made that must be stored, and how many at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import batched
from operator import itemgetter

from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider

SECONDS_AT_ONCE = 20.0  # as many polls are stored at once as can be made in about this time
SECONDS_OF_BACKFILL = 10.0  # of an invocation: sign-ups behind it in the queue wait no longer
AT_ONCE_MAX = 100
# A first poll that failed: in each tick of the sweeper at first, then ever more seldom, as each try
# writes the row. So it comes late by a twelfth of the failure, and by a quarter of an hour at most.
FIRST_AGAIN, FIRST_AGAIN_MAX = timedelta(seconds=45), timedelta(minutes=15)
FIRST_AGAIN_SHARE = 12


class _Rank(IntEnum):
    SIGN_UP = 0
    RUNNING = 1
    BACKFILL = 2


def in_order(
    watches: Sequence[Watch], accounts: Mapping[tuple[Provider, str], PollAccount]
) -> Iterator[Sequence[Watch]]:
    """Yield watches of one account that are polled together, first polls of sign-ups first.

    Of a backfill only some come, at the end; `left_over` has the others.
    """
    for rank, pace, group in _groups(watches, accounts):
        if rank is _Rank.BACKFILL:
            yield group[: _most(pace * SECONDS_OF_BACKFILL)]
        else:
            yield from batched(group, _most(pace * SECONDS_AT_ONCE), strict=False)


def left_over(
    watches: Sequence[Watch], accounts: Mapping[tuple[Provider, str], PollAccount]
) -> Iterator[tuple[Watch, timedelta]]:
    """Yield the watches of a backfill that must wait, with how long: as if each had its turn."""
    for rank, pace, group in _groups(watches, accounts):
        if rank is _Rank.BACKFILL:
            first = _most(pace * SECONDS_OF_BACKFILL)
            for place, watch in enumerate(group[first:], start=1):
                yield watch, max(FIRST_AGAIN, timedelta(seconds=place / pace))


def first_again(watch: Watch, *, now: datetime) -> datetime:
    """Return when the sweeper must enqueue a watch whose first poll failed."""
    grown = (now - watch.started_at) / FIRST_AGAIN_SHARE
    return now + min(max(FIRST_AGAIN, grown), FIRST_AGAIN_MAX)


def _groups(
    watches: Sequence[Watch], accounts: Mapping[tuple[Provider, str], PollAccount]
) -> Iterator[tuple[_Rank, float, Sequence[Watch]]]:
    """Yield the watches of each rank and account, with the pace of the account."""
    groups: dict[tuple[_Rank, Provider, str], list[Watch]] = {}
    for watch in watches:
        groups.setdefault((_rank(watch), watch.provider, watch.account), []).append(watch)
    for (rank, provider, name), group in sorted(groups.items(), key=itemgetter(0)):
        account = accounts.get((provider, name))
        yield rank, account.calls_per_second if account else 1.0, group


def _rank(watch: Watch) -> _Rank:
    if watch.is_first_of_sign_up:
        return _Rank.SIGN_UP
    return _Rank.BACKFILL if watch.state is WatchState.STARTING else _Rank.RUNNING


def _most(watches: float) -> int:
    return max(1, min(AT_ONCE_MAX, int(watches)))
