"""Compares a Uniqodo snapshot, which names each redemption, with a watch: new, changed or gone."""

from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.polling.comparison import Comparison
from couponbus.domain.polling.known import KnownUse
from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.polling.published_redemption import (
    content_of,
    content_of_row,
    kept_params,
    masked_code,
    renewed,
    value_of,
)
from couponbus.domain.polling.recorded_redemption import (
    RecordedRedemption,
    RedemptionState,
    redemption_id_of_use,
    redemption_key,
)
from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.snapshot import ERRORS_MAX, UNLISTED_MAX, Snapshot, use_id
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState

KNOWN_MAX = 200
CLOCKS_APART = timedelta(seconds=5)


def keys_to_compare(watch: Watch, snapshot: Snapshot) -> list[str]:
    """Return the keys of the stored redemptions that `compare_uses` needs."""
    known = {one.use: one for one in watch.uses}
    shown = {use_id(use): content_of(use) for use in snapshot.uses}
    strange = [use for use, content in shown.items() if not _is_known(known.get(use), content)]
    gone = [one.use for one in watch.uses if one.use not in shown]
    return [key_of(watch, use) for use in (*strange, *gone)]


def compare_uses(comparison: Comparison) -> Watch:
    """Return the updated watch; the rows to store go into `comparison.writes`.

    A new redemption is believed at once. An absent one has gone only if a second snapshot proves it
    as well (`_shows_all`); in a doubtful snapshot neither change nor absence is believed. A field
    in doubt is as it was stored.
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
    found = [one for one in uses if one is not None]
    for one in found[KNOWN_MAX:]:
        comparison.writes.drop_params(key_of(watch, one.use))  # an erasure would not find it
    is_first = snapshot.offer_id is not None and watch.offer_id is None
    if is_first and watch.state is not WatchState.STARTING:
        comparison.notice(
            NoticeKind.OFFER_AVAILABLE, offer_id=snapshot.offer_id, ends_at=snapshot.code_ends
        )
    expires_at = snapshot.code_ends or watch.expires_at
    is_lacking = any(one is not None and one.use not in shown for one in uses)
    is_settled = snapshot.is_clear and not is_lacking and not comparison.writes.is_pending
    return replace(
        watch,
        unlisted=snapshot.unlisted if is_settled else watch.unlisted,
        # Those dropped beyond the limit are found in the ledger.
        uses=tuple(found[:KNOWN_MAX]),
        offer_id=snapshot.offer_id or watch.offer_id,
        expires_at=expires_at,
        code_errors=_code_errors(comparison),
        warned=watch.warned and expires_at == watch.expires_at,
    )


def key_of(watch: Watch, use: str) -> str:
    """Return where a redemption of this watch's account is stored."""
    return redemption_key(
        redemption_id_of_use(
            tenant=watch.tenant, provider=watch.provider, account=watch.account, use=use
        )
    )


def hides_a_known_one(watch: Watch, snapshot: Snapshot) -> bool:
    """Whether more is counted and not listed than before, and a known one may be among it.

    How many unknown ones are hidden cannot be known then (`_is_news`).
    """
    shown = {use_id(use) for use in snapshot.uses}
    return snapshot.unlisted > watch.unlisted and any(one.use not in shown for one in watch.uses)


def _code_errors(comparison: Comparison) -> tuple[str, ...]:
    """Return why the code is not valid for use, and announce it if that has changed.

    One that a snapshot does not show has gone only if it shows all that there are. That there is
    no code is none of them until one was shown: each customer may begin so.
    """
    watch, snapshot = comparison.watch, comparison.snapshot
    if snapshot.has_no_code and watch.offer_id is None and not watch.uses:
        return watch.code_errors
    shown = set(map(str, snapshot.code_errors))
    if snapshot.is_doubtful or snapshot.may_lack_errors:
        shown |= set(watch.code_errors)
    errors = tuple(sorted(shown, key=int)[:ERRORS_MAX])
    if errors != watch.code_errors:
        comparison.notice(
            NoticeKind.CODE_VALIDITY_CHANGED,
            offer_id=snapshot.offer_id or watch.offer_id,
            errors=errors,
        )
    return errors


def keys_of_uses(watch: Watch) -> list[str]:
    """Return where the redemptions are stored that this watch knows."""
    return [key_of(watch, one.use) for one in watch.uses]


def _is_known(known: KnownUse | None, content: str) -> bool:
    return known is not None and known.content == content and not known.missing


def _absent(comparison: Comparison, known: KnownUse) -> KnownUse | None:
    """Return what is known of a redemption that is not shown, None if it is dropped."""
    writes = comparison.writes
    if not _shows_all(comparison):
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


def _shows_all(comparison: Comparison) -> bool:
    """Whether what is absent has gone: no more uses are unlisted than when nothing was absent.

    A list that was cut has more of them, unless as many hidden ones are listed or taken back: no
    number shows that, and such a reversal is undone once the use is listed.
    """
    snapshot = comparison.snapshot
    most = min(comparison.watch.unlisted, UNLISTED_MAX - 1)
    is_proven = snapshot.is_complete or 0 < snapshot.unlisted <= most
    return is_proven and not snapshot.is_doubtful


