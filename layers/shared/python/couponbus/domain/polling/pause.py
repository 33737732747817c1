"""A pause: what is not polled at an account until an operator resumes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row

PROMOTIONS_MAX = 200
BROKEN = "its row cannot be read"


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Pause(Row):
    """One row per account, there since its first pause; `reason` is why all of it is paused."""

    pause_id: str
    reason: str | None = None
    promotions: tuple[str, ...] = ()
    since: datetime | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return f"PAUSE#{self.pause_id}"

    @property
    def number(self) -> int:
        """How many pauses an operator can end here: that of the account, and of promotions."""
        return int(self.reason is not None) + len(self.promotions)

    def holds(self, promotion: str | None) -> bool:
        """Whether this promotion, or (None) a consumer, must not be polled."""
        return self.reason is not None or (promotion is not None and promotion in self.promotions)

    def of_all(self, *, reason: str, now: datetime) -> Self:
        """Pause the account."""
        return replace(
            self, reason=reason, since=now, trail=self.step(now, "account paused", reason)
        )

    def of_promotion(self, promotion: str, *, now: datetime) -> Self:
        """Pause one promotion; of too many the oldest are polled again."""
        kept = tuple(one for one in self.promotions if one != promotion)
        return replace(
            self,
            promotions=(*kept, promotion)[-PROMOTIONS_MAX:],
            since=now,
            trail=self.step(now, "promotion paused", promotion),
        )

    def resumed(self, promotion: str | None, *, now: datetime) -> Self:
        """Resume polling of one promotion, or (None) of everything."""
        if promotion is None:
            return replace(
                self, reason=None, promotions=(), since=None, trail=self.step(now, "resumed")
            )
        left = tuple(one for one in self.promotions if one != promotion)
        return replace(self, promotions=left, trail=self.step(now, "resumed", promotion))


def pause_id_of(provider: Provider, account: str) -> str:
    """Return the id of an account's pause."""
    return f"{provider}#{account}"


def broken_pause(provider: Provider, account: str) -> Pause:
    """Return what holds while the row of an account cannot be read: all of it is paused."""
    return Pause(pause_id=pause_id_of(provider, account), reason=BROKEN)


def pause_key(provider: Provider, account: str) -> str:
    """Return where the ledger keeps the pause of an account."""
    return f"PAUSE#{pause_id_of(provider, account)}"
