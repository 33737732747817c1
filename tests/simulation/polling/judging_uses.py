"""Uniqodo: each redemption that happened was published once and truthfully."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from couponbus.domain.polling.recorded_redemption import (
    LastEvent,
    RecordedRedemption,
    RedemptionState,
)
from couponbus.domain.polling.redemption import Redemption
from tests.simulation.ledger import Change
from tests.simulation.polling.rounds import Round, at_that_time, seen_use
from tests.simulation.polling.truth import Truth, Use
from tests.simulation.world import BEGIN

CLOCKS_APART = 8.0  # seconds, including the unknown clock error of providers
VALUE = "order_value"

type Rows = Mapping[str, tuple[RecordedRedemption, Sequence[Change]]]


def judged_use(truth: Truth, use: Use, rows: Rows, rounds: Sequence[Round]) -> Iterator[str]:
    """Yield what is wrong about one redemption; `rows` has its row and changes by its number."""
    row, published = rows.get(use.number, (None, ()))
    yield from _missed(truth, use, row, rounds)
    yield from _published_once(truth, use, published, rounds)
    yield from _published_truly(truth, use, published, rounds)


def _missed(
    truth: Truth, use: Use, row: RecordedRedemption | None, rounds: Sequence[Round]
) -> Iterator[str]:
    is_recorded = row is not None and row.was_recorded
    if not is_recorded and _is_owed(use, rounds):
        yield f"P1 use {use.number}: never recorded"
    elif row is not None and row.was_recorded and rounds and rounds[-1].is_plain:
        shown = seen_use(rounds[-1].last, use.number)
        is_reversed = row.state is RedemptionState.REVERSED
        may_be_cut = bool(use.cut.changes()) and not rounds[-1].is_running
        if shown is None and not is_reversed and (may_be_cut or not truth.is_provable):
            return
        if (shown is None) is not is_reversed:
            yield f"P1 use {use.number}: {row.state} in the end, which is not so"
        elif shown is not None and _has_another_value(shown, row):
            yield f"P1 use {use.number}: its last value was never published"


def _has_another_value(shown: Redemption, row: RecordedRedemption) -> bool:
    """Whether a value is shown that is not the published one; an illegible one says nothing."""
    return VALUE not in shown.doubtful and str(shown.order_value) != row.value.order_value


def _is_owed(use: Use, rounds: Sequence[Round]) -> bool:
    """Whether it must be recorded; one from before a watch need not, even if it was hidden."""
    for one in rounds:
        if _was_before(use, one):
            return False
        if seen_use(one.last, use.number):
            return True
    return False


def _was_before(use: Use, one: Round) -> bool:
    """Whether it may be taken for a redemption from before the watch."""
    may_be = one.was_cut or (one.first is not None and seen_use(one.first, use.number) is not None)
    return may_be and _age(use, one) > 0.0


def _age(use: Use, during: Round) -> float:
    """Return by how many seconds the stated time precedes the watch."""
    if use.stated is None:
        return 0.0 if during.is_of_new_customer else CLOCKS_APART * 2
    stated = BEGIN + timedelta(seconds=int(use.stated // 1))
    return (during.started.news_from - stated).total_seconds()


def _published_once(
    truth: Truth, use: Use, published: Sequence[Change], rounds: Sequence[Round]
) -> Iterator[str]:
    recorded = [one for one in published if _row(one).last_event is LastEvent.RECORDED]
    if len(recorded) > 1 or (published and not recorded):
        yield f"P2 use {use.number}: recorded {len(recorded)} times"
    for one in recorded:
        during = at_that_time(rounds, one.at)
        if during is None or during.first is None:
            yield f"P2 use {use.number}: recorded before the first poll"
            continue
        was_there = seen_use(during.first, use.number) or (
            truth.is_provable
            and during.hid_from_the_first(use, others=truth.others, until=one.at)
            and not _is_of_a_cut(truth, during, one)
        )
        if was_there and _age(use, during) > CLOCKS_APART:
            yield f"P2 use {use.number}: recorded, but it was there before"


def _is_of_a_cut(truth: Truth, during: Round, change: Change) -> bool:
    """Whether the poll that recorded it lacked others: then it may stand for one of these."""
    polls = [one.poll for one in during.stored if one.at == change.at and one.poll]
    return any(poll.snapshot.unlisted > truth.others.at(poll.at) for poll in polls)


def _published_truly(
    truth: Truth, use: Use, published: Sequence[Change], rounds: Sequence[Round]
) -> Iterator[str]:
    """The published values must be a subsequence of the true ones, none before it was true.

    A value that could not be read stays as it was published, also of one that stands again.
    """
    facts = use.values.facts
    place = 0
    last: object = ""
    for before, one in zip([None, *published], published, strict=False):
        row = _row(one)
        state = None if row.last_event is LastEvent.REVERSED else row.value.order_value
        words = (row.state, state, row.value.redeemed_raw)
        if words == last:
            yield f"P3 use {use.number}: {state} was published twice in a row"
        last = words
        if row.last_event is not LastEvent.REVERSED and state is None:
            continue  # the provider's value could not be read
        if place and facts[place - 1].state == state:
            continue  # another of its fields can be read now
        if state is None and _looks_taken_back(truth, use, one, rounds):
            continue
        if before and state == _row(before).value.order_value and _is_illegible(use, one, rounds):
            continue
        later = [i for i in range(place, len(facts)) if facts[i].state == state]
        if not later or facts[later[0]].at > one.at:
            yield f"P3 use {use.number}: {row.last_event} {state} is not what happened"
            return
        place = later[0] + 1


def _looks_taken_back(truth: Truth, use: Use, change: Change, rounds: Sequence[Round]) -> bool:
    """Whether it is cut, and no more uses are unlisted than when it was listed (decision 0137).

    Others were taken back, or listed for the first time. The true total counts: a glitch lowers it.
    """
    polls = [(each, each.poll) for during in rounds for each in during.stored if each.poll]
    listed = [
        poll.snapshot.unlisted
        for each, poll in polls
        if each.at < change.at and each.is_settled and seen_use(poll.snapshot, use.number)
    ]
    return bool(listed) and all(
        truth.total(poll.at) - len(poll.snapshot.uses) <= listed[-1]
        for each, poll in polls
        if each.at == change.at
    )


def _is_illegible(use: Use, change: Change, rounds: Sequence[Round]) -> bool:
    """Whether the poll that led to this change did not show a legible value."""
    polls = [
        each.poll
        for during in rounds
        for each in during.stored
        if each.at == change.at and each.poll is not None
    ]
    shown = [seen_use(poll.snapshot, use.number) for poll in polls]
    return any(one is not None and VALUE in one.doubtful for one in shown)


def _row(change: Change) -> RecordedRedemption:
    assert isinstance(change.row, RecordedRedemption)
    return change.row
