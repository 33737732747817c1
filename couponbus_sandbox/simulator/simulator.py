"""A simulated provider with its faults, clock and log of calls, as the controls use it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from couponbus_sandbox.simulator.calls import CallLog
from couponbus_sandbox.simulator.clock import LateWork
from couponbus_sandbox.simulator.faults import FaultRule, Faults
from couponbus_sandbox.simulator.faulty import FaultyApi
from couponbus_sandbox.simulator.provider_api import ProviderApi


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorState:
    """The counts for a test; the keys of `calls` are routes, then statuses."""

    clock: str
    calls: dict[str, dict[str, int]]
    faults_fired: dict[str, int]
    late_commits_pending: int


class Simulator(ABC):
    """One simulated provider. Not thread-safe: all calls come from the server's thread."""

    api: ProviderApi

    def __init__(self, *, api: ProviderApi) -> None:
        self.api = api
        self.clock = api.clock
        self.late = LateWork(clock=api.clock)
        self.faults = Faults()
        self.log = CallLog()
        self.faulty = FaultyApi(api=api, faults=self.faults, late=self.late)

    def reset(self) -> None:
        """Go back to the state after the start, with the settings of the start."""
        self.clock.reset()
        self.late.forget()
        self.faults.reset()
        self.log.clear()
        self.api.restart()

    def change(self, changes: Mapping[str, object]) -> None:
        """Replace settings; raises ValueError."""
        self.api.settings = self.api.settings.changed(changes)

    def add_faults(self, rules: Sequence[FaultRule]) -> None:
        """Put rules into force, behind those that are; raises ValueError."""
        for rule in rules:
            self.api.settings.changed(rule.settings)
        self.faults.add(rules)

    def report(self) -> dict[str, object]:
        """Return the counts, ready for JSON."""
        return asdict(self.state())

    @abstractmethod
    def state(self) -> SimulatorState:
        """Return the counts."""

    @abstractmethod
    def detail(self) -> Mapping[str, object]:
        """Return the provider's whole state, ready for JSON."""
