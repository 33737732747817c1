"""From what Uniqodo shows of a user to what is new, changed or gone; it names each redemption."""

from datetime import timedelta

from couponbus.domain.copying import replace
from couponbus.domain.masking import masked
from couponbus.domain.polling.comparison import Ledgering, Look
from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.recorded_redemption import (
    RecordedRedemption,
    RedemptionState,
    Value,
    redemption_id_of_use,
    redemption_key,
)
from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.snapshot import Snapshot, content_of, identity_of, use_id
from couponbus.domain.polling.watch import KnownUse, Watch, WatchState
from couponbus.domain.polling.wording import currency_told, time_told

KNOWN_MAX = 200
CLOCKS_APART = timedelta(seconds=5)


def keys_to_compare(watch: Watch, snapshot: Snapshot) -> list[str]:
    """Return the keys of the stored redemptions that `compare_uses` needs."""
    known = {one.use: one for one in watch.uses}
    shown = {use_id(use): content_of(use) for use in snapshot.uses}
    strange = [use for use, content in shown.items() if not _is_known(known.get(use), content)]
    gone = [one.use for one in watch.uses if one.use not in shown]
    return [key_of(watch, use) for use in (*strange, *gone)]


def compare_uses(watch: Watch, snapshot: Snapshot, look: Look, ledgering: Ledgering) -> Watch:
    """Return the watch with what it knows then; the rows to store go into `ledgering`.

    A new redemption is believed at once. An absent one has gone only if a second complete snapshot
    lacks it as well, and of a doubtful snapshot neither change nor absence is believed.
    """
    shown = {use_id(use): use for use in snapshot.uses}
    known = {one.use: one for one in watch.uses}
    uses = [
        _absent(watch, one, snapshot, look, ledgering)
        if (use := shown.get(one.use)) is None
        else _shown(watch, use, one, snapshot, look, ledgering)
        for one in watch.uses
    ]
    uses += [
        _shown(watch, use, None, snapshot, look, ledgering)
        for name, use in shown.items()
        if name not in known
    ]
    if snapshot.offer_id is not None and watch.offer_id is None:
        _available(watch, snapshot, look, ledgering)
    expires_at = snapshot.code_ends or watch.expires_at
    return replace(
        watch,
        # What is forgotten of too many is found in the ledger.
        uses=tuple(one for one in uses if one is not None)[:KNOWN_MAX],
        offer_id=snapshot.offer_id or watch.offer_id,
        expires_at=expires_at,
        warned=watch.warned and expires_at == watch.expires_at,
    )


def key_of(watch: Watch, use: str) -> str:
    """Return where a redemption of this watch's account is stored."""
    return redemption_key(
        redemption_id_of_use(
            tenant=watch.tenant, provider=watch.provider, account=watch.account, use=use
        )
    )


def _is_known(known: KnownUse | None, content: str) -> bool:
    return known is not None and known.content == content and not known.missing


def _available(watch: Watch, snapshot: Snapshot, look: Look, ledgering: Ledgering) -> None:
    """Tell of a code that was not there at the first look."""
    if watch.state is WatchState.STARTING:
        return
    ledgering.notice(
        NoticeKind.OFFER_AVAILABLE,
        watch,
        look,
        offer_id=snapshot.offer_id,
        ends_at=snapshot.code_ends,
    )


def _absent(
    watch: Watch, known: KnownUse, snapshot: Snapshot, look: Look, ledgering: Ledgering
) -> KnownUse | None:
    """Return what is known of a redemption that is not shown, None if it was given up."""
    if not snapshot.is_complete or snapshot.is_doubtful:
        ledgering.is_unclear = True
        return known
    if not known.missing:
        ledgering.is_pending = True
        return KnownUse(known.use, known.content, missing=True)
    if _reversed(look.stored.get(key_of(watch, known.use)), look, ledgering):
        return None
    ledgering.is_pending = True
    return known


def _reversed(row: RecordedRedemption | None, look: Look, ledgering: Ledgering) -> bool:
    """Say whether nothing more is to be done about one that went away."""
    if row is None or row.state is not RedemptionState.RECORDED:
        return True
    if row.unpublished or not ledgering.has_room:
        return False
    ledgering.add(row.reversed(now=look.now, publish_by=look.publish_by))
    ledgering.reversed += 1
    return True


