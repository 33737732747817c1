"""A delivery: one event for one endpoint, tried until it is taken or the schedule is at its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.identity import digest
from couponbus.domain.row import Row
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS, next_attempt

REPLAYS_KEPT = 3  # so many others may come between a replay and its repetition


class DeliveryState(StrEnum):
    """EXHAUSTED is final until somebody has it sent again."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    EXHAUSTED = "EXHAUSTED"


class Unsent(StrEnum):
    """Why a delivery ended without an answer that refused it."""

    ENDPOINT_REMOVED = "endpoint_removed"
    ENDPOINT_DISABLED = "endpoint_disabled"
    EVENT_FORGOTTEN = "event_forgotten"
    INTERRUPTED = "interrupted"  # nobody knows what came of the last attempt


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Delivery(Row):
    """`attempt` counts those of the present round, which a replay begins; 0 is none yet.

    Nobody else sends before `claimed_until`, the end of the invocation that has the claim.
    `replay_id` has begun the present round, `earlier_replays` those before. What is `parked` is not
    swept: it waits with all others of its endpoint until `domain.parking` wakes it.
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
        """Whether its last attempt was begun, and what came of it never stored."""
        return self.attempt >= ATTEMPTS

    def may_be_tried(self, now: datetime) -> bool:
        """Whether its time has come and nobody is at it."""
        is_pending = self.state is DeliveryState.PENDING
        return is_pending and not self.is_claimed(now) and self.is_ready(now)

    def is_claimed(self, now: datetime) -> bool:
        """Whether somebody is at it."""
        return self.claimed_until is not None and now < self.claimed_until

    def park(self, *, now: datetime) -> Self:
        """Let it wait for its endpoint, and not be tried before it might have been anyhow.

        What is ready is ready for each worker: the clock of one may be a little behind.
        """
        ready_at = None if self.is_ready(now) else self.ready_at
        return replace(
            self, parked=True, claimed_until=None, ready_at=ready_at, due_at=ready_at or now
        )

    def put_off(self, *, until: datetime) -> Self:
        """Let nobody try before then."""
        return replace(self, parked=False, ready_at=until, due_at=until)

    def hinted(self, *, now: datetime, sweep_at: datetime) -> Self:
        """Let it be tried now; the sweeper comes if the hint is lost."""
        return replace(self, parked=False, ready_at=now, due_at=sweep_at)

    def claimed(self, *, now: datetime, until: datetime, sweep_at: datetime) -> Self:
        """Begin an attempt, alone until then. Raises TransitionRefused."""
        if not self.may_be_tried(now) or self.is_used_up:
            raise TransitionRefused(f"{self.key} is {self.state.value}, attempt {self.attempt}")
        return replace(
            self,
            attempt=self.attempt + 1,
            attempted_at=now,
            claimed_until=until,
            parked=False,
            due_at=sweep_at,
        )

    def released(self, *, until: datetime) -> Self:
        """Give a claim back with which nothing was sent, and let nobody try before then."""
        return replace(
            self, attempt=self.attempt - 1, claimed_until=None, ready_at=until, due_at=until
        )

    def delivered(self, *, status: int, now: datetime) -> Self:
        """Note that it was taken."""
        return self._ended(DeliveryState.DELIVERED, reason=None, status=status, now=now)

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
            trail=self.step(now, "failed", self._told(reason)),
        )

    def refused(self, *, reason: str, status: int, now: datetime) -> Self:
        """Note an answer after which it is not to be tried again."""
        return self._ended(DeliveryState.EXHAUSTED, reason=reason, status=status, now=now)

    def given_up(self, *, reason: str, now: datetime) -> Self:
        """End it without another attempt."""
        return self._ended(DeliveryState.EXHAUSTED, reason=reason, status=self.status, now=now)

    def was_sent_by(self, replay_id: str) -> bool:
        """Whether this replay has begun a round of it, as far as that is remembered."""
        return replay_id == self.replay_id or replay_id in self.earlier_replays

    def replayed(self, *, replay_id: str, now: datetime, at: datetime) -> Self:
        """Begin a round of its own `at` that moment, however the one before ended.

        Raises TransitionRefused for a replay that has begun it before.
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
            trail=self.step(now, what, self._told(reason or str(status))),
        )

    def _told(self, what: str) -> str:
        return f"round {self.round}, attempt {self.attempt}: {what}"


def delivery_key(delivery_id: str) -> str:
    """Return where the ledger keeps a delivery."""
    return f"DELIVERY#{delivery_id}"


def delivery_id_of(*, endpoint_id: str, event_id: str) -> str:
    """Identify the delivery of an event to an endpoint, whoever derives it and however often."""
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
    """Return a delivery that may be tried now, and is swept if nobody does.

    Now is now for everybody: a worker whose clock is a little behind must not leave it alone.
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
