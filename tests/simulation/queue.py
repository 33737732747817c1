"""A standard queue with dead letters: at least once, in any order, hidden while in work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from couponbus.usecases.messages import Message
from tests.simulation.world import World

VISIBILITY = 400.0
RECEIVES = 8


@dataclass(slots=True)
class QueuedMessage:
    """A message in the queue."""

    message: Message
    sent_at: float
    visible_at: float
    receives: int = 0
    group: str = ""
    taken_at: float = 0.0


class SimulatedQueue:
    """Messages until they are deleted; `wake` is called when one becomes visible."""

    def __init__(self, world: World, *, wake: Callable[[], None]) -> None:
        self.messages: dict[str, QueuedMessage] = {}
        self.dead: list[Message] = []
        self.sent = 0
        self.deleted = 0
        self.redriven = 0
        self._world = world
        self._wake = wake

    def send(self, body: str, *, group: str = "", after: float = 0.0) -> str:
        self.sent += 1
        message_id = f"message-{self.sent}"
        self._add(Message(message_id=message_id, body=body), group=group, after=after)
        return message_id

    def receive(self, most: int) -> Sequence[Message]:
        """Hide and return some messages, in no particular order."""
        visible = [one for one in self.messages.values() if one.visible_at <= self._world.now]
        if not visible:
            return ()
        self._world.weather.shuffle(visible)
        taken = [one for one in self._ordered(visible) if not self._buried(one)][:most]
        for queued in taken:
            queued.receives += 1
            queued.taken_at = self._world.now
            twice = self._world.chance("queue.receive") is not None
            self._hide(queued, 60.0 * self._world.weather.random() if twice else VISIBILITY)
        return [queued.message for queued in taken]

    def delete(self, message_ids: Sequence[str]) -> None:
        for message_id in message_ids:
            if message_id in self.messages and self._world.chance("queue.delete") is None:
                del self.messages[message_id]
                self.deleted += 1

    def redrive(self) -> int:
        """Move the dead letters back; returns how many there were.

        The receives of all messages are reset: from here on a message may die only of what goes
        wrong when nothing fails.
        """
        for queued in self.messages.values():
            queued.receives = 0
        dead, self.dead = self.dead, []
        for message in dead:
            self._add(message, group="", after=0.0)
        self.redriven += len(dead)
        return len(dead)

    def _add(self, message: Message, *, group: str, after: float) -> None:
        now = self._world.now
        queued = QueuedMessage(message, sent_at=now, visible_at=now + after, group=group)
        self.messages[message.message_id] = queued
        if after > 0.0:
            self._world.after(after, self._wake)
        else:
            self._wake()

    def _ordered(self, visible: list[QueuedMessage]) -> list[QueuedMessage]:
        """Return the visible messages in the order in which they may be received."""
        return visible

    def _hide(self, queued: QueuedMessage, seconds: float) -> None:
        queued.visible_at = self._world.now + seconds
        self._world.after(seconds, self._wake)

    def _buried(self, queued: QueuedMessage) -> bool:
        if queued.receives < RECEIVES:
            return False
        del self.messages[queued.message.message_id]
        self.dead.append(queued.message)
        return True
