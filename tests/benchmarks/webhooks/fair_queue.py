"""SQS as a Lambda mapping sees it: batches, in flight until they are done, and fair or not.

A group is noisy by the rule of the developer guide ("How Amazon SQS fair queues work"): more than a
tenth of the messages in flight and at least thirty, or more than a tenth of the processing time.
"""

import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from couponbus.events.commands import AttemptDeliveries
from couponbus.ports.shared import Clock
from couponbus.usecases.messages import Message

NOISY_SHARE, NOISY_IN_FLIGHT = 0.1, 30
RECENTLY = 60.0  # the guide does not say how long processing time is remembered
POLL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A batch in flight; its messages are deleted together when it is done."""

    messages: Sequence[Message]
    groups: Counter[str]
    at: float


class Queue:
    """The oldest message first, of any group."""

    def __init__(self, *, clock: Clock) -> None:
        """Begin empty."""
        self._clock = clock
        self._changed = threading.Condition()
        self._numbers = count()
        self._waiting: dict[str, deque[tuple[int, Message]]] = {}
        self._flying: dict[int, Taken] = {}
        self._done: deque[tuple[float, Counter[str], float]] = deque()

    def send(self, commands: Sequence[AttemptDeliveries], *, delays: Sequence[int] = ()) -> None:
        """`ports.webhooks.DeliveryQueue`, with a group for each endpoint; none has a rate limit."""
        assert not any(delays)
        for command in commands:
            self.put(command.model_dump_json(), group=command.endpoint_id)

    def put(self, body: str, *, group: str) -> None:
        """Add a message."""
        with self._changed:
            number = next(self._numbers)
            message = Message(message_id=f"m-{number}", body=body)
            self._waiting.setdefault(group, deque()).append((number, message))
            self._changed.notify()

    def wait(self) -> bool:
        """Wait a while until a message waits; returns whether one does."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._waiting), timeout=POLL)

    def take(self, most: int) -> Taken | None:
        """Return a batch, None if no message comes for a while."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), timeout=POLL):
                return None
            found = [self._next() for _ in range(min(most, self._backlog()))]
            groups = Counter(group for group, _ in found)
            taken = Taken(messages=[one for _, one in found], groups=groups, at=self._seconds())
            self._flying[id(taken)] = taken
            return taken

    def finish(self, taken: Taken) -> None:
        """Delete a batch."""
        with self._changed:
            del self._flying[id(taken)]
            now = self._seconds()
            self._done.append((now, taken.groups, now - taken.at))

    def _next(self) -> tuple[str, Message]:
        group = self._turn_of(self._waiting)
        several = self._waiting[group]
        _, message = several.popleft()
        if not several:
            del self._waiting[group]
        return group, message

    def _turn_of(self, groups: Iterable[str]) -> str:
        return min(groups, key=self._age_of)

    def _age_of(self, group: str) -> int:
        return self._waiting[group][0][0]

    def _backlog(self) -> int:
        return sum(len(several) for several in self._waiting.values())

    def _in_flight(self) -> Counter[str]:
        return sum((one.groups for one in self._flying.values()), Counter[str]())

    def _seconds(self) -> float:
        return self._clock.now().timestamp()


class FairQueue(Queue):
    """The quiet groups first, then the noisy one that has the fewest messages in flight."""

    def _turn_of(self, groups: Iterable[str]) -> str:
        listed, flying = list(groups), self._in_flight()
        noisy = set(self._noisy(flying))
        quiet = [group for group in listed if group not in noisy]
        if quiet:
            return super()._turn_of(quiet)
        return min(listed, key=lambda group: (flying[group], self._age_of(group)))

    def _noisy(self, flying: Counter[str]) -> Iterator[str]:
        for group, number in flying.items():
            if number >= NOISY_IN_FLIGHT and number > NOISY_SHARE * flying.total():
                yield group
        spent = self._spent()
        whole = sum(spent.values())
        yield from (group for group, seconds in spent.items() if seconds > NOISY_SHARE * whole)

    def _spent(self) -> dict[str, float]:
        now, spent = self._seconds(), dict[str, float]()
        while self._done and self._done[0][0] < now - RECENTLY:
            self._done.popleft()
        under_way = [(one.groups, now - one.at) for one in self._flying.values()]
        over = [(groups, seconds) for _, groups, seconds in self._done]
        for groups, seconds in (*under_way, *over):
            for group, messages in groups.items():
                spent[group] = spent.get(group, 0.0) + messages * seconds
        return spent
