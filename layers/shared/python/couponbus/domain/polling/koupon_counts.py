"""From a count that rose or fell to single redemptions, each with a number that none had before."""

from dataclasses import replace

from couponbus.domain.polling.comparison import Ledgering, Look
from couponbus.domain.polling.recorded_redemption import (
    RecordedRedemption,
    RedemptionState,
    Value,
    redemption_id_of_count,
    redemption_key,
)
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import KnownOffer, Watch

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
    watch: Watch,
    known: KnownOffer,
    count: int,
    look: Look,
    ledgering: Ledgering,
    *,
    inferred: bool = False,
) -> KnownOffer:
    """Record a redemption for each unit of the rise, as many as can be stored together."""
    for ordinal in range(
        known.last_ordinal + 1, known.last_ordinal + 1 + count - (known.count or 0)
    ):
        if not ledgering.has_room:
            ledgering.is_pending = True
            break
        row = _counted(watch, known.offer_id, ordinal, look, inferred=inferred)
        ledgering.add(row.recorded(now=look.now, publish_by=look.publish_by))
        ledgering.recorded += 1
        known = replace(
            known,
            count=(known.count or 0) + 1,
            last_ordinal=ordinal,
            active=(*known.active, ordinal),
        )
    # Of so many the oldest are not remembered one by one: they count as there from the beginning.
    surplus = max(len(known.active) - LIVE_MAX, 0)
    return replace(known, active=known.active[surplus:], baseline=known.baseline + surplus)


def fallen(
    watch: Watch,
    known: KnownOffer,
    count: int,
    snapshot: Snapshot,
    look: Look,
    ledgering: Ledgering,
) -> KnownOffer:
    """Reverse what two looks in a row do not count any more, the latest first."""
    if snapshot.is_doubtful:
        ledgering.is_unclear = True
        return known
    if known.lower_count is None:
        ledgering.is_pending = True
        return replace(known, lower_count=count)
    certain = max(known.lower_count, count)
    while known.count is not None and known.count > certain:
        less = _one_less(watch, known, look, ledgering)
        if less is None:
            ledgering.is_pending = True
            return known
        known = less
    if count == certain:
        return replace(known, lower_count=None)
    ledgering.is_pending = True
    return replace(known, lower_count=count)


def _one_less(
    watch: Watch, known: KnownOffer, look: Look, ledgering: Ledgering
) -> KnownOffer | None:
    """Return it without its latest redemption, None if that cannot be reversed yet."""
    if not ledgering.has_room:
        return None
    if known.active:
        row = look.stored.get(key_of(watch, known.offer_id, known.active[-1]))
        if row is None or row.unpublished:
            return None
        less = replace(known, active=known.active[:-1])
    else:
        # It stood before the watch began and was never recorded: its number is below zero.
        number = known.last_ordinal + 1
        row = _counted(watch, known.offer_id, -number, look, inferred=False)
        less = replace(known, baseline=known.baseline - 1, last_ordinal=number)
    ledgering.add(row.reversed(now=look.now, publish_by=look.publish_by))
    ledgering.reversed += 1
    return replace(less, count=(known.count or 0) - 1)


def _counted(
    watch: Watch, offer_id: str, ordinal: int, look: Look, *, inferred: bool
) -> RecordedRedemption:
    return RecordedRedemption(
        redemption_id=key_of(watch, offer_id, ordinal).partition("#")[2],
        tenant=watch.tenant,
        provider=watch.provider,
        account=watch.account,
        watch_id=watch.watch_id,
        program=watch.program,
        signup_id=watch.signup_id,
        customer_ref=watch.customer_ref,
        offer_id=offer_id,
        ordinal=ordinal,
        value=Value(),
        seen_after=watch.news_at,
        seen_at=look.now,
        inferred=inferred,
        state=RedemptionState.BEFORE,
    )
