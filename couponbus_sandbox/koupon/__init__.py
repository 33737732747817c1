"""The Koupon simulator over HTTP: `koupon_app` to serve it, `koupon_server` for a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette

from couponbus_sandbox.koupon.control import controls
from couponbus_sandbox.koupon.settings import Access, KouponSettings
from couponbus_sandbox.koupon.simulator import (
    KouponSimulator,
    NewConsumer,
    SandboxState,
    Transaction,
)
from couponbus_sandbox.koupon.world import Brand, Offer, Store
from couponbus_sandbox.simulator.faults import FaultKind, FaultRule
from couponbus_sandbox.simulator.handle import RunningSandbox
from couponbus_sandbox.simulator.provider_app import provider_app
from couponbus_sandbox.simulator.server import serve

__all__ = [
    "Access",
    "Brand",
    "FaultKind",
    "FaultRule",
    "KouponSandbox",
    "KouponSettings",
    "NewConsumer",
    "Offer",
    "SandboxState",
    "Store",
    "koupon_app",
    "koupon_server",
]


def koupon_app(simulator: KouponSimulator) -> Starlette:
    """Return the provider's routes, behind the fault switchboard, and the control routes."""
    return provider_app(simulator, controls=controls(simulator))


class KouponSandbox(RunningSandbox[KouponSimulator]):
    """A running simulator and its controls, usable from any thread."""

    @property
    def state(self) -> SandboxState:
        """The counts at this moment."""
        return self._server.call(self._simulator.state)

    def add_consumers(self, *consumers: NewConsumer) -> None:
        """Add or change consumers."""
        self._server.call(lambda: self._simulator.add_consumers(consumers))

    def add_offers(self, *offers: Offer) -> None:
        """Add or replace offers."""
        self._server.call(lambda: self._simulator.add_offers(offers))

    def remove_offer(self, offer_id: int) -> None:
        """Withdraw an offer; raises KeyError."""
        self._server.call(lambda: self._simulator.remove_offer(offer_id))

    def add_stores(self, *stores: Store) -> None:
        """Add or replace stores."""
        self._server.call(lambda: self._simulator.add_stores(stores))

    def redeem(self, consumer: str, offer_id: int, *, times: int = 1) -> int:
        """Redeem as often as limit and stock allow, and return the number of redemptions."""
        done = Transaction(consumer=consumer, offer_id=offer_id, times=times)
        return self._server.call(lambda: self._simulator.redeem(done))

    def void(self, consumer: str, offer_id: int, *, times: int = 1) -> int:
        """Void redemptions, at most those that exist, and return the number voided."""
        undone = Transaction(consumer=consumer, offer_id=offer_id, times=times)
        return self._server.call(lambda: self._simulator.void(undone))


@contextmanager
def koupon_server(settings: KouponSettings, *, port: int = 0) -> Iterator[KouponSandbox]:
    """Run a simulator on 127.0.0.1 until the block ends; port 0 takes a free one.

    Raises pydantic's ValidationError for bad settings and PortTakenError.
    """
    simulator = KouponSimulator(settings=settings)
    with serve(koupon_app(simulator), port=port) as server:
        yield KouponSandbox(simulator=simulator, server=server)
