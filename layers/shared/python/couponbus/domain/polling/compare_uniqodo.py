"""Compares a Uniqodo snapshot, which names each redemption, with a watch: new, changed or gone."""

import re
from collections.abc import Sequence
from datetime import timedelta

from couponbus.domain.copying import replace
from couponbus.domain.masking import masked
from couponbus.domain.polling.comparison import Comparison
from couponbus.domain.polling.known import KnownUse
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
from couponbus.domain.polling.watch import Watch, WatchState

KNOWN_MAX = 200
TAGS_MAX = 20
CLOCKS_APART = timedelta(seconds=5)
# A time in any form: digits, signs, the letters of `T`, `Z`, `AM` and `PM`. Nine digits in a row
# are no part of any time, but may be a person's number.
_TIME = re.compile(r"(?!.*[0-9]{9})[0-9TZAPMtzapm:+,./ -]{1,64}")
# The same for what joins a redemption to other data; "@" would let an e-mail through.
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}")
_LABEL = re.compile(r"[\w][\w .:/#&+-]{0,63}")
_CURRENCY = re.compile(r"[A-Za-z]{3}|[$£€¥]")


def keys_to_compare(watch: Watch, snapshot: Snapshot) -> list[str]:
    """Return the keys of the stored redemptions that `compare_uses` needs."""
    known = {one.use: one for one in watch.uses}
    shown = {use_id(use): content_of(use) for use in snapshot.uses}
    strange = [use for use, content in shown.items() if not _is_known(known.get(use), content)]
    gone = [one.use for one in watch.uses if one.use not in shown]
    return [key_of(watch, use) for use in (*strange, *gone)]


