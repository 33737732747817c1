"""A standard queue with dead letters: at least once, in any order, hidden while in work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from couponbus.usecases.messages import Message
from tests.simulation.world import World

VISIBILITY = 400.0
RECEIVES = 8


@dataclass(slots=True)
class Letter:
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
        self.letters: dict[str, Letter] = {}
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
        visible = [one for one in self.letters.values() if one.visible_at <= self._world.now]
        if not visible:
            return ()
        self._world.weather.shuffle(visible)
        taken = [one for one in self._ordered(visible) if not self._buried(one)][:most]
        for letter in taken:
            letter.receives += 1
            letter.taken_at = self._world.now
            twice = self._world.chance("queue.receive") is not None
            self._hide(letter, 60.0 * self._world.weather.random() if twice else VISIBILITY)
        return [letter.message for letter in taken]

    def delete(self, message_ids: Sequence[str]) -> None:
        for message_id in message_ids:
            if message_id in self.letters and self._world.chance("queue.delete") is None:
                del self.letters[message_id]
                self.deleted += 1

    def redrive(self) -> int:
        """Move the dead letters back; returns how many there were.

        The receives of all messages are reset: from here on a message may die only of what goes
        wrong when nothing fails.
        """
        for letter in self.letters.values():
            letter.receives = 0
        dead, self.dead = self.dead, []
        for message in dead:
            self._add(message, group="", after=0.0)
        self.redriven += len(dead)
        return len(dead)

    def _add(self, message: Message, *, group: str, after: float) -> None:
        now = self._world.now
        letter = Letter(message, sent_at=now, visible_at=now + after, group=group)
        self.letters[message.message_id] = letter
        if after > 0.0:
            self._world.after(after, self._wake)
        else:
            self._wake()

    def _ordered(self, visible: list[Letter]) -> list[Letter]:
        """Return the visible messages in the order in which they may be received."""
        return visible

    def _hide(self, letter: Letter, seconds: float) -> None:
        letter.visible_at = self._world.now + seconds
        self._world.after(seconds, self._wake)

    def _buried(self, letter: Letter) -> bool:
        if letter.receives < RECEIVES:
            return False
        del self.letters[letter.message.message_id]
        self.dead.append(letter.message)
        return True
