"""Snapshots of both providers, and a harness that stores what polls of a watch make of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from couponbus.domain.copying import replace
from couponbus.domain.polling.compare import after_poll, has_news, keys_to_compare
from couponbus.domain.polling.comparison import Changes, Comparison
from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.redemption import Redemption, StatedTime
from couponbus.domain.polling.snapshot import UNLISTED_MAX, OfferSnapshot, Snapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.clock import NOON

GRACE = timedelta(minutes=1)
LONG_BEFORE = NOON - timedelta(days=40)
MANY = 50


def a_use(
    number: int,
    *,
    value: str | None = "10.00",
    at: datetime = LONG_BEFORE,
    code: str | None = None,
) -> Redemption:
    """Return a redemption as Uniqodo shows it; all of its fields follow from the arguments."""
    return Redemption(
        redemption_id=str(number),
        distributor_id="102",
        merchant_id="1",
        offer_id="4883",
        code=code or f"CODE{number:08d}",
        order_id=f"order-{number}",
        order_value=None if value is None else Decimal(value),
        discount_value=Decimal("1.50"),
        currency="GBP",
        redeemed_at=StatedTime(raw=at.isoformat(), at=at),
    )


def uses(*shown: Redemption, is_complete: bool = True, is_doubtful: bool = False) -> Snapshot:
    return Snapshot(is_complete=is_complete, is_doubtful=is_doubtful, uses=shown)


def shared(*shown: Redemption, total: int) -> Snapshot:
    """Return what is shown of a code that was used `total` times by all customers together."""
    unlisted = min(total - len(shown), UNLISTED_MAX)
    return Snapshot(is_complete=unlisted == 0, unlisted=unlisted, uses=shown)


def an_offer(
    offer_id: str = "1281",
    count: int | None = 0,
    *,
    limit: int | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> OfferSnapshot:
    return OfferSnapshot(offer_id=offer_id, count=count, limit=limit, starts=starts, ends=ends)


def offers(
    *shown: OfferSnapshot, is_complete: bool = True, is_doubtful: bool = False, withheld: int = 0
) -> Snapshot:
    return Snapshot(
        is_complete=is_complete, is_doubtful=is_doubtful, offers=shown, withheld=withheld
    )


def a_watch(provider: Provider, *, warn_days: int | None = None) -> Watch:
    """Return a watch that began at noon for ninety days, with a day of grace."""
    poll_policy = PollPolicy()
    return replace(
        factories.any_watch(),
        provider=provider,
        promotion="summer" if provider is Provider.UNIQODO else None,
        poll_policy=poll_policy,
        grace_seconds=86_400,
        warn_days=warn_days,
        started_at=NOON,
        ends_at=NOON + timedelta(seconds=poll_policy.horizon_seconds),
        due_at=NOON,
    )


@dataclass(slots=True)
class WatchHarness:
    """One watch and its rows; everything is published at once unless `is_bus_down`.

    It refuses what a ledger would refuse: a new row that exists, or one that changed meanwhile.
    """

    watch: Watch
    now: datetime = NOON
    is_bus_down: bool = False
    rows: dict[str, Row] = field(default_factory=dict)
    published: list[Row] = field(default_factory=list)

    def record(self, snapshot: Snapshot, *, after: timedelta = timedelta(minutes=5)) -> Changes:
        """Poll and store; check that `has_news` was right before."""
        self.now += after
        compared = self._compared(snapshot, at=self.now)
        before, foreseen = self.watch, has_news(compared)
        changes = after_poll(compared)
        self.watch = changes.watch.written("poll")
        for row in changes.rows:
            self._store(row)
        assert foreseen == (bool(changes.rows) or lasting(before) != lasting(self.watch))
        assert len(changes.rows) < 100
        if not self.is_bus_down:
            self.publish()
        return changes

    def poll(self, snapshot: Snapshot, *, after: timedelta = timedelta(hours=1)) -> Changes | None:
        """Poll as a worker does when the watch is due: None if there is nothing to store."""
        compared = self._compared(snapshot, at=self.now + after)
        if snapshot.digest == self.watch.digest or not has_news(compared):
            self.now += after
            return None
        return self.record(snapshot, after=after)

    def settle(self, snapshot: Snapshot) -> None:
        """Poll until nothing is left to do."""
        for _ in range(MANY):
            self.record(snapshot)
            if self.watch.digest or self.watch.state is WatchState.ENDED:
                return
        raise AssertionError("it does not settle")

    def publish(self) -> None:
        """Publish what is owed."""
        self.rows = {
            key: row.announced(now=self.now) if row.unpublished else row
            for key, row in self.rows.items()
        }
        if self.watch.unpublished:
            self.watch = self.watch.announced(now=self.now)

    def redemptions(self) -> list[RecordedRedemption]:
        return [row for row in self.rows.values() if isinstance(row, RecordedRedemption)]

    def history(self) -> list[tuple[LastEvent, str | int | None]]:
        """Return what was published of redemptions, by the provider's name or by our number."""
        return [
            (row.last_event, row.native_id or row.ordinal)
            for row in self.published
            if isinstance(row, RecordedRedemption) and row.last_event is not None
        ]

    def notices(self) -> list[tuple[str, str | None, str | None]]:
        """Return the published notices: kind, offer and reason."""
        return [
            (row.kind.value, row.offer_id, row.reason)
            for row in self.published
            if isinstance(row, Notice)
        ]

    def _compared(self, snapshot: Snapshot, *, at: datetime) -> Comparison:
        keys = keys_to_compare(self.watch, snapshot)
        rows = [self.rows[key] for key in keys if key in self.rows]
        return Comparison(
            watch=self.watch,
            snapshot=snapshot,
            now=at,
            publish_by=at + GRACE,
            stored={row.key: row for row in rows if isinstance(row, RecordedRedemption)},
        )

    def _store(self, row: Row) -> None:
        there = self.rows.get(row.key)
        assert row.revision == (there.revision if there else 0), f"{row.key} was given twice"
        assert there is None or not there.unpublished, f"{row.key} owes two events"
        self.rows[row.key] = row.written("poll")
        if row.unpublished:
            self.published.append(row)


def lasting(watch: Watch) -> Watch:
    """Return the watch without the fields that a poll without news may change."""
    return replace(
        watch,
        revision=0,
        write_id="",
        due_at=None,
        trail=(),
        published=0,
        published_at=None,
    )


def polled_once(watch: Watch, snapshot: Snapshot) -> WatchHarness:
    """Return a harness whose watch had its first poll a minute after it began."""
    harness = WatchHarness(watch=watch)
    harness.record(snapshot, after=timedelta(minutes=1))
    assert harness.watch.state is not WatchState.STARTING
    return harness


def count_of(published: Iterable[tuple[LastEvent, object]]) -> dict[LastEvent, int]:
    """Return how often each event was published."""
    whole: Sequence[LastEvent] = [what for what, _ in published]
    return {what: whole.count(what) for what in LastEvent if what in whole}