def compare_uses(comparison: Comparison) -> Watch:
    """Return the updated watch; the rows to store go into `comparison.writes`.

    A new redemption is believed at once. An absent one has gone only if a second complete snapshot
    lacks it as well; in a doubtful snapshot neither change nor absence is believed.
    """
    watch, snapshot = comparison.watch, comparison.snapshot
    shown = {use_id(use): use for use in snapshot.uses}
    known = {one.use for one in watch.uses}
    uses = [
        _absent(comparison, one)
        if (use := shown.get(one.use)) is None
        else _shown(comparison, use, one)
        for one in watch.uses
    ]
    uses += [_shown(comparison, use, None) for name, use in shown.items() if name not in known]
    is_first = snapshot.offer_id is not None and watch.offer_id is None
    if is_first and watch.state is not WatchState.STARTING:
        comparison.notice(
            NoticeKind.OFFER_AVAILABLE, offer_id=snapshot.offer_id, ends_at=snapshot.code_ends
        )
    expires_at = snapshot.code_ends or watch.expires_at
    return replace(
        watch,
        # Those dropped beyond the limit are found in the ledger.
        uses=tuple(one for one in uses if one is not None)[:KNOWN_MAX],
        offer_id=snapshot.offer_id or watch.offer_id,
        expires_at=expires_at,
        code_errors=tuple(str(one) for one in snapshot.code_errors),
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


def _absent(comparison: Comparison, known: KnownUse) -> KnownUse | None:
    """Return what is known of a redemption that is not shown, None if it is dropped."""
    snapshot, writes = comparison.snapshot, comparison.writes
    if not snapshot.is_complete or snapshot.is_doubtful:
        writes.is_unclear = True
        return known
    if not known.missing:
        writes.is_pending = True
        return KnownUse(known.use, known.content, missing=True)
    row = comparison.stored.get(key_of(comparison.watch, known.use))
    if row is None or row.state is not RedemptionState.RECORDED:
        return None
    if row.unpublished or not writes.has_room:
        writes.is_pending = True
        return known
    comparison.reverse(row)
    return None


def _shown(comparison: Comparison, use: Redemption, known: KnownUse | None) -> KnownUse | None:
    """Return what is known of a redemption that is shown, None if it must be compared again."""
    content = content_of(use)
    if _is_known(known, content):
        return known
    row = comparison.stored.get(key_of(comparison.watch, use_id(use)))
    if row is None:
        return _new(comparison, use)
    if _stands_as(row, use):
        return KnownUse(use_id(use), content)
    return _changed(comparison, row, use, known)


def _changed(
    comparison: Comparison, row: RecordedRedemption, use: Redemption, known: KnownUse | None
) -> KnownUse | None:
    """Note a new value, or that a reversed one stands again, once the last event is published."""
    writes, content = comparison.writes, content_of(use)
    # What was known of one that is there, but cannot be settled by this poll.
    still = None if known is None else KnownUse(known.use, known.content)
    if comparison.snapshot.is_doubtful:
        writes.is_unclear = True
        return still
    if row.identity != identity_of(use):
        writes.anomalies += 1  # its id was given to another code or order
        return KnownUse(use_id(use), content)
    if row.unpublished or not writes.has_room:
        writes.is_pending = True
        return still
    now, publish_by = comparison.now, comparison.publish_by
    writes.add(row.updated(value=value_of(use), content=content, now=now, publish_by=publish_by))
    return KnownUse(use_id(use), content)


def _stands_as(row: RecordedRedemption, use: Redemption) -> bool:
    """Whether nothing is to be published: it is as published, or was there before the watch."""
    if row.identity != identity_of(use):
        return False
    if row.state is RedemptionState.RECORDED:
        return row.content == content_of(use)
    return row.state is RedemptionState.BEFORE


def _new(comparison: Comparison, use: Redemption) -> KnownUse | None:
    if comparison.writes.must_wait():
        return None
    watch, content = comparison.watch, content_of(use)
    row = replace(
        comparison.seen(key_of(watch, use_id(use)), offer_id=use.offer_id, value=value_of(use)),
        promotion=watch.promotion,
        merchant_id=use.merchant_id,
        native_id=use.redemption_id,
        code_masked=None if use.code is None else masked(use.code),
        identity=identity_of(use),
        content=content,
    )
    if _is_news(watch, use):
        comparison.record(row)
    else:
        comparison.writes.add(row)
    return KnownUse(use_id(use), content)


def _is_news(watch: Watch, use: Redemption) -> bool:
    """Return whether it is news: in the first poll only if it happened since the watch began.

    Later polls never go by the time: a redemption may become known late, and a zone be wrong.
    """
    if watch.state is not WatchState.STARTING:
        return True
    when = use.redeemed_at.at if use.redeemed_at else None
    return when is not None and when >= watch.started_at - CLOCKS_APART


def value_of(use: Redemption) -> Value:
    """Return the value of a redemption as events publish it."""
    when = use.redeemed_at
    return Value(
        order_value=None if use.order_value is None else str(use.order_value),
        discount_value=None if use.discount_value is None else str(use.discount_value),
        currency=publishable_currency(use.currency),
        redeemed_raw=publishable_time(when.raw) if when else None,
        redeemed_at=when.at if when else None,
        tz_assumed=when.tz_assumed if when else False,
        order_id=publishable_order(use.order_id),
        distributor_id=use.distributor_id,
        tags=publishable_tags(use.tags),
    )


def publishable_time(words: str) -> str | None:
    """Return the text if it can be a time."""
    return words if _TIME.fullmatch(words) else None


def publishable_order(reference: str | None) -> str | None:
    """Return the text if it can be a shop's reference: no sentence, no e-mail, no JSON."""
    return reference if reference is not None and _REFERENCE.fullmatch(reference) else None


def publishable_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the texts that can be labels, each once, in one order."""
    return tuple(sorted({tag for tag in tags if _LABEL.fullmatch(tag)}))[:TAGS_MAX]


def publishable_currency(word: str | None) -> str | None:
    """Return the text if it can be a currency."""
    return word if word is not None and _CURRENCY.fullmatch(word) else None
