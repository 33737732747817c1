"""The handle of a running simulator in a test, usable from any thread."""

from datetime import datetime

from couponbus_sandbox.simulator.faults import FaultRule
from couponbus_sandbox.simulator.server import RunningServer
from couponbus_sandbox.simulator.simulator import Simulator


class RunningSandbox[S: Simulator]:
    """The controls that all simulators share."""

    def __init__(self, *, simulator: S, server: RunningServer) -> None:
        self.url = server.url
        self._simulator = simulator
        self._server = server

    def calls(self, *, since: int = 0) -> list[dict[str, object]]:
        """Return the calls after the one with this number, in order of arrival."""
        return self._server.call(lambda: self._simulator.log.since(since))

    def faults(self, *rules: FaultRule) -> None:
        """Put rules into force, behind those that are; raises ValueError."""
        self._server.call(lambda: self._simulator.add_faults(rules))

    def clear_faults(self) -> None:
        """Take all rules out of force."""
        self._server.call(self._simulator.faults.clear)

    def reset(self) -> None:
        """Go back to the state after the start."""
        self._server.call(self._simulator.reset)

    def change(self, **changes: object) -> None:
        """Replace settings by name; raises ValueError."""
        self._server.call(lambda: self._simulator.change(changes))

    def advance_clock(self, *, seconds: float) -> datetime:
        """Move the simulator's clock and return its new time; what falls due takes effect."""
        self._server.call(lambda: self._simulator.clock.advance(seconds=seconds))
        return self._server.call(self._simulator.clock.now)
