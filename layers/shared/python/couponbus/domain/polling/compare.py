"""What one poll changes in a watch: what is new, what is due, and when to poll next."""

import dataclasses
from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.polling import compare_koupon, compare_uniqodo
from couponbus.domain.polling.comparison import Changes, Comparison
from couponbus.domain.polling.known import KnownOffer
from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.polling.snapshot import UNCLEAR, Snapshot, content_part
from couponbus.domain.polling.watch import YOUNG_AGAIN, Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider

FIRST_POLL_PATIENCE = timedelta(hours=1)
LAST_POLL_PATIENCE = timedelta(days=1)
FIRST_POLL_LATE = timedelta(minutes=10)
FIRST_POLLS = {Customers.ANY: "first poll", Customers.NEW: "first poll of a new customer"}


def keys_to_compare(watch: Watch, snapshot: Snapshot) -> list[str]:
    """Return the keys of the stored redemptions that `after_poll` needs."""
    if watch.provider is Provider.UNIQODO:
        return compare_uniqodo.keys_to_compare(watch, snapshot)
    return compare_koupon.keys_to_compare(watch, snapshot)


def has_news(comparison: Comparison) -> bool:
    """Return whether this snapshot, if a second one confirms it, would change what is stored."""
    watch = comparison.watch
    if watch.state is WatchState.ENDED:
        return False
    changes = after_poll(comparison)
    same = replace(changes.watch, due_at=watch.due_at, trail=watch.trail)
    return bool(changes.rows) or same != watch


def after_poll(comparison: Comparison) -> Changes:
    """Return everything that this snapshot changes, to be stored all together or not at all."""
    watch = comparison.watch
    if not _is_enough(comparison):
        return Changes(watch=watch.put_off(until=watch.next_due(now=comparison.now)))
    comparison = dataclasses.replace(comparison)  # its writes begin empty
    writes, is_uniqodo = comparison.writes, watch.provider is Provider.UNIQODO
    compare = compare_uniqodo.compare_uses if is_uniqodo else compare_koupon.compare_offers
    seen = _noted(_begun(compare(comparison), comparison), comparison)
    _began_late(seen, comparison)
    seen = _warned(_usable_again(seen.renewed(), comparison), comparison)
    seen = replace(seen, digest=_digest(seen, comparison))
    seen = _concluded(seen, comparison)
    return Changes(
        watch=seen,
        rows=tuple(writes.rows.values()),
        recorded=writes.recorded,
        reversed=writes.reversed,
        anomalies=writes.anomalies,
        params_dropped=writes.params_dropped,
    )


def _is_enough(comparison: Comparison) -> bool:
    """Return whether the snapshot may be compared; a first one must be clear, for a while.

    What a first one lacks would look new in the second, and what has no legible time old.
    """
    watch, snapshot = comparison.watch, comparison.snapshot
    if watch.state is not WatchState.STARTING:
        return True
    if snapshot.is_clear and not compare_uniqodo.hides_a_known_one(watch, snapshot):
        return True
    return comparison.now >= watch.started_at + FIRST_POLL_PATIENCE


def _begun(watch: Watch, comparison: Comparison) -> Watch:
    """Activate it when all of the first snapshot is settled: what is left must not look new."""
    if watch.state is not WatchState.STARTING:
        return watch
    watch = replace(watch, set_aside=watch.set_aside + comparison.writes.set_aside)
    if comparison.writes.must_wait():
        return watch
    return replace(
        watch,
        state=WatchState.ACTIVE,
        cohort_at=watch.started_at,
        first_poll_at=comparison.now,
        news_at=comparison.now,
        trail=watch.step(comparison.now, FIRST_POLLS[watch.customers]),
    )


def _began_late(watch: Watch, comparison: Comparison) -> None:
    """Publish that a first poll came late, if what it set aside may have been redeemed before."""
    if comparison.watch.state is not WatchState.STARTING or watch.first_poll_at is None:
        return
    if watch.set_aside and watch.first_poll_at - watch.news_from > FIRST_POLL_LATE:
        comparison.notice(NoticeKind.FIRST_POLL_LATE, offer_id=None, set_aside=watch.set_aside)


def _noted(watch: Watch, comparison: Comparison) -> Watch:
    """Note news; after a redemption the watch is polled as often as a young one."""
    now, writes = comparison.now, comparison.writes
    if not writes.rows:
        return watch
    noted = replace(
        watch,
        # What had to wait did not happen after this poll.
        news_at=watch.news_at if writes.is_pending else now,
        recorded=watch.recorded + writes.recorded,
        trail=watch.step(now, "news", f"{writes.recorded} recorded, {writes.reversed} reversed"),
    )
    young = now - YOUNG_AGAIN
    # One that is little older stays where it is: a move is two writes of an index.
    if not writes.recorded or watch.cohort_at is None or watch.cohort_at >= young - YOUNG_AGAIN:
        return noted
    return replace(noted, cohort_at=young)


