"""The story of a published event, and of each of its webhook deliveries."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from couponbus.domain.row import Step
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus_cli.app.formatting import count
from couponbus_cli.deliveries.words import attempt_text, next_of, reason_in_words, result_of
from couponbus_cli.why.timeline import Event, Story, as_it_is

STEPS: Mapping[str, str] = {
    "delivered": "The endpoint accepted it ({round}): answered {result}.",
    "failed": "The endpoint did not accept it ({round}): {result}.",
    "given up": "It was given up ({round}): {result}.",
}
NO_ENDPOINT = "no endpoint subscribes to it"


def story_of_event(event: EventRecord, deliveries: Sequence[Delivery], *, now: datetime) -> Story:
    """Return the story of an event, with a sentence for each endpoint."""
    waiting = [row for row in deliveries if row.state is DeliveryState.PENDING]
    given_up = [row for row in deliveries if row.state is DeliveryState.EXHAUSTED]
    settled = "nothing; it is done."
    if waiting:
        settled = f"{count(len(waiting), 'endpoint is', 'endpoints are')} tried again."
    elif given_up:
        settled = f"nothing, unless it is sent again: {_again(event)}"
    return Story(
        key=event.key,
        title=f"Event {event.event_id}: {event.detail_type}",
        state=_state(deliveries),
        timeline=[Event(at=event.event_at, text="It was published, on the bus and to endpoints.")],
        known=[_line(row, now) for row in deliveries] or [f"Webhooks: {NO_ENDPOINT}."],
        next=settled,
    )


def story_of_delivery(row: Delivery, *, event: EventRecord | None, now: datetime) -> Story:
    """Return the story of a delivery, with every attempt that is stored."""
    began = Event(at=row.created_at, text=f"{row.detail_type} was queued for {row.endpoint_id}.")
    return Story(
        key=row.key,
        title=f"Delivery {row.delivery_id}: {row.state}, {attempt_text(row)}; to {row.endpoint_id}",
        state=row.state,
        timeline=[began, *(Event(at=step.at, text=_sentence(step)) for step in row.trail)],
        known=list(_known(row, event)),
        next=next_of(row, now),
    )


def _known(row: Delivery, event: EventRecord | None) -> Iterator[str]:
    yield f"webhook-id {message_id_of(row.event_id)}, event {row.event_id}"
    if event is None:
        yield "Its event is not kept any more."
    else:
        yield f"Its body has {len(event.body.encode())} bytes, without what scopes add."
    if row.replay_id is not None:
        yield f"Last sent again by the replay {row.replay_id}."


def _line(row: Delivery, now: datetime) -> str:
    line = f"{row.endpoint_id}: {row.state}, {attempt_text(row)}, {result_of(row)}"
    if row.state is not DeliveryState.PENDING:
        return f"{line} (delivery {row.delivery_id})"
    return f"{line}; next: {next_of(row, now).removesuffix('.')} (delivery {row.delivery_id})"


def _state(deliveries: Sequence[Delivery]) -> str:
    """Return the worst state of the deliveries."""
    order = (DeliveryState.EXHAUSTED, DeliveryState.PENDING, DeliveryState.DELIVERED)
    states = {row.state for row in deliveries}
    return next((state.value for state in order if state in states), "PUBLISHED")


def _again(event: EventRecord) -> str:
    return f"couponbus deliveries retry --event {event.event_id} --undelivered"


def _sentence(step: Step) -> str:
    if step.what == "sent again":
        return f"It was queued again, by the replay {step.detail}."
    words = STEPS.get(step.what)
    which, _, result = step.detail.partition(": ")
    return (
        as_it_is(step)
        if words is None
        else words.format(round=which, result=reason_in_words(result))
    )
