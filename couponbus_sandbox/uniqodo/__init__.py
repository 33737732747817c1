"""The Uniqodo simulator over HTTP: `uniqodo_app` to serve it, `uniqodo_server` for a test."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from starlette.applications import Starlette

from couponbus_sandbox.simulator.faults import FaultKind, FaultRule
from couponbus_sandbox.simulator.handle import RunningSandbox
from couponbus_sandbox.simulator.provider_app import provider_app
from couponbus_sandbox.simulator.server import serve
from couponbus_sandbox.uniqodo.book import Record
from couponbus_sandbox.uniqodo.control import controls
from couponbus_sandbox.uniqodo.promotions import (
    ODD,
    ONE_USE,
    THREE_USES,
    WITH_A_RULE,
    History,
    Promotion,
    QueryError,
)
from couponbus_sandbox.uniqodo.settings import UniqodoKey, UniqodoSettings
from couponbus_sandbox.uniqodo.simulator import (
    NewRedemption,
    NewUser,
    UniqodoSimulator,
    UniqodoState,
)

__all__ = [
    "ODD",
    "ONE_USE",
    "THREE_USES",
    "WITH_A_RULE",
    "FaultKind",
    "FaultRule",
    "History",
    "NewRedemption",
    "NewUser",
    "Promotion",
    "QueryError",
    "UniqodoKey",
    "UniqodoSandbox",
    "UniqodoSettings",
    "UniqodoState",
    "uniqodo_app",
    "uniqodo_server",
]


def uniqodo_app(simulator: UniqodoSimulator) -> Starlette:
    """Return the provider's routes, behind the fault switchboard, and the control routes."""
    return provider_app(simulator, controls=controls(simulator))


class UniqodoSandbox(RunningSandbox[UniqodoSimulator]):
    """A running simulator and its controls, usable from any thread."""

    @property
    def state(self) -> UniqodoState:
        """The counts at this moment."""
        return self._server.call(self._simulator.state)

    def detail(self) -> dict[str, list[dict[str, object]]]:
        """Return promotions, codes and redemptions, ready for JSON."""
        return self._server.call(self._simulator.detail)

    def add_promotions(self, *promotions: Promotion) -> None:
        """Add or replace promotions."""
        self._server.call(lambda: self._simulator.add_promotions(promotions))

    def add_users(self, *users: NewUser) -> list[str]:
        """Issue codes to users and return them."""
        return self._server.call(lambda: self._simulator.add_users(users))

    def redeem(self, *redemptions: NewRedemption) -> list[Record]:
        """Add redemptions and return their records."""
        return self._server.call(lambda: self._simulator.redeem(redemptions))

    def change_redemption(self, number: int, **changes: object) -> Record:
        """Replace fields of a record and return it."""
        return self._server.call(lambda: self._simulator.change_redemption(number, changes))

    def remove_redemption(self, number: int) -> None:
        """Remove a redemption."""
        self._server.call(lambda: self._simulator.remove_redemption(number))

    def resend_callback(self, number: int) -> None:
        """Send the callback of an old redemption."""
        self._server.call(lambda: self._simulator.resend_callback(number))

    def callbacks(self) -> list[dict[str, object]]:
        """Wait until all callbacks are sent, and return them."""
        self._simulator.callbacks.settled()
        return self._simulator.callbacks.report()


@contextmanager
def uniqodo_server(settings: UniqodoSettings, *, port: int = 0) -> Iterator[UniqodoSandbox]:
    """Run a simulator on 127.0.0.1 until the block ends; port 0 takes a free one.

    Raises pydantic's ValidationError for bad settings and PortTakenError.
    """
    simulator = UniqodoSimulator(settings=settings)
    with (
        closing(simulator.callbacks),
        serve(uniqodo_app(simulator), port=port) as server,
    ):
        yield UniqodoSandbox(simulator=simulator, server=server)
