"""Koupon: the recorded and reversed redemptions of an offer add up to what its count did."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.snapshot import OfferSnapshot
from tests.simulation.ledger import Change
from tests.simulation.polling.rounds import Round, at_that_time, seen_offer
from tests.simulation.polling.truth import Listed
from tests.simulation.polling.witness import Stored
from tests.simulation.world import BEGIN

STEPS = {LastEvent.RECORDED: 1, LastEvent.REVERSED: -1}


def judged_offer(
    offer: Listed, published: Sequence[Change], rounds: Sequence[Round]
) -> Iterator[str]:
    """Yield what is wrong about an offer, given the published changes of its redemptions."""
    recorded = [_row(one).key for one in published if _row(one).last_event is LastEvent.RECORDED]
    if len(set(recorded)) < len(recorded):
        yield f"P2 {offer.offer_id}: one redemption was recorded twice"
    if any(at_that_time(rounds, one.at) is None for one in published):
        yield f"P2 {offer.offer_id}: recorded before the first poll"
    for one in rounds:
        of_round = [each for each in published if at_that_time(rounds, each.at) is one]
        yield from _judged(offer, of_round, one)


def _judged(offer: Listed, published: Sequence[Change], during: Round) -> Iterator[str]:
    shown = list(during.shown(offer.offer_id))
    baseline = _baseline(offer, during)
    seen = seen_offer(during.last, offer.offer_id)
    if baseline is None:
        if published:
            yield f"P2 {offer.offer_id}: recorded, but never counted"
        if seen is not None and seen.count is not None:
            yield f"P1 {offer.offer_id}: never noticed"
        return
    net = sum(STEPS[_event_of(one)] for one in published)
    inferred = sum(_is_concluded(one, during) for one in published)
    if during.is_settled and seen is not None and seen.count is not None:
        allowed = {seen.count}
    else:
        counts = list(_believable(shown)) or [baseline]
        allowed = set(range(min(counts), max(counts) + 1 + inferred))
    if baseline + net not in allowed:
        yield f"P1 {offer.offer_id}: {net} more than {baseline} were published, not {allowed}"
    yield from _published_truly(offer, published, baseline, during)


def _believable(shown: Sequence[tuple[Stored, OfferSnapshot]]) -> Iterator[int]:
    """Yield the counts since the last one that needed no confirmation."""
    for stored, seen in reversed(shown):
        yield seen.count or 0
        if stored.is_settled:
            return


def _baseline(offer: Listed, during: Round) -> int | None:
    """Return the count with which a round begins: 0 if the offer or the customer came since."""
    for stored in during.stored:
        seen = seen_offer(stored.poll.snapshot, offer.offer_id) if stored.poll else None
        if seen is None:
            continue
        if during.is_of_new_customer or _began_since(offer, during):
            return 0
        return next((one.count for _, one in during.shown(offer.offer_id)), None)
    return None


def _began_since(offer: Listed, during: Round) -> bool:
    if offer.starts is None:
        return False
    return BEGIN + timedelta(seconds=int(offer.starts // 1)) >= during.started.news_from


def _is_concluded(change: Change, during: Round) -> bool:
    """Whether it was inferred from a list that lacks the offer; of a new customer it is shown."""
    row = _row(change)
    polls = [one.poll for one in during.stored if one.at == change.at and one.poll is not None]
    return row.inferred and all(
        seen_offer(one.snapshot, row.offer_id or "") is None for one in polls
    )


def _published_truly(
    offer: Listed, published: Sequence[Change], baseline: int, during: Round
) -> Iterator[str]:
    """The published counts must be a subsequence of the true ones, none before it was true."""
    history = list(_history(offer))
    count, place = baseline, 0
    moments = sorted({one.at for one in published})
    for at in moments:
        together = [one for one in published if one.at == at]
        count += sum(STEPS[_event_of(one)] for one in together)
        if any(_is_concluded(one, during) for one in together):
            continue
        later = [i for i in range(place, len(history)) if history[i][1] == count]
        if not later or history[later[0]][0] > at:
            yield f"P3 {offer.offer_id}: a count of {count} was published, which was not so"
            return
        place = later[0]


def _history(offer: Listed) -> Iterator[tuple[float, int]]:
    """Yield each count and since when it was true, including all counts that were passed."""
    last = 0
    for fact in offer.standings.facts:
        step = 1 if fact.state.count >= last else -1
        for count in range(last, fact.state.count, step):
            yield fact.at, count
        yield fact.at, fact.state.count
        last = fact.state.count


def _event_of(change: Change) -> LastEvent:
    event = _row(change).last_event
    assert event is not None
    return event


def _row(change: Change) -> RecordedRedemption:
    assert isinstance(change.row, RecordedRedemption)
    return change.row
