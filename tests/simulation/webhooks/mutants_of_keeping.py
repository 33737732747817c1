"""Bugs about what is stored, learnt of an endpoint, parked and sent again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.row import Row
from couponbus.domain.webhooks import endpoint as endpoints
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, new_delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import HistoryPage
from couponbus.domain.webhooks.replay import Replay
from couponbus.events.base import PublishedEvent
from couponbus.events.endpoints import DisabledData, EndpointDisabled
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.outbox import hand_over
from couponbus.usecases.publishing import endpoint_events
from couponbus.usecases.publishing.event_metadata import metadata_of
from couponbus.usecases.store import Store, Stored
from couponbus.usecases.webhooks import fan_out_webhooks, subscribers
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from couponbus.usecases.webhooks.endpoint_health import EndpointHealth
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from couponbus.usecases.webhooks.replay import Replaying
from couponbus.usecases.webhooks.replay_selection import Pair, Selection
from couponbus.usecases.webhooks.retry_share import SendTime
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.webhooks.process import WebhookGround


class _HastyStore(Store):
    """Stores the deliveries before their events."""

    def write[R: Row](self, rows: Sequence[R]) -> Stored[R]:
        deliveries = Store.write(self, [row for row in rows if isinstance(row, Delivery)])
        events = Store.write(self, [row for row in rows if isinstance(row, EventRecord)])
        return Stored(
            written=[*events.written, *deliveries.written],
            conflicts=[*events.conflicts, *deliveries.conflicts],
        )


def _deliveries_first() -> Patch:
    fan_out = WebhookGround.fan_out

    def in_haste(self: WebhookGround) -> FanOutWebhooks:
        job = fan_out(self)
        store = job.parking.store
        hasty = _HastyStore(ledger=store.ledger, ids=store.ids, clock=store.clock)
        object.__setattr__(job.parking, "store", hasty)
        return job

    return Patch(WebhookGround, "fan_out", in_haste)


def _undue() -> Patch:
    def forgotten(**fields: object) -> Delivery:
        return replace(new_delivery(**fields), due_at=None)  # type: ignore[arg-type]

    return Patch(fan_out_webhooks, "new_delivery", forgotten)


def _by_the_clock() -> Patch:
    def ready_now(**fields: object) -> Delivery:
        row = new_delivery(**fields)  # type: ignore[arg-type]
        return replace(row, ready_at=row.created_at)

    return Patch(fan_out_webhooks, "new_delivery", ready_now)


def _not_swept(
    queue: DeliveryQueue, deliveries: Sequence[Delivery], send_times: Mapping[str, SendTime]
) -> None:
    return None


def _paused_is_disabled() -> Patch:
    wants = FanOutWebhooks._wants

    def only_active(
        self: FanOutWebhooks, endpoint: Endpoint, event: EventRecord, *, run: Invocation
    ) -> bool:
        return endpoint.state is EndpointState.ACTIVE and wants(self, endpoint, event, run=run)

    return Patch(FanOutWebhooks, "_wants", only_active)


def _without_endpoint(event: EventRecord, endpoint: Endpoint) -> bool:
    return False


def _learnt_later() -> Sequence[Patch]:
    record, note = DeliverWebhooks._record, EndpointHealth.note

    def record_and_note(
        self: DeliverWebhooks, outcomes: Sequence[object], *, run: Invocation
    ) -> None:
        record(self, outcomes, run=run)  # type: ignore[arg-type]
        note(self.health, outcomes, closed=set(), run=run)  # type: ignore[arg-type]

    def nothing(
        self: EndpointHealth, outcomes: Sequence[object], *, closed: set[str], run: Invocation
    ) -> None:
        return None

    return (
        Patch(DeliverWebhooks, "_record", record_and_note),
        Patch(EndpointHealth, "note", nothing),
    )


def _no_pages(events: Iterable[EventRecord]) -> Iterator[HistoryPage]:
    return iter(())


def _not_kept(self: Replaying, pairs: Sequence[Pair]) -> frozenset[str]:
    return frozenset()


def _as_it_is_now(row: Endpoint) -> PublishedEvent:
    data = DisabledData(
        endpoint_id=row.endpoint_id,
        description=row.description,
        host=row.host,
        reason=row.reason or "unknown",
        failing_since=row.failing_since,
    )
    at = row.changed_at or row.created_at
    return EndpointDisabled(
        metadata=metadata_of(row, EndpointDisabled, at=at, tenant=row.tenant), data=data
    )


def _swallowed() -> Patch:
    replayed = Delivery.replayed

    def unless_delivered(
        self: Delivery, *, replay_id: str, now: datetime, at: datetime
    ) -> Delivery:
        if self.state is DeliveryState.DELIVERED:
            return self
        return replayed(self, replay_id=replay_id, now=now, at=at)

    return Patch(Delivery, "replayed", unless_delivered)


def _never_sent(self: Delivery, replay_id: str) -> bool:
    return False


def _by_the_last(self: Delivery, replay_id: str) -> bool:
    return replay_id == self.replay_id


def _miscounted() -> Patch:
    """A replay does not count the deliveries of an earlier, interrupted try."""
    make_due = Replaying._make_due

    def only_now(
        self: Replaying,
        pairs: Sequence[Pair],
        audit: Replay,
        first: datetime,
        asked: Selection,
        broken: set[str],
    ) -> int:
        rows = [one.delivery for one in pairs if one.delivery is not None]
        before = sum(row.was_sent_by(audit.replay_id) for row in rows)
        return make_due(self, pairs, audit, first, asked, broken) - before

    return Patch(Replaying, "_make_due", only_now)


def _asleep(self: Replaying, selection: Selection, *, rate: int) -> int:
    return 0


MUTANTS_OF_KEEPING = (
    Mutant(
        name="what no endpoint wants is forgotten",
        shows=("W1",),
        patches=(Patch(fan_out_webhooks, "pages_of", _no_pages),),
    ),
    Mutant(
        name="a replay leaves its events in their pages",
        shows=("W1", "W8"),
        patches=(Patch(Replaying, "_kept", _not_kept),),
    ),
    Mutant(
        name="deliveries are stored before their event",
        shows=("W1",),
        patches=(_deliveries_first(),),
    ),
    Mutant(
        name="a delivery whose hint is lost is forgotten",
        shows=("W1",),
        patches=(_undue(),),
    ),
    Mutant(
        name="a worker whose clock is behind leaves a new delivery alone",
        shows=("W9",),
        patches=(_by_the_clock(),),
    ),
    Mutant(
        name="the sweeper leaves deliveries out",
        shows=("W1",),
        patches=(Patch(hand_over, "_send_again", _not_swept),),
    ),
    Mutant(
        name="nothing is kept for a paused endpoint",
        shows=("W1",),
        patches=(_paused_is_disabled(),),
    ),
    Mutant(
        name="an endpoint is sent the event of its own disabling",
        shows=("W7",),
        patches=(Patch(subscribers, "_is_about", _without_endpoint),),
    ),
    Mutant(
        name="an endpoint is learnt of after the outcome is stored",
        shows=("W7",),
        patches=_learnt_later(),
    ),
    Mutant(
        name="a disabling is published as the endpoint is now",
        shows=("W7",),
        patches=(Patch(endpoint_events, "_disabled", _as_it_is_now),),
    ),
    Mutant(
        name="an endpoint may fail for ever",
        shows=("W7",),
        patches=(Patch(endpoints, "DISABLED_AFTER", timedelta(days=999)),),
    ),
    Mutant(
        name="an endpoint is disabled after four days",
        shows=("W7",),
        patches=(Patch(endpoints, "DISABLED_AFTER", timedelta(days=4)),),
    ),
    Mutant(
        name="a replay leaves alone what was delivered",
        shows=("W8",),
        patches=(_swallowed(),),
    ),
    Mutant(
        name="a replay that is done again sends again",
        shows=("W8",),
        patches=(Patch(Delivery, "was_sent_by", _never_sent),),
    ),
    Mutant(
        name="a replay that is done again after another sends again",
        shows=("W8",),
        patches=(Patch(Delivery, "was_sent_by", _by_the_last),),
    ),
    Mutant(
        name="a replay tells only what its last try has sent",
        shows=("W8",),
        patches=(_miscounted(),),
    ),
    Mutant(
        name="what was kept is not woken when an endpoint is resumed",
        shows=("W9",),
        patches=(Patch(Replaying, "wake", _asleep),),
    ),
)
