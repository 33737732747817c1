"""One redemption as it was published: recorded once, then updated and reversed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.identity import digest
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row


class RedemptionState(StrEnum):
    """Whether it stands. BEFORE: it was there when the watch began, and is not published."""

    BEFORE = "BEFORE"
    RECORDED = "RECORDED"
    REVERSED = "REVERSED"


class LastEvent(StrEnum):
    """The event of its last outcome."""

    RECORDED = "recorded"
    UPDATED = "updated"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a redemption was worth, and what joins it to an order, as events publish it.

    Money is as the provider wrote it, None where it did not.
    """

    order_value: str | None = None
    discount_value: str | None = None
    currency: str | None = None
    redeemed_raw: str | None = None
    redeemed_at: datetime | None = None
    tz_assumed: bool = False
    order_id: str | None = field(default=None, repr=False)
    distributor_id: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class RecordedRedemption(Row):
    """`native_id` is the provider's, `ordinal` ours where the provider only counts.

    It happened after `seen_after`, the last poll that stored anything, and was seen at `seen_at`.
    `inferred`: not shown by the provider to have come since the sign-up, but concluded, from an
    offer that went away or from what the program says of its customers.
    `content` is a digest of what was published of it; `identity` is of older rows only: the
    provider's id alone says which redemption it is. `custom_params` is the text that the shop
    attached, which may name a person: it is in no event, and in webhooks with a scope only.
    """

    redemption_id: str
    tenant: str
    provider: Provider
    account: str
    watch_id: str
    program: str
    signup_id: str
    customer_ref: str
    promotion: str | None = None
    offer_id: str | None = None
    merchant_id: str | None = None
    native_id: str | None = None
    ordinal: int | None = None
    code_masked: str | None = None
    identity: str = ""
    content: str = ""
    value: Value
    seen_after: datetime | None = None
    seen_at: datetime
    inferred: bool = False
    state: RedemptionState = RedemptionState.RECORDED
    last_event: LastEvent | None = None
    was_recorded: bool = False
    custom_params: str | None = field(default=None, repr=False)
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return redemption_key(self.redemption_id)

    def recorded(self, *, now: datetime, publish_by: datetime) -> Self:
        """Owe the event that it happened."""
        return self._owing(LastEvent.RECORDED, RedemptionState.RECORDED, now, publish_by)

    def updated(self, *, value: Value, content: str, now: datetime, publish_by: datetime) -> Self:
        """Note another value, or that it stands again, and owe the event."""
        changed = replace(self, value=value, content=content)
        return changed._owing(LastEvent.UPDATED, RedemptionState.RECORDED, now, publish_by)

    def reversed(self, *, now: datetime, publish_by: datetime) -> Self:
        """Note that it was taken back, and owe the event; what the shop attached is forgotten."""
        gone = self.without_params()
        return gone._owing(LastEvent.REVERSED, RedemptionState.REVERSED, now, publish_by)

    def without_params(self) -> Self:
        """Forget what the shop attached; no event has said it."""
        return replace(self, custom_params=None)

    def _owing(
        self, last_event: LastEvent, state: RedemptionState, now: datetime, publish_by: datetime
    ) -> Self:
        return replace(
            self,
            last_event=last_event,
            state=state,
            was_recorded=self.was_recorded or last_event is LastEvent.RECORDED,
            outcomes=self.outcomes + 1,
            due_at=publish_by,
            trail=self.step(now, last_event.value),
        )


def redemption_key(redemption_id: str) -> str:
    """Return where the ledger keeps a redemption."""
    return f"REDEMPTION#{redemption_id}"


def redemption_id_of_use(*, tenant: str, provider: Provider, account: str, use: str) -> str:
    """Identify a redemption that the provider names, the same for each watch that sees it."""
    return digest("redemption", tenant, provider, account, use)


def redemption_id_of_count(*, watch_id: str, watch_round: int, offer_id: str, ordinal: int) -> str:
    """Identify a redemption that the provider only counts."""
    return digest("redemption", watch_id, watch_round, offer_id, ordinal)
