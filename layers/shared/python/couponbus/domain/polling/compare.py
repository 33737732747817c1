"""What one look makes of a watch: what is new, what is due, and when to look next."""

import dataclasses
from datetime import timedelta

from couponbus.domain.copying import replace
from couponbus.domain.polling import compare_koupon, compare_uniqodo
from couponbus.domain.polling.comparison import Changes, Ledgering, Look
from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.snapshot import UNCLEAR, Snapshot
from couponbus.domain.polling.watch import YOUNG_AGAIN, EndReason, KnownOffer, Watch, WatchState
from couponbus.domain.provider import Provider

FIRST_LOOK_PATIENCE = timedelta(hours=1)
LAST_LOOK_PATIENCE = timedelta(days=1)


def keys_to_compare(watch: Watch, snapshot: Snapshot) -> list[str]:
    """Return the keys of the stored redemptions that `after_look` needs."""
    if watch.provider is Provider.UNIQODO:
        return compare_uniqodo.keys_to_compare(watch, snapshot)
    return compare_koupon.keys_to_compare(watch, snapshot)


def has_news(watch: Watch, snapshot: Snapshot, look: Look) -> bool:
    """Say whether this snapshot, if a second one confirms it, would change what is stored."""
    changes = after_look(watch, snapshot, look)
    same = replace(
        changes.watch, due_at=watch.due_at, lease_until=watch.lease_until, trail=watch.trail
    )
    return bool(changes.rows) or same != watch


def after_look(watch: Watch, snapshot: Snapshot, look: Look) -> Changes:
    """Return everything that this snapshot changes, to be stored all together or not at all."""
    if not _is_enough(watch, snapshot, look):
        return Changes(watch=watch.put_off(until=watch.next_due(now=look.now)))
    ledgering = Ledgering()
    if watch.provider is Provider.UNIQODO:
        seen = compare_uniqodo.compare_uses(watch, snapshot, look, ledgering)
    else:
        seen = compare_koupon.compare_offers(watch, snapshot, look, ledgering)
    seen = _noted(_begun(seen, look, ledgering), look, ledgering)
    seen = _warned(seen, look, ledgering)
    seen = replace(seen, digest=_digest(seen, snapshot, look, ledgering), lease_until=None)
    seen = _concluded(seen, snapshot, look, ledgering)
    return Changes(
        watch=seen,
        rows=tuple(ledgering.rows.values()),
        recorded=ledgering.recorded,
        reversed=ledgering.reversed,
        anomalies=ledgering.anomalies,
    )


def _is_enough(watch: Watch, snapshot: Snapshot, look: Look) -> bool:
    """Wait for a clear first snapshot, for a while.

    What it lacks looks new in the second one, and what has no legible time looks old.
    """
    if watch.state is not WatchState.STARTING or (
        snapshot.is_complete and not snapshot.is_doubtful
    ):
        return True
    return look.now >= watch.started_at + FIRST_LOOK_PATIENCE


def _begun(watch: Watch, look: Look, ledgering: Ledgering) -> Watch:
    """Begin when all of the first snapshot is settled: what is left of it must not look new."""
    if watch.state is not WatchState.STARTING:
        return watch
    if not ledgering.has_room:
        ledgering.is_pending = True
        return watch
    return replace(
        watch,
        state=WatchState.ACTIVE,
        cohort_at=watch.started_at,
        news_at=look.now,
        trail=watch.step(look.now, "first look"),
    )


def _noted(watch: Watch, look: Look, ledgering: Ledgering) -> Watch:
    """Note news; whoever redeemed just now is looked at as often as the young."""
    if not ledgering.rows:
        return watch
    trail = watch.step(
        look.now, "news", f"{ledgering.recorded} recorded, {ledgering.reversed} reversed"
    )
    noted = replace(
        watch,
        # What had to wait did not come after this look.
        news_at=watch.news_at if ledgering.is_pending else look.now,
        recorded=watch.recorded + ledgering.recorded,
        trail=trail,
    )
    if not ledgering.recorded or watch.cohort_at is None:
        return noted
    return replace(noted, cohort_at=max(watch.cohort_at, look.now - YOUNG_AGAIN))


def _warned(watch: Watch, look: Look, ledgering: Ledgering) -> Watch:
    """Announce ends that come near, each once, of what can still be redeemed."""
    if watch.warn_days is None:
        return watch
    before = timedelta(days=watch.warn_days)
    if watch.provider is Provider.UNIQODO:
        ends = watch.expires_at
        if ends is None or watch.warned or ends - before > look.now:
            return watch
        if ends > look.now:
            ledgering.notice(
                NoticeKind.BARCODE_EXPIRING, watch, look, offer_id=watch.offer_id, ends_at=ends
            )
        return replace(watch, warned=True)
    offers = tuple(_warned_of(one, watch, before, look, ledgering) for one in watch.offers)
    return replace(watch, offers=offers)


def _warned_of(
    offer: KnownOffer, watch: Watch, before: timedelta, look: Look, ledgering: Ledgering
) -> KnownOffer:
    if offer.ends is None or offer.warned or offer.ended is not None:
        return offer
    if offer.ends - before > look.now:
        return offer
    if not ledgering.has_room:
        ledgering.is_pending = True
        return offer
    is_left = offer.limit is None or (offer.count or 0) < offer.limit
    if is_left and offer.ends > look.now:
        ledgering.notice(
            NoticeKind.BARCODE_EXPIRING,
            watch,
            look,
            offer_id=offer.offer_id,
            ends_at=offer.ends,
        )
    return dataclasses.replace(offer, warned=True)  # has slots, unlike a row


def _digest(watch: Watch, snapshot: Snapshot, look: Look, ledgering: Ledgering) -> str:
    """Return what the next snapshot is compared with; behind the last turn none is unclear."""
    is_over = watch.last_look_at <= look.now
    if ledgering.is_pending or (ledgering.is_unclear and is_over):
        return ""
    return UNCLEAR if ledgering.is_unclear else snapshot.digest


def _concluded(watch: Watch, snapshot: Snapshot, look: Look, ledgering: Ledgering) -> Watch:
    """End the watch if its time has come, else say when it is due again."""
    reason = _end_reason(watch, snapshot, look)
    if reason is None:
        return replace(watch, due_at=watch.next_due(now=look.now))
    if reason is not EndReason.HORIZON and watch.offer_id is not None:
        ledgering.notice(
            NoticeKind.OFFER_ENDED,
            watch,
            look,
            offer_id=watch.offer_id,
            reason=reason.value,
            ends_at=watch.expires_at,
        )
    return watch.ended(reason=reason, now=look.now, publish_by=look.publish_by)


def _end_reason(watch: Watch, snapshot: Snapshot, look: Look) -> EndReason | None:
    """Return why it ends now; what is not settled holds the end up, though not for ever."""
    over = watch.last_look_at
    if watch.digest != snapshot.digest and look.now < over + LAST_LOOK_PATIENCE:
        return None
    if snapshot.is_used_up:
        return EndReason.USED_UP
    if over > look.now:
        return None
    return EndReason.HORIZON if over == watch.ends_at else EndReason.EXPIRED
