"""What a look changes: the watch as it is then, and the rows that are stored together with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.polling.notice import Notice, NoticeKind, notice_id_of
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row

ROWS_TOGETHER = 90  # of the hundred that one transaction takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """When it was taken, by when its outcomes are to be published, and what is stored of before.

    `stored` has the redemptions of this watch that the snapshot may change, by their keys.
    """

    now: datetime
    publish_by: datetime
    stored: Mapping[str, RecordedRedemption]


@dataclass(slots=True, kw_only=True)
class Ledgering:
    """What comes together while a snapshot is compared, bounded by what one transaction takes.

    `is_pending`: something of the snapshot could not be settled yet, and another look must follow.
    `is_unclear`: something of it cannot be believed, so that the next one must be compared even
    if it shows the same; it need not come soon, or one bad field would keep everybody busy.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    recorded: int = 0
    reversed: int = 0
    anomalies: int = 0
    is_pending: bool = False
    is_unclear: bool = False

    @property
    def has_room(self) -> bool:
        """Whether another row can be stored together with these."""
        return len(self.rows) < ROWS_TOGETHER

    def add(self, row: Row) -> None:
        """Store this row too."""
        self.rows[row.key] = row

    def notice(
        self,
        what: NoticeKind,
        watch: Watch,
        look: Look,
        *,
        offer_id: str | None,
        reason: str | None = None,
        ends_at: datetime | None = None,
        inferred: bool = False,
    ) -> None:
        """Tell something of a watch."""
        notice = Notice(
            notice_id=notice_id_of(
                watch.key, revision=watch.revision, what=what, offer_id=offer_id
            ),
            what=what,
            tenant=watch.tenant,
            provider=watch.provider,
            account=watch.account,
            noticed_at=look.now,
            watch_id=watch.watch_id,
            program=watch.program,
            signup_id=watch.signup_id,
            customer_ref=watch.customer_ref,
            promotion=watch.promotion,
            offer_id=offer_id,
            reason=reason,
            ends_at=ends_at,
            inferred=inferred,
        )
        self.add(notice.to_publish(by=look.publish_by))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The watch after the look, and everything that is stored with it or not at all."""

    watch: Watch
    rows: Sequence[Row] = ()
    recorded: int = 0
    reversed: int = 0
    anomalies: int = 0
