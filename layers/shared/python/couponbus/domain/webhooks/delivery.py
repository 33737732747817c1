"""A delivery: one event for one endpoint, retried until a 2xx or the end of the schedule."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.identity import digest
from couponbus.domain.row import Row
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS, next_attempt

REPLAYS_KEPT = 3  # how many others may come between a replay and its repetition


class DeliveryState(StrEnum):
    """EXHAUSTED is final until an operator has it sent again."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    EXHAUSTED = "EXHAUSTED"


class Unsent(StrEnum):
    """Why a delivery ended without an answer that refused it."""

    ENDPOINT_REMOVED = "endpoint_removed"
    ENDPOINT_DISABLED = "endpoint_disabled"
    EVENT_FORGOTTEN = "event_forgotten"
    EVENT_CONTRADICTED = "event_contradicted"
    INTERRUPTED = "interrupted"  # the outcome of the last attempt is not known


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Delivery(Row):
    """`attempt` counts those of the present round, which a replay begins; 0 is none yet.

    No other worker sends before `claimed_until`, the end of the invocation that has the claim.
    `replay_id` has begun the present round, `earlier_replays` those before. A `parked` one is not
    swept: it waits with all others of its endpoint until the `Parking` row wakes it.
    """

    delivery_id: str
    tenant: str
    endpoint_id: str
    event_id: str
    detail_type: str
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    round: int = 1
    attempt: int = 0
    attempted_at: datetime | None = None
    claimed_until: datetime | None = None
    status: int | None = None
    reason: str | None = None
    decided_at: datetime | None = None
    replay_id: str | None = None
    earlier_replays: tuple[str, ...] = ()
    parked: bool = False

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return delivery_key(self.delivery_id)

    @property
    def is_used_up(self) -> bool:
        """Whether its last attempt was begun, and its outcome never stored."""
        return self.attempt >= ATTEMPTS

    @property
    def is_untried(self) -> bool:
        """Whether no attempt is stored: its first one needs no claim, as it may come twice."""
        return self.round == 1 and self.attempt == 0

    def is_begun(self, now: datetime) -> bool:
        """Whether a worker may be making its first attempt, or a message asks for that."""
        is_enqueued = self.is_untried and not self.parked and self.ready_at is None
        return is_enqueued and self.due_at is not None and now < self.due_at

    def may_be_tried(self, now: datetime) -> bool:
        """Whether an attempt is due and no worker has a claim."""
        is_pending = self.state is DeliveryState.PENDING
        return is_pending and not self.is_claimed(now) and self.is_ready(now)

    def is_claimed(self, now: datetime) -> bool:
        """Whether a worker has a claim."""
        return self.claimed_until is not None and now < self.claimed_until

    def park(self, *, now: datetime) -> Self:
        """Park it with its endpoint, and keep the time before which it must not be tried.

        A ready one is ready for each worker: the clock of one may be a little behind.
        """
        ready_at = None if self.is_ready(now) else self.ready_at
        return replace(
            self, parked=True, claimed_until=None, ready_at=ready_at, due_at=ready_at or now
        )

    def put_off(self, *, until: datetime) -> Self:
        """Postpone the attempt to `until`."""
        return replace(self, parked=False, ready_at=until, due_at=until)

    def hinted(self, *, now: datetime, sweep_at: datetime) -> Self:
        """Allow an attempt now; the sweeper enqueues it again if the hint is lost."""
        return replace(self, parked=False, ready_at=now, due_at=sweep_at)

    def claimed(self, *, now: datetime, until: datetime, sweep_at: datetime) -> Self:
        """Claim an attempt until `until`; it is swept then, or when it is due already.

        What was handed over is due soon, and stays in its place of the index. Raises
        TransitionRefused.
        """
        begun = self.begun(now=now)
        is_due_later = self.due_at is not None and self.due_at > sweep_at
        return replace(
            begun,
            claimed_until=until,
            parked=False,
            due_at=self.due_at if is_due_later and not self.parked else sweep_at,
        )

    def begun(self, *, now: datetime) -> Self:
        """Begin an attempt, of which no other worker learns. Raises TransitionRefused."""
        if not self.may_be_tried(now) or self.is_used_up:
            raise TransitionRefused(f"{self.key} is {self.state.value}, attempt {self.attempt}")
        return replace(self, attempt=self.attempt + 1, attempted_at=now)

    def released(self, *, until: datetime) -> Self:
        """Take back an attempt with which nothing was sent, and postpone it to `until`."""
        return replace(
            self, attempt=self.attempt - 1, claimed_until=None, ready_at=until, due_at=until
        )

    def delivered(self, *, status: int, now: datetime) -> Self:
        """Note that the endpoint accepted it, perhaps an attempt that no claim has counted."""
        made = replace(self, attempt=max(self.attempt, 1))
        return made._ended(DeliveryState.DELIVERED, reason=None, status=status, now=now)

    def failed(
        self, *, reason: str, status: int | None, retry_after: float | None, now: datetime
    ) -> Self:
        """Note a failed attempt, and when the next one is due if there is another."""
        again = next_attempt(
            delivery_id=self.delivery_id, attempt=self.attempt, now=now, retry_after=retry_after
        )
        if again is None:
            return self._ended(DeliveryState.EXHAUSTED, reason=reason, status=status, now=now)
        return replace(
            self,
            status=status,
            reason=reason,
            claimed_until=None,
            ready_at=again,
            due_at=again,
            trail=self.step(now, "failed", self._detail(reason)),
        )

    def refused(self, *, reason: str, status: int, now: datetime) -> Self:
        """Note an answer after which it is not retried."""
        return self._ended(DeliveryState.EXHAUSTED, reason=reason, status=status, now=now)

    def given_up(self, *, reason: str, now: datetime) -> Self:
        """End it without another attempt."""
        return self._ended(DeliveryState.EXHAUSTED, reason=reason, status=self.status, now=now)

    def was_sent_by(self, replay_id: str) -> bool:
        """Whether this replay has begun a round of it, as far as replays are remembered."""
        return replay_id == self.replay_id or replay_id in self.earlier_replays

    def replayed(self, *, replay_id: str, now: datetime, at: datetime) -> Self:
        """Begin another round `at` that moment, however the one before ended.

        Raises TransitionRefused for a replay that has begun a round before.
        """
        if self.was_sent_by(replay_id):
            raise TransitionRefused(f"{self.key} was sent again by this replay")
        last = () if self.replay_id is None else (self.replay_id,)
        return replace(
            self,
            state=DeliveryState.PENDING,
            round=self.round + 1,
            attempt=0,
            claimed_until=None,
            parked=False,
            decided_at=None,
            replay_id=replay_id,
            earlier_replays=(*self.earlier_replays, *last)[-REPLAYS_KEPT:],
            ready_at=at,
            due_at=at,
            trail=self.step(now, "sent again", replay_id),
        )

    def _ended(
        self, state: DeliveryState, *, reason: str | None, status: int | None, now: datetime
    ) -> Self:
        what = "delivered" if state is DeliveryState.DELIVERED else "given up"
        return replace(
            self,
            state=state,
            status=status,
            reason=reason,
            claimed_until=None,
            parked=False,
            decided_at=now,
            ready_at=None,
            due_at=None,
            trail=self.step(now, what, self._detail(reason or str(status))),
        )

    def _detail(self, what: str) -> str:
        return f"round {self.round}, attempt {self.attempt}: {what}"


def delivery_key(delivery_id: str) -> str:
    """Return where the ledger keeps a delivery."""
    return f"DELIVERY#{delivery_id}"


def delivery_id_of(*, endpoint_id: str, event_id: str) -> str:
    """Identify the delivery of an event to an endpoint, the same each time it is derived."""
    return digest("delivery", endpoint_id, event_id)


def new_delivery(
    *,
    tenant: str,
    endpoint_id: str,
    event_id: str,
    detail_type: str,
    now: datetime,
    sweep_after: timedelta,
    replay_id: str | None = None,
) -> Delivery:
    """Return a delivery that may be tried now, and is swept if no worker does.

    It has no `ready_at`: a worker whose clock is a little behind must not leave it alone.
    """
    return Delivery(
        delivery_id=delivery_id_of(endpoint_id=endpoint_id, event_id=event_id),
        tenant=tenant,
        endpoint_id=endpoint_id,
        event_id=event_id,
        detail_type=detail_type,
        created_at=now,
        due_at=now + sweep_after,
        replay_id=replay_id,
    )
