"""How many codes of an offer are left for all customers, and when that is worth an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.identity import digest
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row

LOW, PLENTY = 100, 120  # hysteresis: low from here down, plenty again only from there up


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Stock(Row):
    """Only crossings are stored: the number itself changes with each customer."""

    stock_id: str
    tenant: str
    provider: Provider
    account: str
    offer_id: str
    left: int
    is_low: bool = False
    seen_at: datetime

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return stock_key(self.stock_id)

    def would_change(self, left: int) -> bool:
        """Whether this number crosses a threshold."""
        return left >= PLENTY if self.is_low else left <= LOW

    def crossed(self, left: int, *, now: datetime, publish_by: datetime) -> Self:
        """Note the crossing; only a fall is published."""
        if self.is_low:
            return replace(
                self, left=left, is_low=False, seen_at=now, trail=self.step(now, "plenty")
            )
        return replace(
            self,
            left=left,
            is_low=True,
            seen_at=now,
            outcomes=self.outcomes + 1,
            due_at=publish_by,
            trail=self.step(now, "low", str(left)),
        )


def stock_key(stock_id: str) -> str:
    """Return where the ledger keeps a stock."""
    return f"STOCK#{stock_id}"


def stock_id_of(*, tenant: str, provider: Provider, account: str, offer_id: str) -> str:
    """Identify the stock of an offer."""
    return digest("stock", tenant, provider, account, offer_id)
