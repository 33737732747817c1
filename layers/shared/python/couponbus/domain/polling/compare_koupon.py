"""Compares a Koupon snapshot with a watch: redemptions, reversals, offers that came or ended.

Koupon counts redemptions and names none: each unit of the count gets an ordinal here. Rises are
believed at once, falls and absences only when a second poll shows them too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from couponbus.domain.polling.comparison import Comparison
from couponbus.domain.polling.known import KnownOffer
from couponbus.domain.polling.koupon_counts import fallen, keys_to_reverse, risen
from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.polling.snapshot import OfferSnapshot, Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState

KNOWN_MAX = 200
NUMBERS_PER_REVISION = 100  # more ordinals than one poll can give
WITHDRAWN = "withdrawn"


def keys_to_compare(watch: Watch, snapshot: Snapshot) -> list[str]:
    """Return the keys of the stored redemptions that `compare_offers` may reverse."""
    shown = {one.offer_id: one for one in snapshot.offers}
    return [
        key
        for known in watch.offers
        if (seen := shown.get(known.offer_id)) is not None
        for key in keys_to_reverse(watch, known, seen.count)
    ]


def compare_offers(comparison: Comparison) -> Watch:
    """Return the updated watch; the rows to store go into `comparison.writes`."""
    watch, snapshot = comparison.watch, comparison.snapshot
    shown = {one.offer_id: one for one in snapshot.offers}
    known = [
        _absent(comparison, one)
        if (seen := shown.get(one.offer_id)) is None
        else _shown(comparison, seen, one)
        for one in watch.offers
    ]
    offers = _bounded([*known, *_strange(comparison, known)])
    lasting = [one for one in offers if one.ended is None]
    ends = (one.ends for one in lasting if one.ends and one.ends > comparison.now)
    is_missed = any(one.offer_id not in shown for one in lasting)
    return replace(
        watch,
        offers=offers,
        # While an offer is missing, it may be among those withheld since.
        withheld=min(watch.withheld, snapshot.withheld) if is_missed else snapshot.withheld,
        expires_at=min(ends, default=None),
    )


def _shown(comparison: Comparison, seen: OfferSnapshot, known: KnownOffer) -> KnownOffer:
    """Return what is known of an offer that is shown; fields that it lacks stay as they were."""
    if known.ended is not None:
        if comparison.writes.must_wait():
            return known
        _available(comparison, seen)
    ends = seen.ends or known.ends
    known = replace(
        known,
        ended=None,
        missing=False,
        limit=known.limit if seen.limit is None else seen.limit,
        ends=ends,
        warned=known.warned and known.ends == ends,
    )
    if seen.count is None:
        return known
    if known.count is None:
        return replace(known, count=seen.count, baseline=seen.count)
    if seen.count < known.count:
        return fallen(comparison, known, seen.count)
    known = replace(known, lower_count=None)
    inferred = _rests_on_the_program(comparison.watch, seen)
    return risen(comparison, known, seen.count, inferred=inferred)


def _strange(comparison: Comparison, known: Sequence[KnownOffer]) -> Iterator[KnownOffer]:
    """Yield offers that were not known; beyond KNOWN_MAX they would be new in each poll."""
    names = {one.offer_id for one in known}
    places = KNOWN_MAX - sum(one.ended is None for one in known)
    for seen in comparison.snapshot.offers:
        if seen.offer_id in names or not seen.is_active:
            continue  # one that is not active yet is new once it is
        if places <= 0:
            comparison.writes.anomalies += 1
        elif not comparison.writes.must_wait():
            places -= 1
            yield _shown(comparison, seen, _appeared(comparison, seen))


def _appeared(comparison: Comparison, seen: OfferSnapshot) -> KnownOffer:
    """Return a new offer; all its redemptions are news if the offer or the customer came since."""
    watch = comparison.watch
    # An offer that may have been dropped earlier has no news, and no ordinal is given twice.
    is_new = len(watch.offers) < KNOWN_MAX
    since = watch.customers is Customers.NEW or _began_since(watch, seen)
    count = 0 if is_new and since else seen.count
    if watch.state is not WatchState.STARTING:
        _available(comparison, seen)
    else:
        comparison.writes.set_aside += count or 0
    return KnownOffer(
        offer_id=seen.offer_id,
        count=count,
        limit=seen.limit,
        ends=seen.ends,
        baseline=count or 0,
        last_ordinal=0 if is_new else watch.revision * NUMBERS_PER_REVISION,
    )


def _began_since(watch: Watch, seen: OfferSnapshot) -> bool:
    return seen.starts is not None and seen.starts >= watch.news_from


def _rests_on_the_program(watch: Watch, seen: OfferSnapshot) -> bool:
    """Whether only the program says that what it counts at first came since the sign-up."""
    if watch.customers is not Customers.NEW or _began_since(watch, seen):
        return False
    is_known = any(one.offer_id == seen.offer_id for one in watch.offers)
    return watch.state is WatchState.STARTING or not is_known


def _available(comparison: Comparison, seen: OfferSnapshot) -> None:
    comparison.notice(
        NoticeKind.OFFER_AVAILABLE, offer_id=seen.offer_id, ends_at=seen.ends, view=seen.view
    )


def _absent(comparison: Comparison, known: KnownOffer) -> KnownOffer:
    """Return what is known of an offer that is not shown."""
    snapshot, writes = comparison.snapshot, comparison.writes
    if known.ended is not None or writes.must_wait():
        return known
    if known.ends is not None and known.ends < comparison.now:
        return _ended(comparison, known, EndReason.EXPIRED)
    is_withheld = snapshot.withheld > comparison.watch.withheld
    if not snapshot.is_complete or snapshot.is_doubtful or is_withheld:
        writes.is_unclear = True
        return known
    if not known.missing:
        writes.is_pending = True
        return replace(known, missing=True)
    return _gone(comparison, known)


def _gone(comparison: Comparison, known: KnownOffer) -> KnownOffer:
    """Conclude why an offer left the list before its end (docs/providers.md#koupon-redemptions)."""
    if not known.limit or known.count is None or known.count + 1 < known.limit:
        return _ended(comparison, known, WITHDRAWN)
    is_inferred = known.count < known.limit
    if is_inferred:
        known = risen(comparison, known, known.limit, inferred=True)
    return _ended(comparison, known, EndReason.USED_UP, inferred=is_inferred)


def _ended(
    comparison: Comparison, known: KnownOffer, reason: str, *, inferred: bool = False
) -> KnownOffer:
    comparison.notice(
        NoticeKind.OFFER_ENDED,
        offer_id=known.offer_id,
        reason=str(reason),
        ends_at=known.ends,
        inferred=inferred,
    )
    return replace(known, ended=str(reason), missing=False, lower_count=None)


def _bounded(offers: Sequence[KnownOffer]) -> tuple[KnownOffer, ...]:
    """Return the offers, ended ones last; of too many, those that ended first are dropped."""
    lasting = [one for one in offers if one.ended is None]
    ended = [one for one in offers if one.ended is not None]
    return (*lasting, *ended[: max(KNOWN_MAX - len(lasting), 0)])
