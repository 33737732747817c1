"""The story of any row: what happened, in plain sentences, and what will happen next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.stock import Stock
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus_cli.logs.traces import traces_of
from couponbus_cli.watch.polling import Polling
from couponbus_cli.why.delivery_story import story_of_delivery, story_of_event
from couponbus_cli.why.redemption_story import story_of_notice, story_of_redemption, story_of_stock
from couponbus_cli.why.sign_up_story import (
    story_of_batch,
    story_of_issuance,
    story_of_rejection,
    story_of_resolution,
    story_of_unmatched,
)
from couponbus_cli.why.timeline import Story
from couponbus_cli.why.watch_story import story_of_watch

# The order in which they happen to a customer.
ORDER: Sequence[type[Row]] = (
    Rejection,
    UnmatchedSignUp,
    Resolution,
    IssuingBatch,
    Issuance,
    Watch,
    RecordedRedemption,
    Notice,
    Stock,
    EventRecord,
    Delivery,
)
NO_BATCHES: Mapping[str, IssuingBatch] = MappingProxyType({})


def stories(
    rows: Sequence[Row],
    *,
    now: datetime,
    polling: Polling,
    batches: Mapping[str, IssuingBatch] = NO_BATCHES,
) -> list[Story]:
    """Return the stories of rows, by kind and then by time; `batches` are those of issuances.

    A delivery is a sentence in the story of its event, if that is there.
    """
    events = [row for row in rows if isinstance(row, EventRecord)]
    deliveries = [row for row in rows if isinstance(row, Delivery)]
    named = {event.event_id for event in events}
    found = [(ORDER.index(EventRecord), _webhooks(event, deliveries, now)) for event in events]
    found += [
        (ORDER.index(type(row)), story(row, now=now, polling=polling, batches=batches))
        for row in rows
        if not isinstance(row, EventRecord)
        and not (isinstance(row, Delivery) and row.event_id in named)
    ]
    found.sort(key=lambda each: (each[0], [event.at for event in each[1].timeline]))
    return [each for _, each in found]


def story(
    row: Row,
    *,
    now: datetime,
    polling: Polling,
    batches: Mapping[str, IssuingBatch] = NO_BATCHES,
) -> Story:
    """Return the story of a row of any kind, with its trace."""
    story = _story(row, now=now, polling=polling, batches=batches)
    return replace(story, trace_id=next(iter(traces_of([row])), None))


def _story(
    row: Row, *, now: datetime, polling: Polling, batches: Mapping[str, IssuingBatch]
) -> Story:
    match row:
        case Watch():
            return story_of_watch(row, now=now, polling=polling)
        case RecordedRedemption() | Notice() | Stock():
            return _found_out(row, now)
        case Issuance():
            return story_of_issuance(row, batch=batches.get(row.claim_id or ""), now=now)
        case IssuingBatch() | Resolution() | Rejection() | UnmatchedSignUp():
            return _signed_up(row, now)
        case EventRecord():
            return _webhooks(row, (), now)
        case Delivery():
            return story_of_delivery(row, event=None, now=now)
        case _:
            raise TypeError(f"no story for {type(row).__name__}")


def _webhooks(event: EventRecord, deliveries: Sequence[Delivery], now: datetime) -> Story:
    own = [row for row in deliveries if row.event_id == event.event_id]
    story = story_of_event(event, own, now=now)
    return replace(story, trace_id=next(iter(traces_of([event])), None))


def _signed_up(
    row: IssuingBatch | Resolution | Rejection | UnmatchedSignUp, now: datetime
) -> Story:
    match row:
        case IssuingBatch():
            return story_of_batch(row, now=now)
        case UnmatchedSignUp():
            return story_of_unmatched(row, now=now)
        case Resolution():
            return story_of_resolution(row, now=now)
        case Rejection():
            return story_of_rejection(row, now=now)


def _found_out(row: RecordedRedemption | Notice | Stock, now: datetime) -> Story:
    match row:
        case RecordedRedemption():
            return story_of_redemption(row, now=now)
        case Notice():
            return story_of_notice(row, now=now)
        case Stock():
            return story_of_stock(row, now=now)
