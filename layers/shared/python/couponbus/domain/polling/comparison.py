"""What a poll changes: the updated watch, and the rows that are stored together with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.polling.notice import Notice, NoticeKind, notice_id_of
from couponbus.domain.polling.offer import OfferView
from couponbus.domain.polling.recorded_redemption import (
    RecordedRedemption,
    RedemptionState,
    Value,
)
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row

ROWS_TOGETHER = 90  # of the hundred that one transaction takes


@dataclass(slots=True, kw_only=True)
class Writes:
    """The rows to write for one comparison, at most those of one transaction.

    `is_pending`: something of the snapshot could not be settled yet, and another poll must follow.
    `is_unclear`: something of it cannot be believed, so that the next one must be compared even
    if it shows the same; it need not come soon, or one bad field would keep all workers busy.
    `set_aside`: how many redemptions of a first poll may have come since the sign-up, and are
    not published.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    recorded: int = 0
    reversed: int = 0
    anomalies: int = 0
    set_aside: int = 0
    params_dropped: int = 0
    is_pending: bool = False
    is_unclear: bool = False

    @property
    def has_room(self) -> bool:
        """Whether another row can be stored together with these."""
        return len(self.rows) < ROWS_TOGETHER

    def must_wait(self) -> bool:
        """Return whether no other row can be stored; if so, note that another poll must follow."""
        self.is_pending = self.is_pending or not self.has_room
        return not self.has_room

    def add(self, row: Row) -> None:
        """Store this row too."""
        self.rows[row.key] = row

    def drop_params(self, key: str) -> None:
        """Store the redemption of this key, if any, without what the shop attached."""
        row = self.rows.get(key)
        if isinstance(row, RecordedRedemption) and row.custom_params is not None:
            self.params_dropped += 1
            self.add(row.without_params())


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A watch, the snapshot of its poll at `now`, and what is to be written after it.

    `publish_by` is by when the outcomes are to be published. `stored` has the redemptions of this
    watch that the snapshot may change, by their keys.
    """

    watch: Watch
    snapshot: Snapshot
    now: datetime
    publish_by: datetime
    stored: Mapping[str, RecordedRedemption]
    writes: Writes = field(default_factory=Writes, init=False)

    def seen(
        self,
        key: str,
        *,
        offer_id: str | None,
        value: Value,
        ordinal: int | None = None,
        inferred: bool = False,
    ) -> RecordedRedemption:
        """Return a redemption of this watch that is not published."""
        watch = self.watch
        return RecordedRedemption(
            redemption_id=key.partition("#")[2],
            tenant=watch.tenant,
            provider=watch.provider,
            account=watch.account,
            watch_id=watch.watch_id,
            program=watch.program,
            signup_id=watch.signup_id,
            customer_ref=watch.customer_ref,
            offer_id=offer_id,
            ordinal=ordinal,
            value=value,
            # Before the first poll it is only known that the watch had begun.
            seen_after=watch.news_from if ordinal and watch.news_at is None else watch.news_at,
            seen_at=self.now,
            inferred=inferred,
            state=RedemptionState.BEFORE,
            trace_id=watch.trace_id,
        )

    def record(self, row: RecordedRedemption) -> None:
        """Store that it happened, and owe the event."""
        self.writes.add(row.recorded(now=self.now, publish_by=self.publish_by))
        self.writes.recorded += 1

    def reverse(self, row: RecordedRedemption) -> None:
        """Store that it was taken back, and owe the event."""
        self.writes.add(row.reversed(now=self.now, publish_by=self.publish_by))
        self.writes.reversed += 1

    def notice(
        self,
        what: NoticeKind,
        *,
        offer_id: str | None,
        reason: str | None = None,
        ends_at: datetime | None = None,
        inferred: bool = False,
        view: OfferView | None = None,
        set_aside: int | None = None,
        errors: tuple[str, ...] = (),
    ) -> None:
        """Store a notice about the watch, and owe its event."""
        watch = self.watch
        notice = Notice(
            notice_id=notice_id_of(
                watch.key, revision=watch.revision, what=what, offer_id=offer_id
            ),
            kind=what,
            tenant=watch.tenant,
            provider=watch.provider,
            account=watch.account,
            noticed_at=self.now,
            watch_id=watch.watch_id,
            program=watch.program,
            signup_id=watch.signup_id,
            customer_ref=watch.customer_ref,
            promotion=watch.promotion,
            offer_id=offer_id,
            reason=reason,
            ends_at=ends_at,
            inferred=inferred,
            view=view,
            started_at=None if set_aside is None else watch.news_from,
            set_aside=set_aside,
            errors=errors,
            trace_id=watch.trace_id,
        )
        self.writes.add(notice.to_publish(by=self.publish_by))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The watch after the poll, and all rows that are stored with it or not at all."""

    watch: Watch
    rows: Sequence[Row] = ()
    recorded: int = 0
    reversed: int = 0
    anomalies: int = 0
    params_dropped: int = 0