def _shown(comparison: Comparison, use: Redemption, known: KnownUse | None) -> KnownUse | None:
    """Return what is known of a redemption that is shown, None if it must be compared again."""
    content = content_of(use)
    if _is_known(known, content):
        return known
    row = comparison.stored.get(key_of(comparison.watch, use_id(use)))
    if row is None:
        return _new(comparison, use)
    seen, shown = renewed(row, use), KnownUse(use_id(use), content)
    is_dated = _is_dated_at_last(comparison.watch, row, use)
    if not is_dated and _stands_as(row, seen):
        return shown
    seen = replace(seen, custom_params=_params(comparison, use, stored=row.custom_params))
    if is_dated:
        return _dated(comparison, seen, shown)
    return _changed(comparison, row, seen, shown, known)


def _changed(
    comparison: Comparison,
    row: RecordedRedemption,
    seen: RecordedRedemption,
    shown: KnownUse,
    known: KnownUse | None,
) -> KnownUse | None:
    """Note a new value, or that a reversed one stands again, once the last event is published."""
    writes = comparison.writes
    # What was known of one that is there, but cannot be settled by this poll.
    still = None if known is None else KnownUse(known.use, known.content)
    if comparison.snapshot.is_doubtful:
        writes.is_unclear = True
        return still
    if _is_of_another_code(row, seen):
        writes.anomalies += 1  # its id was given again
        return shown
    if row.unpublished or not writes.has_room:
        writes.is_pending = True
        return still
    now, publish_by = comparison.now, comparison.publish_by
    content = content_of_row(seen)
    writes.add(seen.updated(value=seen.value, content=content, now=now, publish_by=publish_by))
    return shown


def _stands_as(row: RecordedRedemption, seen: RecordedRedemption) -> bool:
    """Whether nothing is to be published: it is as published, or was there before the watch."""
    if _is_of_another_code(row, seen):
        return False
    if row.state is RedemptionState.RECORDED:
        return content_of_row(row) == content_of_row(seen)
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
        code_masked=masked_code(use),
        content=content,
    )
    if _is_news(comparison, use):
        comparison.record(replace(row, custom_params=_params(comparison, use)))
    elif _time_of(use) is not None:
        comparison.writes.add(row)
    elif watch.customers is Customers.NEW:
        params = _params(comparison, use)
        comparison.record(
            replace(row, custom_params=params, inferred=True, seen_after=watch.news_from)
        )
    else:
        comparison.writes.add(row)
        comparison.writes.set_aside += 1
    return KnownUse(use_id(use), content)


def _params(comparison: Comparison, use: Redemption, *, stored: str | None = None) -> str | None:
    """Return what the shop attached, or what is stored if that cannot be read; count the rest."""
    is_unread = use.custom_params is None and "custom_params" in use.doubtful
    kept = stored if is_unread else kept_params(use)
    if kept is None and (is_unread or use.custom_params is not None):
        comparison.writes.params_dropped += 1
    return kept


def _is_news(comparison: Comparison, use: Redemption) -> bool:
    """Return whether it is news: in the first poll only if it happened since the sign-up.

    Later polls do not go by the time: a redemption may become known late, and a zone be wrong. Only
    what may have been counted before it was listed is judged as in the first poll.
    """
    watch, unlisted = comparison.watch, comparison.snapshot.unlisted
    if watch.state is WatchState.STARTING or unlisted < watch.unlisted:
        return _is_since(watch, use)
    is_dated_among_many = watch.unlisted == UNLISTED_MAX and _time_of(use) is not None
    return not is_dated_among_many or _is_since(watch, use)


def _is_since(watch: Watch, use: Redemption) -> bool:
    """Whether it says that it happened since the sign-up."""
    when = _time_of(use)
    return when is not None and when >= watch.news_from - CLOCKS_APART


def _time_of(use: Redemption) -> datetime | None:
    return use.redeemed_at.at if use.redeemed_at else None


def _is_dated_at_last(watch: Watch, row: RecordedRedemption, use: Redemption) -> bool:
    """Whether it was there at the first poll, and says only now that it happened since."""
    is_undated = row.state is RedemptionState.BEFORE and row.value.redeemed_at is None
    return is_undated and _is_since(watch, use)


def _dated(comparison: Comparison, seen: RecordedRedemption, shown: KnownUse) -> KnownUse | None:
    if comparison.writes.must_wait():
        return None
    comparison.record(replace(seen, content=content_of_row(seen)))
    return shown


def _is_of_another_code(row: RecordedRedemption, seen: RecordedRedemption) -> bool:
    """Whether the provider gave one id twice; a code that comes later is none of another."""
    return None not in (seen.code_masked, row.code_masked) and seen.code_masked != row.code_masked
