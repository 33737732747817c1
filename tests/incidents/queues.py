"""Standard SQS queues in simulated time, and the metrics that SQS itself reports.

Modelled, not AWS: visibility, receive counts, redrive and retention are exact, delivery is in order
and without duplicates. A message that was received three times and not deleted is left out of the
age, and the age of a dead letter counts from its move (SQS: "Available CloudWatch metrics"), while
it expires by when it was first sent (SQS: "Setting-up dead-letter queue retention").
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.incidents.datapoints import Datapoints, Minute, metric_key

NAMESPACE = "AWS/SQS"
POISONED = 3  # receives after which a message is left out of the age
ACTIVE_FOR = timedelta(hours=6)  # SQS reports nothing of a queue that rests for longer
FOURTEEN_DAYS = timedelta(days=14)


@dataclass(slots=True, kw_only=True)
class Queued:
    """A message in a queue."""

    message_id: str
    body: str
    sent_at: datetime
    arrived_at: datetime
    visible_at: datetime
    receives: int = 0


@dataclass(slots=True, kw_only=True)
class Queue:
    """One queue; without `dead` no message leaves it but by deletion and age."""

    name: str
    retention: timedelta = FOURTEEN_DAYS
    visibility: timedelta = timedelta(seconds=30)
    max_receives: int = 0
    dead: "Queue | None" = None
    messages: dict[str, Queued] = field(default_factory=dict)
    active_until: datetime | None = None
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def send(self, bodies: Iterable[str], *, now: datetime, delays: Sequence[int] = ()) -> None:
        """Put messages into the queue, each visible after its delay."""
        for place, body in enumerate(bodies):
            wait = timedelta(seconds=delays[place] if delays else 0)
            self._add(
                Queued(
                    message_id=f"{self.name}-{next(self._ids)}",
                    body=body,
                    sent_at=now,
                    arrived_at=now,
                    visible_at=now + wait,
                )
            )

    def receive(self, most: int, *, now: datetime) -> list[Queued]:
        """Hide and return some messages; those received too often go to the dead letters."""
        taken: list[Queued] = []
        for one in [one for one in self.messages.values() if one.visible_at <= now]:
            if len(taken) == most:
                break
            if self.dead is not None and one.receives >= self.max_receives:
                self._bury(one, self.dead, now=now)
                continue
            one.receives += 1
            one.visible_at = now + self.visibility
            taken.append(one)
        return taken

    def delete(self, message_ids: Iterable[str]) -> None:
        for message_id in message_ids:
            self.messages.pop(message_id, None)

    def report(self, datapoints: Datapoints, *, now: datetime, minute: Minute) -> None:
        """Drop what is too old, and report as SQS does once a minute."""
        if self.messages:
            self.active_until = now + ACTIVE_FOR
            self.delete(
                [one.message_id for one in self.messages.values() if self._is_over(one, now)]
            )
        if self.active_until is None or now > self.active_until:
            return
        visible = sum(one.visible_at <= now for one in self.messages.values())
        key = metric_key(NAMESPACE, "ApproximateNumberOfMessagesVisible", QueueName=self.name)
        datapoints.put(key, visible, minute=minute)
        ages = [
            (now - one.arrived_at).total_seconds()
            for one in self.messages.values()
            if one.receives < POISONED
        ]
        if ages:
            key = metric_key(NAMESPACE, "ApproximateAgeOfOldestMessage", QueueName=self.name)
            datapoints.put(key, max(ages), minute=minute, unit="Seconds")

    def _add(self, queued: Queued) -> None:
        self.messages[queued.message_id] = queued
        self.active_until = queued.arrived_at + ACTIVE_FOR

    def _bury(self, one: Queued, dead: "Queue", *, now: datetime) -> None:
        del self.messages[one.message_id]
        one.arrived_at = one.visible_at = now
        one.receives = 0
        dead._add(one)

    def _is_over(self, one: Queued, now: datetime) -> bool:
        return now - one.sent_at >= self.retention