def _warned(watch: Watch, comparison: Comparison) -> Watch:
    """Announce approaching ends, each once, of what can still be redeemed."""
    if watch.warn_days is None or watch.used_up_at is not None:
        return watch
    near = comparison.now + timedelta(days=watch.warn_days)
    if watch.provider is Provider.KOUPON:
        offers = tuple(_warned_of(one, near, comparison) for one in watch.offers)
        return replace(watch, offers=offers)
    ends = watch.expires_at
    if ends is None or watch.warned or ends > near:
        return watch
    if ends > comparison.now:
        comparison.notice(NoticeKind.BARCODE_EXPIRING, offer_id=watch.offer_id, ends_at=ends)
    return replace(watch, warned=True)


def _warned_of(offer: KnownOffer, near: datetime, comparison: Comparison) -> KnownOffer:
    ends = offer.ends
    if ends is None or offer.warned or offer.ended is not None or ends > near:
        return offer
    if comparison.writes.must_wait():
        return offer
    is_left = offer.limit is None or (offer.count or 0) < offer.limit
    if is_left and ends > comparison.now:
        comparison.notice(NoticeKind.BARCODE_EXPIRING, offer_id=offer.offer_id, ends_at=ends)
    return dataclasses.replace(offer, warned=True)  # has slots, unlike a row


def _digest(watch: Watch, comparison: Comparison) -> str:
    """Return the digest to compare the next snapshot with; after the end none is UNCLEAR."""
    writes, is_over = comparison.writes, watch.last_poll_at <= comparison.now
    if writes.is_pending or (writes.is_unclear and is_over):
        return ""
    if writes.is_unclear:
        return UNCLEAR
    snapshot = comparison.snapshot
    return snapshot.marked(content_part(snapshot.digest), watch.code_errors)


def _concluded(watch: Watch, comparison: Comparison) -> Watch:
    """End the watch if its time has come, else set when it is due again."""
    now = comparison.now
    seen = _used_up(watch, comparison)
    reason = _end_reason(seen, comparison)
    if reason is None:
        return replace(seen, due_at=seen.next_due(now=now))
    if reason is EndReason.EXPIRED:
        _offer_ended(seen, comparison, reason)
    return seen.ended(reason=reason, now=now, publish_by=comparison.publish_by)


def _used_up(watch: Watch, comparison: Comparison) -> Watch:
    """Begin the grace of a code that has no use left: its last use may still be taken back."""
    if not comparison.snapshot.is_used_up or watch.used_up_at is not None:
        return watch
    if not _may_conclude(watch, comparison):
        return watch
    _offer_ended(watch, comparison, EndReason.USED_UP)
    return replace(
        watch,
        used_up_at=comparison.now,
        cohort_at=comparison.now,
        trail=watch.step(comparison.now, "used up"),
    )


def _usable_again(watch: Watch, comparison: Comparison) -> Watch:
    """End the grace without an end: a use was taken back, or a later sign-up brought a code."""
    snapshot = comparison.snapshot
    is_clear = snapshot.is_clear and not comparison.writes.is_unclear
    if watch.used_up_at is None or snapshot.is_used_up or not is_clear:
        return watch
    return replace(
        watch,
        used_up_at=None,
        cohort_at=comparison.now,
        trail=watch.step(comparison.now, "usable again"),
    )


def _offer_ended(watch: Watch, comparison: Comparison, reason: EndReason) -> None:
    if watch.offer_id is not None:
        comparison.notice(
            NoticeKind.OFFER_ENDED,
            offer_id=watch.offer_id,
            reason=reason.value,
            ends_at=watch.expires_at,
        )


def _may_conclude(watch: Watch, comparison: Comparison) -> bool:
    """Whether all is settled, or has been waited for long enough."""
    is_settled = content_part(watch.digest) == content_part(comparison.snapshot.digest)
    return is_settled or comparison.now >= watch.last_poll_at + LAST_POLL_PATIENCE


def _end_reason(watch: Watch, comparison: Comparison) -> EndReason | None:
    """Return why it ends now; what is not settled delays the end, by a day at most."""
    over = watch.last_poll_at
    if over > comparison.now or not _may_conclude(watch, comparison):
        return None
    if watch.used_up_at is not None:
        return EndReason.USED_UP
    return EndReason.HORIZON if over == watch.ends_at else EndReason.EXPIRED
