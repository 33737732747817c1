"""The base class of all simulated providers, without sockets: calls in, answers out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.exchange import Answer, Call
from couponbus_sandbox.simulator.settings import ProviderSettings


class ProviderApi(ABC):
    """A simulated provider; `settings` may be replaced at any time."""

    settings: ProviderSettings

    def __init__(self, *, settings: ProviderSettings, clock: Clock) -> None:
        self.clock = clock
        self._initial = settings
        self.restart()

    def restart(self) -> None:
        """Forget everything and begin with the settings of the start."""
        self.settings = self._initial

    def now(self) -> datetime:
        """Return the provider's time."""
        return self.clock.now()

    @abstractmethod
    def route(self, call: Call) -> str:
        """Return the method and the path with its parameters named: `POST /signup/{hash}.json`."""

    @abstractmethod
    def account(self, call: Call) -> str | None:
        """Return the name of the account whose key the call carries."""

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """Carry out the call at once and return the answer."""

    def altered(self, call: Call, changes: Mapping[str, object]) -> Answer:
        """Answer with these settings changed for this call; raises ValueError."""
        before = self.settings
        self.settings = before.changed(changes)
        try:
            return self.answer(call)
        finally:
            self.settings = before

    def items(self, call: Call) -> list[object]:
        """Return the items that the call asks to create, as far as they can be read."""
        return []

    def counted(self, call: Call) -> int | None:
        """Return the number of items for the log of calls, if the call is a batch."""
        return None

    def first_items(self, call: Call, *, count: int) -> Call:
        """Return the call reduced to its first `count` items."""
        return call
