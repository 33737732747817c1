"""The Coniq simulator over HTTP: `coniq_app` to serve it, `coniq_server` for a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette

from couponbus_sandbox.coniq.control import controls
from couponbus_sandbox.coniq.settings import ApiAccount, ConiqSettings, Offer, SignupForm
from couponbus_sandbox.coniq.simulator import ConiqSimulator, NewCustomer, NewOffer, SandboxState
from couponbus_sandbox.simulator.faults import FaultKind, FaultRule
from couponbus_sandbox.simulator.handle import RunningSandbox
from couponbus_sandbox.simulator.provider_app import provider_app
from couponbus_sandbox.simulator.server import serve

__all__ = [
    "ApiAccount",
    "ConiqSandbox",
    "ConiqSettings",
    "FaultKind",
    "FaultRule",
    "NewCustomer",
    "NewOffer",
    "Offer",
    "SandboxState",
    "SignupForm",
    "coniq_app",
    "coniq_server",
]


def coniq_app(simulator: ConiqSimulator) -> Starlette:
    """Return the provider's routes, behind the fault switchboard, and the control routes."""
    return provider_app(simulator, controls=controls(simulator))


class ConiqSandbox(RunningSandbox[ConiqSimulator]):
    """A running simulator and its controls, usable from any thread."""

    @property
    def state(self) -> SandboxState:
        """The counts at this moment."""
        return self._server.call(self._simulator.state)

    def barcodes(self, *, account: str | None = None) -> list[dict[str, object]]:
        """Return the barcodes of an account (the first, unless it is named), oldest first."""
        name = self._simulator.api.book(account).name
        return self._server.call(self._simulator.detail)[name]["barcodes"]

    def add_customers(self, *customers: NewCustomer) -> list[int]:
        """Add customers and return their ids."""
        return self._server.call(lambda: self._simulator.add_customers(customers))

    def add_offers(self, *offers: NewOffer) -> None:
        """Add or replace offers."""
        self._server.call(lambda: self._simulator.add_offers(offers))


@contextmanager
def coniq_server(settings: ConiqSettings, *, port: int = 0) -> Iterator[ConiqSandbox]:
    """Run a simulator on 127.0.0.1 until the block ends; port 0 takes a free one.

    Raises pydantic's ValidationError for bad settings and PortTakenError.
    """
    simulator = ConiqSimulator(settings=settings)
    with serve(coniq_app(simulator), port=port) as server:
        yield ConiqSandbox(simulator=simulator, server=server)
