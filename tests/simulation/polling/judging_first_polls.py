"""A first poll that came late is published once, with how many redemptions it set aside."""

from collections.abc import Iterator, Sequence

from couponbus.domain.polling.compare import FIRST_POLL_LATE
from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from tests.simulation.polling.rounds import Round


def judged_first_polls(rounds: Sequence[Round], notices: Sequence[Notice]) -> Iterator[str]:
    """Yield what is wrong about them, given the notices about late first polls of one watch."""
    for during in rounds:
        first = during.stored[0]
        of_round = [one.set_aside for one in notices if one.started_at == during.started.news_from]
        if during.first is None or not _is_clear(during):
            continue
        expected = _set_aside(during, during.first) if _is_late(first.row) else 0
        if of_round != [expected] * bool(expected):
            yield f"P1 {first.row.key}: {of_round} were set aside by a late poll, not {expected}"


def _is_clear(during: Round) -> bool:
    """Whether a first snapshot says all: in later rounds Uniqodo's uses may be known."""
    return during.number == 1 or during.started.provider is Provider.KOUPON


def _is_late(row: Watch) -> bool:
    return row.first_poll_at is not None and row.first_poll_at - row.news_from > FIRST_POLL_LATE


def _set_aside(during: Round, first: Snapshot) -> int:
    """Return how many redemptions a first poll showed that may have happened since the sign-up."""
    if during.is_of_new_customer:
        return 0
    uses = sum(one.redeemed_at is None or one.redeemed_at.at is None for one in first.uses)
    return uses + sum(
        one.count or 0
        for one in first.offers
        if one.is_active and (one.starts is None or one.starts < during.started.news_from)
    )
