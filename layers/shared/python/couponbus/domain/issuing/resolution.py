"""A sign-up without a Coniq customer id, waiting until Coniq knows its customer."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.row import Row


class ResolutionState(StrEnum):
    """Where the search for a customer id stands."""

    WAITING = "WAITING"
    RESOLVED = "RESOLVED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Resolution(Row):
    """One sign-up for one program; the customer's names are kept only while look-ups need them.

    `unproven_since` is when look-ups began to prove nothing; `dropped_fields` are as in `Issuance`.
    """

    resolution_id: str
    tenant: str
    account: str
    program: str
    signup_id: str
    signed_up_at: datetime
    customer_ref: str
    email: str | None = field(repr=False)
    uniqodo_user: str | None = field(default=None, repr=False)
    koupon_consumer: str | None = field(default=None, repr=False)
    consents: tuple[str, ...] = ()
    age: int | None = None
    dropped_fields: tuple[str, ...] = ()
    state: ResolutionState = ResolutionState.WAITING
    tries: int = 0
    unproven_since: datetime | None = None
    give_up_at: datetime
    customer_id: int | None = None
    reason: str | None = None
    decided_at: datetime | None = None
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return resolution_key(self.resolution_id)

    def is_of_another_customer(self, other: Self) -> bool:
        """Whether one sign-up id has two customers; by pseudonym, as e-mails are deleted."""
        return self.customer_ref != other.customer_ref

    def waiting(self, *, now: datetime, until: datetime, why: str, tries: int) -> Self:
        """Wait until `until`, after `tries` look-ups in which Coniq did not know the customer."""
        self._require_waiting()
        return replace(
            self,
            ready_at=until,
            due_at=until,
            tries=tries,
            unproven_since=None,
            trail=self.step(now, "waiting", why),
        )

    def unproven(self, *, since: datetime, now: datetime, until: datetime, why: str) -> Self:
        """Note an answer that proves nothing; `since` is when that began."""
        self._require_waiting()
        return replace(
            self,
            unproven_since=since,
            ready_at=until,
            due_at=until,
            trail=self.step_again(now, "look-up unproven", why),
        )

    def resolved(self, *, customer_id: int, now: datetime) -> Self:
        """Delete the e-mail: the issuance goes on under the customer id."""
        self._require_waiting()
        return replace(
            self,
            state=ResolutionState.RESOLVED,
            customer_id=customer_id,
            email=None,
            uniqodo_user=None,
            koupon_consumer=None,
            ready_at=None,
            due_at=None,
            decided_at=now,
            trail=self.step(now, "resolved"),
        )

    def refused(self, *, reason: str, now: datetime, publish_by: datetime) -> Self:
        """Record that there will be no barcode, and why; delete the e-mail."""
        self._require_waiting()
        return replace(
            self,
            state=ResolutionState.REFUSED,
            email=None,
            uniqodo_user=None,
            koupon_consumer=None,
            reason=reason,
            ready_at=None,
            due_at=publish_by,
            decided_at=now,
            outcomes=self.outcomes + 1,
            trail=self.step(now, "refused", reason),
        )

    def _require_waiting(self) -> None:
        if self.state is not ResolutionState.WAITING:
            raise TransitionRefused(f"{self.key} is {self.state.value}")


def resolution_key(resolution_id: str) -> str:
    """Return where the ledger keeps a resolution."""
    return f"RESOLUTION#{resolution_id}"
