"""One barcode owed to one customer: its states and the only steps between them.

PENDING ─claim→ REQUESTED ─→ ISSUED | REJECTED | AMBIGUOUS
   ↑                │
   └──── proven not applied, or two empty look-ups ────┘

A PENDING one whose outcome a restored table may have lost is looked up like a REQUESTED one.
A refused one may be reopened by a later sign-up or an operator (see `reopening`), and an operator
may settle an AMBIGUOUS one. See docs/reliability.md#issuance-states.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest, Channel
from couponbus.domain.masking import masked
from couponbus.domain.row import Row

_KEY = "ISSUANCE#"
CANDIDATES_MAX = 20  # an operator does not compare more, and the row must stay small


class IssuanceState(StrEnum):
    """Where an issuance stands."""

    PENDING = "PENDING"
    REQUESTED = "REQUESTED"
    ISSUED = "ISSUED"
    REJECTED = "REJECTED"
    AMBIGUOUS = "AMBIGUOUS"


class Origin(StrEnum):
    """How we came by the barcode of an ISSUED row."""

    ISSUED = "issued"  # the answer to our POST
    RECONCILED = "reconciled"  # found after an attempt of unknown outcome
    EXISTING = "existing"  # was there before we asked
    CHOSEN = "chosen"  # an operator settled an ambiguous case


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Issuance(Row):
    """One barcode owed; `attempt` counts claimed POSTs, `lookups` the empty look-ups since.

    `lookup_first` is set while it waits to be looked up before it is sent.
    `doubt` is why the last attempt is not settled, `refusal` the provider's reason against this
    very item, `contradiction` what forbids another POST even if nothing is found;
    `batch_limit` is the largest batch in which it may be sent again. `requested_since` is when the
    first of several attempts was claimed, `unproven_since` when look-ups began to prove nothing,
    `refused_since` when it was first refused alone, which may be the account's fault.
    `dropped_fields` has the paths in the sign-up that could not be read, and were not needed.
    `uniqodo_user` and `koupon_consumer` name the customer to watch; they are deleted afterwards.
    `claim_id` names the batch of its last claim while that owes its outcome or its event, and of
    the barcode that it was issued with.
    """

    issuance_id: str
    tenant: str
    account: str
    program: str
    customer_id: int
    offer_id: int
    channel: Channel
    tracking_code: str
    signup_id: str
    signed_up_at: datetime
    customer_ref: str
    uniqodo_user: str | None = field(default=None, repr=False)
    koupon_consumer: str | None = field(default=None, repr=False)
    consents: tuple[str, ...] = ()
    age: int | None = None
    dropped_fields: tuple[str, ...] = ()
    state: IssuanceState = IssuanceState.PENDING
    attempt: int = 0
    lookup_first: bool = False
    claim_id: str | None = None
    claim_deadline: datetime | None = None
    requested_at: datetime | None = None
    requested_since: datetime | None = None
    lookups: int = 0
    unproven_since: datetime | None = None
    batch_limit: int | None = None
    doubt: str | None = None
    refusal: str | None = None
    contradiction: str | None = None
    refused_since: datetime | None = None
    origin: Origin | None = None
    barcode: Barcode | None = None
    reason: str | None = None
    candidates: tuple[str, ...] = ()
    decided_at: datetime | None = None
    trace_id: str | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return _KEY + self.issuance_id

    @property
    def is_final(self) -> bool:
        """Whether only an operator, or a new sign-up, can move it again."""
        return self.state not in (IssuanceState.PENDING, IssuanceState.REQUESTED)

    @property
    def was_in_doubt(self) -> bool:
        """Whether its outcome rests on more than one clear answer."""
        if self.state is IssuanceState.ISSUED:
            return self.attempt > 1 or self.origin in (Origin.RECONCILED, Origin.CHOSEN)
        return self.state is IssuanceState.AMBIGUOUS or self.attempt > 0

    @property
    def first_requested_at(self) -> datetime | None:
        """When an attempt may first have made a barcode; None before any attempt."""
        return self.requested_since or self.requested_at

    def require(self, *states: IssuanceState) -> None:
        """Raise TransitionRefused unless it is in one of these states."""
        if self.state not in states:
            raise TransitionRefused(f"{self.key} is {self.state.value}")

    @property
    def request(self) -> BarcodeRequest:
        """What is sent to the provider."""
        return BarcodeRequest(
            customer_id=self.customer_id,
            offer_id=self.offer_id,
            channel=self.channel,
            tracking_code=self.tracking_code,
        )

    def postponed(self, *, now: datetime, until: datetime, why: str) -> Self:
        """Stay PENDING, and wait until `until`."""
        self.require(IssuanceState.PENDING)
        return replace(self, ready_at=until, due_at=until, trail=self.step(now, "waiting", why))

    def claimed(
        self, *, claim_id: str, now: datetime, deadline: datetime, ready_at: datetime
    ) -> Self:
        """Claim the right to POST until `deadline`; no other worker acts before `ready_at`.

        Its batch is due then; it has no due entry of its own (see `issuing_batch`).
        """
        self.require(IssuanceState.PENDING)
        return replace(
            self,
            state=IssuanceState.REQUESTED,
            attempt=self.attempt + 1,
            lookup_first=False,
            claim_id=claim_id,
            claim_deadline=deadline,
            requested_at=now,
            requested_since=self.first_requested_at,
            ready_at=ready_at,
            due_at=None,
            lookups=0,
            unproven_since=None,
            doubt=None,
            refusal=None,
            contradiction=None,
            candidates=(),
            trail=self.step(now, "requested", str(self.attempt + 1)),
        )

    def issued(
        self, *, barcode: Barcode, origin: Origin, now: datetime, publish_by: datetime
    ) -> Self:
        """Record the barcode."""
        self.require(IssuanceState.PENDING, IssuanceState.REQUESTED, IssuanceState.AMBIGUOUS)
        settled = self._decided(IssuanceState.ISSUED, now=now, publish_by=publish_by)
        return replace(
            settled,
            barcode=barcode,
            origin=origin,
            reason=None,
            candidates=(),
            trail=self.step(now, "issued", origin.value),
        )

    def left_to_batch(self, *, claim_id: str) -> Self:
        """Leave the event of its barcode to the batch that asked for it, which is due instead."""
        return replace(
            self,
            claim_id=claim_id,
            due_at=None,
            published=self.outcomes,
            uniqodo_user=None,
            koupon_consumer=None,
        )

    def rejected(self, *, reason: str, now: datetime, publish_by: datetime) -> Self:
        """Record that there will be no barcode, and why."""
        self.require(IssuanceState.PENDING, IssuanceState.REQUESTED)
        settled = self._decided(IssuanceState.REJECTED, now=now, publish_by=publish_by)
        return replace(settled, reason=reason, trail=self.step(now, "refused", reason))

    def ambiguous(
        self, *, numbers: tuple[str, ...], reason: str, now: datetime, publish_by: datetime
    ) -> Self:
        """Leave it to an operator, with the numbers found, the oldest first."""
        self.require(IssuanceState.PENDING, IssuanceState.REQUESTED)
        settled = self._decided(IssuanceState.AMBIGUOUS, now=now, publish_by=publish_by)
        shown = ", ".join(masked(number) for number in numbers[:CANDIDATES_MAX])
        if len(numbers) > CANDIDATES_MAX:
            shown += f" and {len(numbers) - CANDIDATES_MAX} more"
        return replace(
            settled,
            reason=reason,
            candidates=numbers[:CANDIDATES_MAX],
            trail=self.step(now, "ambiguous", f"{reason}: {shown or 'none found'}"),
        )

    def released(
        self, *, now: datetime, until: datetime, why: str, batch_limit: int | None
    ) -> Self:
        """Go back to PENDING: the attempt is proven not to have been applied."""
        self.require(IssuanceState.REQUESTED)
        return replace(
            self,
            state=IssuanceState.PENDING,
            claim_id=None,
            claim_deadline=None,
            ready_at=until,
            due_at=until,
            batch_limit=batch_limit,
            trail=self.step(now, "released", why),
        )

    def doubted(
        self,
        *,
        now: datetime,
        ready_at: datetime,
        why: str,
        refusal: str | None,
        batch_limit: int | None,
        contradiction: str | None = None,
        candidates: tuple[str, ...] = (),
        refused_since: datetime | None = None,
    ) -> Self:
        """Note why the attempt is not settled; it is looked up after `ready_at`.

        `candidates` are numbers of this customer and offer that contradict each other.
        """
        self.require(IssuanceState.REQUESTED)
        return replace(
            self,
            ready_at=ready_at,
            due_at=ready_at,
            doubt=why,
            refusal=refusal,
            contradiction=contradiction,
            candidates=candidates[:CANDIDATES_MAX],
            refused_since=refused_since,
            batch_limit=batch_limit,
            trail=self.step(now, "unknown", why),
        )

    def unproven(self, *, since: datetime, now: datetime, until: datetime, why: str) -> Self:
        """Note a look-up whose answer proves nothing; `since` is when that began."""
        self.require(IssuanceState.PENDING, IssuanceState.REQUESTED)
        return replace(
            self,
            unproven_since=since,
            ready_at=until,
            due_at=until,
            trail=self.step_again(now, "look-up unproven", why),
        )

    def announced(self, *, now: datetime) -> Self:
        """Return it with its outcome published: once in doubt, it is due for the audit.

        Once ISSUED, its watches have the customer's names; otherwise an operator may still allow
        a barcode.
        """
        marked = replace(super().announced(now=now), due_at=now if self.was_in_doubt else None)
        if self.state is not IssuanceState.ISSUED:
            return marked
        return replace(marked, uniqodo_user=None, koupon_consumer=None)

    def _decided(self, state: IssuanceState, *, now: datetime, publish_by: datetime) -> Self:
        return replace(
            self,
            state=state,
            claim_id=None,
            claim_deadline=None,
            ready_at=None,
            due_at=publish_by,
            decided_at=now,
            outcomes=self.outcomes + 1,
        )


def issuance_key(issuance_id: str) -> str:
    """Return where the ledger keeps an issuance."""
    return _KEY + issuance_id
