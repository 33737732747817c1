"""Turns a count that rose or fell into single redemptions, each with an ordinal of its own."""

from dataclasses import replace

from couponbus.domain.polling.comparison import Comparison
from couponbus.domain.polling.known import KnownOffer
from couponbus.domain.polling.recorded_redemption import (
    RecordedRedemption,
    Value,
    redemption_id_of_count,
    redemption_key,
)
from couponbus.domain.polling.watch import Watch

LIVE_MAX = 100


def key_of(watch: Watch, offer_id: str, ordinal: int) -> str:
    """Return where a counted redemption of this watch is stored."""
    return redemption_key(
        redemption_id_of_count(
            watch_id=watch.watch_id,
            watch_round=watch.round,
            offer_id=offer_id,
            ordinal=ordinal,
        )
    )


def keys_to_reverse(watch: Watch, known: KnownOffer, count: int | None) -> list[str]:
    """Return the keys of the stored redemptions that this count may reverse: the latest."""
    surplus = 0 if count is None or known.count is None else known.count - count
    if surplus <= 0:
        return []
    return [key_of(watch, known.offer_id, ordinal) for ordinal in known.active[-surplus:]]


def risen(
    comparison: Comparison, known: KnownOffer, count: int, *, inferred: bool = False
) -> KnownOffer:
    """Record a redemption for each unit of the rise, as many as can be stored together."""
    for _ in range(count - (known.count or 0)):
        if comparison.writes.must_wait():
            break
        ordinal = known.last_ordinal + 1
        comparison.record(_counted(comparison, known.offer_id, ordinal, inferred=inferred))
        known = replace(
            known,
            count=(known.count or 0) + 1,
            last_ordinal=ordinal,
            active=(*known.active, ordinal),
        )
    # Beyond the limit the oldest are not kept one by one: they are added to the baseline.
    surplus = max(len(known.active) - LIVE_MAX, 0)
    return replace(known, active=known.active[surplus:], baseline=known.baseline + surplus)


def fallen(comparison: Comparison, known: KnownOffer, count: int) -> KnownOffer:
    """Reverse what two polls in a row no longer count, the latest first."""
    writes = comparison.writes
    if comparison.snapshot.is_doubtful:
        writes.is_unclear = True
        return known
    if known.lower_count is None:
        writes.is_pending = True
        return replace(known, lower_count=count)
    certain = max(known.lower_count, count)
    while known.count is not None and known.count > certain:
        less = _one_less(comparison, known)
        if less is None:
            writes.is_pending = True
            return known
        known = less
    if count == certain:
        return replace(known, lower_count=None)
    writes.is_pending = True
    return replace(known, lower_count=count)


def _one_less(comparison: Comparison, known: KnownOffer) -> KnownOffer | None:
    """Return the offer without its latest redemption, None if that cannot be reversed yet."""
    if not comparison.writes.has_room:
        return None
    if known.active:
        key = key_of(comparison.watch, known.offer_id, known.active[-1])
        row = comparison.stored.get(key)
        if row is None or row.unpublished:
            return None
        less = replace(known, active=known.active[:-1])
    else:
        # It stood before the watch began and was never recorded: its ordinal is below zero.
        number = known.last_ordinal + 1
        row = _counted(comparison, known.offer_id, -number)
        less = replace(known, baseline=known.baseline - 1, last_ordinal=number)
    comparison.reverse(row)
    return replace(less, count=(known.count or 0) - 1)


def _counted(
    comparison: Comparison, offer_id: str, ordinal: int, *, inferred: bool = False
) -> RecordedRedemption:
    key = key_of(comparison.watch, offer_id, ordinal)
    return comparison.seen(
        key, offer_id=offer_id, value=Value(), ordinal=ordinal, inferred=inferred
    )
