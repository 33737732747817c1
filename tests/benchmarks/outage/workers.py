"""The queue of sign-ups and its few workers, as an event source mapping feeds them."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from couponbus.usecases.messages import Message
from tests.simulation.functions import Function
from tests.simulation.settings import LIMIT
from tests.simulation.sources import Issue
from tests.simulation.world import Invocation, World

VISIBILITY = 360.0
RECEIVES = 8


@dataclass(slots=True)
class QueuedMessage:
    """A message that waits in the queue."""

    message: Message
    since: float
    receives: int = 0


class Workers:
    """At most `concurrency` at once, each with what came within the window, or a full batch."""

    def __init__(
        self,
        world: World,
        issuer: Function[Issue],
        *,
        concurrency: int,
        batch: int,
        window: float,
    ) -> None:
        self.dead: list[Message] = []
        self.active = 0
        self._world = world
        self._issuer = issuer
        self._concurrency = concurrency
        self._batch = batch
        self._window = window
        self._waiting: deque[QueuedMessage] = deque()
        self._sent = 0
        self._woken_at = -1.0

    def send(self, body: str, *, after: float = 0.0) -> None:
        self._sent += 1
        queued = QueuedMessage(
            Message(message_id=f"m-{self._sent}", body=body), since=self._world.now
        )
        if after:
            self._world.after(after, lambda: self._add(queued))
        else:
            self._add(queued)

    def _add(self, queued: QueuedMessage) -> None:
        queued.since = self._world.now
        self._waiting.append(queued)
        self._start()

    def _start(self) -> None:
        while self._waiting and self.active < self._concurrency:
            full_at = self._waiting[0].since + self._window
            if len(self._waiting) < self._batch and self._world.now < full_at:
                if self._woken_at < full_at:
                    self._woken_at = full_at
                    self._world.at(full_at, self._start)
                return
            most = min(self._batch, len(self._waiting))
            self._invoke([self._waiting.popleft() for _ in range(most)])

    def _invoke(self, batch: Sequence[QueuedMessage]) -> None:
        self.active += 1
        failed: list[str] = []

        def work(issue: Issue) -> None:
            failed.extend(issue([queued.message for queued in batch], LIMIT))

        def ended(invocation: Invocation) -> None:
            self.active -= 1
            whole = invocation.dead or invocation.error is not None
            for queued in batch:
                if whole or queued.message.message_id in failed:
                    self._again(queued)
            self._start()

        self._issuer.invoke(work, ended)

    def _again(self, queued: QueuedMessage) -> None:
        queued.receives += 1
        if queued.receives >= RECEIVES:
            self.dead.append(queued.message)
            return
        later: Callable[[], None] = lambda: self._add(queued)  # noqa: E731
        self._world.after(VISIBILITY, later)