def _shown(
    watch: Watch,
    use: Redemption,
    known: KnownUse | None,
    snapshot: Snapshot,
    look: Look,
    ledgering: Ledgering,
) -> KnownUse | None:
    """Return what is known of a redemption that is shown, None if it must be looked at again."""
    content = content_of(use)
    if _is_known(known, content):
        return known
    row = look.stored.get(key_of(watch, use_id(use)))
    if row is None:
        return _new(watch, use, look, ledgering)
    if _stands_as(row, use):
        return KnownUse(use_id(use), content)
    return _changed(row, use, known, snapshot, look, ledgering)


def _changed(
    row: RecordedRedemption,
    use: Redemption,
    known: KnownUse | None,
    snapshot: Snapshot,
    look: Look,
    ledgering: Ledgering,
) -> KnownUse | None:
    """Note another value, or that a reversed one stands again, once the last event is out."""
    if snapshot.is_doubtful:
        ledgering.is_unclear = True
        return _still(known)
    if row.identity != identity_of(use):
        ledgering.anomalies += 1  # its id was given to another code or order
        return KnownUse(use_id(use), content_of(use))
    if row.unpublished or not ledgering.has_room:
        ledgering.is_pending = True
        return _still(known)
    updated = row.updated(
        value=value_of(use), content=content_of(use), now=look.now, publish_by=look.publish_by
    )
    ledgering.add(updated)
    return KnownUse(use_id(use), updated.content)


def _stands_as(row: RecordedRedemption, use: Redemption) -> bool:
    """Whether nothing is to be told: it is as it was told, or was there before the watch."""
    if row.identity != identity_of(use):
        return False
    if row.state is RedemptionState.RECORDED:
        return row.content == content_of(use)
    return row.state is RedemptionState.BEFORE


def _still(known: KnownUse | None) -> KnownUse | None:
    """Return what was known of one that is there, but cannot be settled by this look."""
    return None if known is None else KnownUse(known.use, known.content)


def _new(watch: Watch, use: Redemption, look: Look, ledgering: Ledgering) -> KnownUse | None:
    if not ledgering.has_room:
        ledgering.is_pending = True
        return None
    row = RecordedRedemption(
        redemption_id=key_of(watch, use_id(use)).partition("#")[2],
        tenant=watch.tenant,
        provider=watch.provider,
        account=watch.account,
        watch_id=watch.watch_id,
        program=watch.program,
        signup_id=watch.signup_id,
        customer_ref=watch.customer_ref,
        promotion=watch.promotion,
        offer_id=use.offer_id,
        merchant_id=use.merchant_id,
        native_id=use.redemption_id,
        code_masked=None if use.code is None else masked(use.code),
        identity=identity_of(use),
        content=content_of(use),
        value=value_of(use),
        seen_after=watch.news_at,
        seen_at=look.now,
        state=RedemptionState.BEFORE,
    )
    if _is_news(watch, use):
        row = row.recorded(now=look.now, publish_by=look.publish_by)
        ledgering.recorded += 1
    ledgering.add(row)
    return KnownUse(use_id(use), row.content)


def _is_news(watch: Watch, use: Redemption) -> bool:
    """What the first look shows is from before, unless it says that it happened since.

    Later looks never go by the time: a redemption may become known late, and a zone be wrong.
    """
    if watch.state is not WatchState.STARTING:
        return True
    when = use.redeemed_at.at if use.redeemed_at else None
    return when is not None and when >= watch.started_at - CLOCKS_APART


def value_of(use: Redemption) -> Value:
    """Return what an event tells of a redemption's worth."""
    when = use.redeemed_at
    return Value(
        order_value=None if use.order_value is None else str(use.order_value),
        discount_value=None if use.discount_value is None else str(use.discount_value),
        currency=currency_told(use.currency),
        redeemed_raw=time_told(when.raw) if when else None,
        redeemed_at=when.at if when else None,
        tz_assumed=when.tz_assumed if when else False,
    )
