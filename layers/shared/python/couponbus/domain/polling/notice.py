"""A row that owes one event and has no other effect, such as an offer that came or ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.identity import digest
from couponbus.domain.polling.offer import OfferView
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row


class NoticeKind(StrEnum):
    """What is published."""

    OFFER_AVAILABLE = "offer_available"
    OFFER_ENDED = "offer_ended"
    BARCODE_EXPIRING = "barcode_expiring"
    FIRST_POLL_LATE = "first_poll_late"
    CODE_VALIDITY_CHANGED = "code_validity_changed"
    BUDGET_EXCEEDED = "budget_exceeded"


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Notice(Row):
    """The names of watch and customer are None where it concerns an account as a whole.

    For a budget: `calls_allowed` and `calls_due` are calls per day. For a late first poll: when the
    sign-up was made, and how many redemptions that the poll showed are not published. For the
    validity of a code: `errors` are the provider's numbers, none where it is valid.
    """

    notice_id: str
    kind: NoticeKind
    tenant: str
    provider: Provider
    account: str
    noticed_at: datetime
    watch_id: str | None = None
    program: str | None = None
    signup_id: str | None = None
    customer_ref: str | None = None
    promotion: str | None = None
    offer_id: str | None = None
    reason: str | None = None
    inferred: bool = False
    ends_at: datetime | None = None
    calls_allowed: int | None = None
    calls_due: int | None = None
    rest_kept: bool = True
    view: OfferView | None = None
    started_at: datetime | None = None
    set_aside: int | None = None
    errors: tuple[str, ...] = ()
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return notice_key(self.notice_id)

    def to_publish(self, *, by: datetime) -> Self:
        """Owe the event."""
        return replace(
            self, outcomes=1, due_at=by, trail=self.step(self.noticed_at, self.kind.value)
        )


def notice_key(notice_id: str) -> str:
    """Return where the ledger keeps a notice."""
    return f"NOTICE#{notice_id}"


def notice_id_of(watch_key: str, *, revision: int, what: NoticeKind, offer_id: str | None) -> str:
    """Identify a notice about a watch: it is stored with the very next revision of the watch."""
    return digest("notice", watch_key, revision, what, offer_id or "")


def budget_notice_id(*, provider: Provider, account: str, day: str) -> str:
    """Identify the notice about an account's budget, one a day."""
    return digest("budget", provider, account, day)
