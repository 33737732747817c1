"""Queues that keep what reached them, and that can fail."""

from collections import deque
from collections.abc import Sequence
from itertools import repeat

from couponbus.domain.errors import QueueUnavailable
from couponbus.events.base import Command
from couponbus.events.commands import QuarantineLetter


class _Fallible:
    def __init__(self) -> None:
        self._failures: deque[bool] = deque()

    def will_fail(self) -> None:
        """Let the next call store nothing."""
        self._failures.append(False)

    def will_lose_the_answer(self) -> None:
        """Let the next call store everything and yet fail."""
        self._failures.append(True)

    def _arrives(self) -> bool:
        return not self._failures or self._failures[0]

    def _answer(self) -> None:
        if self._failures:
            self._failures.popleft()
            raise QueueUnavailable("a text of no log", code="send_message_batch:ReadTimeoutError")


class MemoryCommands(_Fallible):
    """Commands in order of arrival, as `sent`, and the delay of each."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Command] = []
        self.delays: list[int] = []

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        if self._arrives():
            self.sent.extend(commands)
            self.delays.extend(delays or repeat(0, len(commands)))
        self._answer()


class RefusingCommands(MemoryCommands):
    """A queue that cannot be reached, however often it is tried."""

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        self.will_fail()
        super().send(commands, delays=delays)


class MemorySignUps(_Fallible):
    """Messages in order of arrival, as `sent`."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def send(self, messages: Sequence[str]) -> None:
        if self._arrives():
            self.sent.extend(messages)
        self._answer()


class MemoryQuarantine(_Fallible):
    """Quarantine records in order of arrival, as `letters`."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[QuarantineLetter] = []

    def put(self, letters: Sequence[QuarantineLetter]) -> None:
        if self._arrives():
            self.letters.extend(letters)
        self._answer()


class MemoryUnidentified(_Fallible):
    """Whole messages in order of arrival, as `bodies`."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[str] = []

    def keep(self, bodies: Sequence[str]) -> None:
        if self._arrives():
            self.bodies.extend(bodies)
        self._answer()
