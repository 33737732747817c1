"""What each simulator has in common, for the code that serves and controls it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from couponbus_sandbox.simulator.calls import CallLog
from couponbus_sandbox.simulator.clock import Clock, LateWork
from couponbus_sandbox.simulator.exchange import Api
from couponbus_sandbox.simulator.faults import FaultRule, Faults
from couponbus_sandbox.simulator.faulty import FaultyApi


class Simulated(Protocol):
    """A simulated provider with its faults, clock and memory of calls. Not thread-safe."""

    clock: Clock
    late: LateWork
    faults: Faults
    log: CallLog
    faulty: FaultyApi

    @property
    def api(self) -> Api:
        """The provider itself."""

    def server_time(self) -> datetime:
        """Return what the provider takes for the present, as its Date header says it."""

    def report(self) -> dict[str, object]:
        """Return the counts, ready for JSON."""

    def detail(self) -> object:
        """Return what it holds, ready for JSON."""

    def add_faults(self, rules: Sequence[FaultRule]) -> None:
        """Put rules into force, behind those that are; raises ValueError."""

    def reset(self) -> None:
        """Go back to the state after the start, with the settings of the start."""

    def change(self, changes: dict[str, object]) -> None:
        """Replace settings; raises ValueError."""

    def behaviour(self) -> dict[str, object]:
        """Return the settings that can be changed, ready for JSON."""
