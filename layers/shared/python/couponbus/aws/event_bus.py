"""EventBridge, ten events a call, some calls at once; then the queue of fan-out."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from itertools import batched
from typing import TYPE_CHECKING

from couponbus.aws.batches import BYTES_PER_CALL, Batch, batches
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.queues import SqsNotifications
from couponbus.domain.errors import BusUnavailable, QueueUnavailable
from couponbus.events.base import PublishedEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

CALLS_AT_ONCE = 4
BYTES_OF_TIME = 14  # EventBridge user guide, "Calculating event entry size"

type Entry = "PutEventsRequestEntryTypeDef"


class EventBridgeBus:
    """`ports.Bus`.

    Webhooks are made of what goes to `notifications`, never of what lies on the bus: producers may
    write there too, and the bus does not say who wrote.
    """

    def __init__(
        self, *, client: "EventBridgeClient", bus: str, notifications: SqsNotifications
    ) -> None:
        """Take the name of the bus, and the queue to which only publishers may send."""
        self._client = client
        self._bus = bus
        self._notifications = notifications

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        """Return the indexes of events that the bus or the queue has not surely taken.

        Once no call of a round got a response, the others are not sent: the worker has no time for
        it. Raises BusUnavailable when that was the first round.
        """
        entries = [self._entry(event) for event in events]
        sizes = [_size(entry) for entry in entries]
        small = [place for place, size in enumerate(sizes) if size <= BYTES_PER_CALL]
        results = self._put_all(list(batches(entries, sizes, small)))
        failures = [result for result in results if isinstance(result, BusUnavailable)]
        if failures and len(failures) == len(results):
            raise failures[0]
        published = {
            place
            for result in results
            if not isinstance(result, BusUnavailable)
            for place in result
        }
        taken = sorted(published)
        try:
            self._notifications.send([_notification(entries[place]) for place in taken])
        except QueueUnavailable:
            # All are published again with the same ids: a second event is harmless, a lost
            # webhook is not.
            return list(range(len(events)))
        return [place for place in range(len(events)) if place not in published]

    def _put_all(self, calls: Sequence[Batch[Entry]]) -> Sequence[Sequence[int] | BusUnavailable]:
        results: list[Sequence[int] | BusUnavailable] = []
        for some in batched(calls, CALLS_AT_ONCE, strict=False):
            answers = list(map(self._put, some) if len(some) == 1 else self._at_once(some))
            results += answers
            if all(isinstance(answer, BusUnavailable) for answer in answers):
                break
        return results

    def _at_once(self, calls: Sequence[Batch[Entry]]) -> Iterator[Sequence[int] | BusUnavailable]:
        return self._threads.map(self._put, calls)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        # Kept: starting threads for each batch would cost as much as two calls.
        return ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="put-events")

    def _put(self, call: Batch[Entry]) -> Sequence[int] | BusUnavailable:
        try:
            answer = self._client.put_events(Entries=call.entries)
        except CallFailed as error:
            code = code_of(error)
            return BusUnavailable(f"put_events: {code}", code=f"put_events:{code}")
        results = zip(call.places, answer["Entries"], strict=True)
        return [place for place, result in results if not result.get("ErrorCode")]

    def _entry(self, event: PublishedEvent) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus,
            "Source": event.origin,
            "DetailType": event.detail_type,
            # A number, as it goes into the request: see clients.LISTS.
            "Time": event.metadata.occurred_at.timestamp(),  # type: ignore[typeddict-item]
            "Detail": event.model_dump_json(),
        }


def _notification(entry: Entry) -> str:
    """Return what a rule would have delivered, as far as fan-out reads it."""
    return f"{_head(entry['Source'], entry['DetailType'])}{entry['Detail']}}}"


@lru_cache(maxsize=64)
def _head(source: str, detail_type: str) -> str:
    return f'{{"source":{json.dumps(source)},"detail-type":{json.dumps(detail_type)},"detail":'


def _size(entry: "PutEventsRequestEntryTypeDef") -> int:
    texts = (entry["Source"], entry["DetailType"], entry["Detail"])
    return BYTES_OF_TIME + sum(len(text.encode()) for text in texts)
