"""Bugs about when, whether and how often a webhook is sent."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.row import Row, Rows
from couponbus.domain.webhooks import delivery as deliveries
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.retry_schedule import next_attempt
from couponbus.events.commands import AttemptDeliveries
from couponbus.ports.webhooks import Sent
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.webhooks import deliver_webhooks, endpoint_health, prepare
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from couponbus.usecases.webhooks.prepare import PreparingAttempts
from couponbus.usecases.webhooks.retry_share import SEND_NOW, RetryShare, SendTime
from couponbus.usecases.webhooks.send import AttemptResult, PreparedDelivery, SendWebhooks
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.webhooks.process import WebhookGround

LONGEST_DELAY = 900.0  # seconds, of a message in SQS


class _Requeuing(DeliverWebhooks):
    """A failed delivery has no due time: only a message with a delay knows of it."""

    __setattr__ = object.__setattr__

    def __init__(self, job: DeliverWebhooks, ground: WebhookGround) -> None:
        super().__init__(**{one.name: getattr(job, one.name) for one in dataclasses.fields(job)})
        self._ground = ground

    def _after(self, outcome: AttemptResult, endpoints: Rows) -> Delivery:
        row = DeliverWebhooks._after(self, outcome, endpoints)
        if row.state is not DeliveryState.PENDING or row.ready_at is None:
            return row
        delay = min((row.ready_at - self.clock.now()).total_seconds(), LONGEST_DELAY)
        command = AttemptDeliveries(attempt="again", endpoint_id=row.endpoint_id, keys=(row.key,))
        queue = self._ground.redeliveries._queue  # type: ignore[attr-defined]
        self._ground.world.after(
            delay, lambda: queue.send(command.model_dump_json(), group=row.endpoint_id)
        )
        return replace(row, ready_at=None, due_at=None, parked=False)


def _requeued() -> Patch:
    sender = WebhookGround.sender
    return Patch(WebhookGround, "sender", lambda ground: _Requeuing(sender(ground), ground))


def _redirected(sent: Sent) -> bool:
    return sent.status is not None and 200 <= sent.status < 400


def _unclaimed(
    self: DeliverWebhooks, outgoing: Sequence[PreparedDelivery], *, run: Invocation
) -> list[PreparedDelivery]:
    """Make claims without storing them."""
    now = self.clock.now()
    return [
        dataclasses.replace(
            one,
            delivery=one.delivery.claimed(now=now, until=run.deadline, sweep_at=run.deadline),
        )
        for one in outgoing
    ]


def _delivered_before(
    self: Delivery, *, now: datetime, until: datetime, sweep_at: datetime
) -> Delivery:
    claimed = replace(self, attempt=self.attempt + 1, attempted_at=now, claimed_until=until)
    return claimed.delivered(status=200, now=now)


def _impatient(
    *, delivery_id: str, attempt: int, now: datetime, retry_after: float | None
) -> datetime | None:
    return next_attempt(delivery_id=delivery_id, attempt=attempt, now=now, retry_after=None)


def _endless(
    *, delivery_id: str, attempt: int, now: datetime, retry_after: float | None
) -> datetime | None:
    return next_attempt(
        delivery_id=delivery_id, attempt=min(attempt, 9), now=now, retry_after=retry_after
    )


def _at_once(
    *, delivery_id: str, attempt: int, now: datetime, retry_after: float | None
) -> datetime | None:
    again = next_attempt(delivery_id=delivery_id, attempt=attempt, now=now, retry_after=retry_after)
    return again and now + timedelta(seconds=5)


def _disabled_or_not() -> Patch:
    settled = PreparingAttempts._settled

    def careless(
        self: PreparingAttempts, one: Delivery, endpoint: Row | None, event: Row | None
    ) -> Delivery | None:
        if isinstance(endpoint, Endpoint) and endpoint.state is EndpointState.DISABLED:
            return None
        return settled(self, one, endpoint, event)

    return Patch(PreparingAttempts, "_settled", careless)


def _always_open(endpoint: Endpoint, rows: Rows) -> bool:
    return True


def _never_gone(endpoint: Endpoint, delivery: Delivery) -> bool:
    return False


def _none_inactive(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    return iter(())


def _asleep(
    self: SendWebhooks, one: PreparedDelivery, resting: set[str], *, deadline: datetime
) -> bool:
    if one.not_before is not None:
        self.clock.sleep(max((one.not_before - self.clock.now()).total_seconds(), 0.0))
    return one.endpoint.endpoint_id not in resting and self.has_time(deadline)


def _unpaced(
    self: PreparingAttempts, endpoint: Endpoint, calls: int, *, deadline: datetime
) -> prepare._Slots:
    return prepare._Slots(moments=[None] * calls, later=[])


def _sent_at_once(self: RetryShare, delivery: Delivery, *, place: int, now: datetime) -> SendTime:
    return SEND_NOW


def _counted_anyway(self: Delivery, *, until: datetime) -> Delivery:
    return replace(self, claimed_until=None, ready_at=until, due_at=until)


NO_LOOK_AFTER_THE_CLAIM = Patch(deliver_webhooks, "_is_open", _always_open)
MUTANTS_OF_SENDING = (
    Mutant(
        name="a retry goes back into the queue that it came from",
        shows=("W1", "W6"),
        patches=(_requeued(),),
    ),
    Mutant(
        name="a redirection is a success",
        shows=("W1",),
        patches=(
            Patch(deliver_webhooks, "is_success", _redirected),
            Patch(endpoint_health, "is_success", _redirected),
        ),
    ),
    Mutant(
        name="the claim is not stored before it is sent",
        shows=("W6",),
        patches=(Patch(DeliverWebhooks, "_claimed", _unclaimed),),
    ),
    Mutant(
        name="success is stored before it is sent",
        shows=("W1",),
        patches=(Patch(Delivery, "claimed", _delivered_before),),
    ),
    Mutant(
        name="Retry-After is ignored",
        shows=("W6",),
        patches=(Patch(deliveries, "next_attempt", _impatient),),
    ),
    Mutant(
        name="attempts without end",
        shows=("W6",),
        patches=(
            Patch(deliveries, "next_attempt", _endless),
            Patch(Delivery, "is_used_up", False),
        ),
    ),
    Mutant(
        name="every retry after five seconds",
        shows=("W6",),
        patches=(Patch(deliveries, "next_attempt", _at_once),),
    ),
    Mutant(
        name="a 410 is tried again",
        shows=("W7",),
        patches=(Patch(deliver_webhooks, "GONE", 0), Patch(endpoint_health, "GONE", 0)),
    ),
    Mutant(
        name="a disabled endpoint is sent to",
        shows=("W4",),
        patches=(_disabled_or_not(), NO_LOOK_AFTER_THE_CLAIM),
    ),
    Mutant(
        name="a removed endpoint is sent to",
        shows=("W4",),
        patches=(Patch(prepare, "_is_gone", _never_gone), NO_LOOK_AFTER_THE_CLAIM),
    ),
    Mutant(
        name="an endpoint is not read again after the claim",
        shows=("W4",),
        patches=(NO_LOOK_AFTER_THE_CLAIM,),
    ),
    Mutant(
        name="a worker goes on sending to an endpoint that it found closed meanwhile",
        shows=("W4",),
        patches=(Patch(endpoint_health, "_inactive", _none_inactive),),
    ),
    Mutant(
        name="a slot is waited for beyond the end of the invocation",
        shows=("W6",),
        patches=(
            Patch(SendWebhooks, "_has_slot", _asleep),
            Patch(prepare, "NEEDED", timedelta(hours=-1)),
        ),
    ),
    Mutant(
        name="the pace of an endpoint is not kept",
        shows=("W6",),
        patches=(Patch(PreparingAttempts, "_slots", _unpaced),),
    ),
    Mutant(
        name="what waits for a pace is handed over all at once",
        shows=("W6",),
        patches=(Patch(RetryShare, "_send_time", _sent_at_once),),
    ),
    Mutant(
        name="a claim that was given back counts",
        shows=("W6",),
        patches=(Patch(Delivery, "released", _counted_anyway),),
    ),
)
