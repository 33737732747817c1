"""A fair queue: a group with more than its share of the workers' time comes last.

As the developer guide of SQS has it ("How Amazon SQS fair queues work"): a group is noisy when its
recent share of the processing time exceeds 10 %, or when it has more than 10 % and at least 30 of
the messages in flight. Quiet groups come first, then the noisy one with the fewest messages in
flight. A group without a backlog is quiet again.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence

from tests.simulation.queue import QueuedMessage, SimulatedQueue
from tests.simulation.world import World

SHARE = 0.1
MANY = 30
RECENTLY = 300.0  # seconds


class FairQueue(SimulatedQueue):
    """A message is in flight from its receipt until it is deleted or visible again."""

    def __init__(self, world: World, *, wake: Callable[[], None]) -> None:
        super().__init__(world, wake=wake)
        self._done: deque[tuple[float, str, float]] = deque()

    def delete(self, message_ids: Sequence[str]) -> None:
        for message_id in message_ids:
            queued = self.messages.get(message_id)
            if queued is not None:
                now = self._world.now
                self._done.append((now, queued.group, now - queued.taken_at))
        super().delete(message_ids)

    def _ordered(self, visible: list[QueuedMessage]) -> list[QueuedMessage]:
        now = self._world.now
        hidden = [one for one in self.messages.values() if one.visible_at > now and one.receives]
        in_flight = Counter(one.group for one in hidden)
        noisy = self._noisy(hidden, in_flight)
        return sorted(visible, key=lambda one: (one.group in noisy, in_flight[one.group]))

    def _noisy(self, hidden: Sequence[QueuedMessage], in_flight: Counter[str]) -> set[str]:
        now = self._world.now
        while self._done and self._done[0][0] < now - RECENTLY:
            self._done.popleft()
        spent: dict[str, float] = defaultdict(float)
        for _, group, seconds in self._done:
            spent[group] += seconds
        for one in hidden:
            spent[one.group] += now - one.taken_at
        most, many = SHARE * sum(spent.values()), max(SHARE * in_flight.total(), MANY)
        return {group for group in spent if spent[group] > most or in_flight[group] >= many}
