"""Publishes once that the codes of an offer run low; only crossings of a threshold are stored."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.polling.snapshot import Snapshot, StockSnapshot
from couponbus.domain.polling.stock import Stock, stock_id_of, stock_key
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.polling.fetch import PollTarget
from couponbus.usecases.store import Store

LEVEL_FRESH_FOR = timedelta(minutes=5)
TENANT = "default"  # a stock belongs to the account, not to a tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevels:
    """Caches the stored stock of each offer for some minutes, so that a poll costs no read."""

    store: Store
    clock: Clock
    timing: Timing
    known: dict[str, tuple[datetime, Stock]] = field(default_factory=dict, init=False)

    def note(self, target: PollTarget, snapshot: Snapshot, *, run: Invocation) -> None:
        """Store a crossing that this snapshot shows; if that fails, a later poll shows it again."""
        with run.leaving(1, after=LedgerUnavailable):
            for seen in snapshot.stock:
                try:
                    self._note(target, seen)
                except RowsBroken as error:
                    run.broken.update(error.keys)

    def _note(self, target: PollTarget, seen: StockSnapshot) -> None:
        now = self.clock.now()
        stock = self._stock(target, seen, now=now)
        if not stock.would_change(seen.left):
            return
        # The cache may be old: only the stored row decides.
        stock = self._read(target, seen, now=now)
        if stock.unpublished or not stock.would_change(seen.left):
            return
        publish_by = self.timing.publish_by(now)
        self.store.put(stock.crossed(seen.left, now=now, publish_by=publish_by))
        self._read(target, seen, now=now)

    def _stock(self, target: PollTarget, seen: StockSnapshot, *, now: datetime) -> Stock:
        known = self.known.get(_id(target, seen))
        if known is not None and now - known[0] < LEVEL_FRESH_FOR:
            return known[1]
        return self._read(target, seen, now=now)

    def _read(self, target: PollTarget, seen: StockSnapshot, *, now: datetime) -> Stock:
        stock_id = _id(target, seen)
        row = self.store.read([stock_key(stock_id)]).get(stock_key(stock_id))
        stock = row if isinstance(row, Stock) else _unseen(target, seen, stock_id, now)
        self.known[stock_id] = (now, stock)
        return stock


def _id(target: PollTarget, seen: StockSnapshot) -> str:
    return stock_id_of(
        tenant=TENANT,
        provider=target.provider,
        account=target.account,
        offer_id=seen.offer_id,
    )


def _unseen(target: PollTarget, seen: StockSnapshot, stock_id: str, now: datetime) -> Stock:
    return Stock(
        stock_id=stock_id,
        tenant=TENANT,
        provider=target.provider,
        account=target.account,
        offer_id=seen.offer_id,
        left=seen.left,
        seen_at=now,
    )
