"""The Coniq simulator over HTTP: `coniq_app` to serve it, `coniq_server` for a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.coniq_api import BATCH_ROUTE
from sandbox.coniq_control import ANY_METHOD, Controls
from sandbox.coniq_settings import ApiAccount, ConiqSettings, Offer, SignupForm
from sandbox.coniq_simulator import ConiqSimulator, NewCustomer, NewOffer, SandboxState
from sandbox.exchange import Call
from sandbox.faults import FaultKind, FaultRule
from sandbox.hangups import HangUp
from sandbox.server import RunningServer, serve

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

    async def exchange(request: Request) -> Response:
        record = simulator.log.arrived(method=request.method)
        try:
            call = await _read(request)
        except ClientDisconnect:
            return HangUp(ending="fin")
        record.route = simulator.api.route(call)
        record.query = dict(call.query)
        record.account = simulator.api.account(call)
        if record.route == BATCH_ROUTE:
            record.items = len(simulator.api.items(call))
        simulator.late.settle()
        reply = await simulator.faulty.respond(call, request.receive)
        simulator.log.decided(record, status=reply.status, fault=reply.fault)
        return reply.response

    catch_all = Route("/{path:path}", exchange, methods=ANY_METHOD)
    return Starlette(routes=[*Controls(simulator).routes(), catch_all])


class ConiqSandbox:
    """A running simulator and its controls, usable from any thread."""

    def __init__(self, *, simulator: ConiqSimulator, server: RunningServer) -> None:
        self.url = server.url
        self._simulator = simulator
        self._server = server

    @property
    def state(self) -> SandboxState:
        """The counts at this moment."""
        return self._server.call(self._simulator.state)

    def barcodes(self, *, account: str | None = None) -> list[dict[str, object]]:
        """Return the barcodes of an account (the first, unless it is named), oldest first."""
        name = self._simulator.api.book(account).name
        return self._server.call(self._simulator.detail)[name]["barcodes"]

    def calls(self, *, since: int = 0) -> list[dict[str, object]]:
        """Return the calls after the one with this number, in order of arrival."""
        return self._server.call(lambda: self._simulator.log.since(since))

    def faults(self, *rules: FaultRule) -> None:
        """Put rules into force, behind those that are."""
        self._server.call(lambda: self._simulator.faults.add(rules))

    def clear_faults(self) -> None:
        """Take all rules out of force."""
        self._server.call(self._simulator.faults.clear)

    def reset(self) -> None:
        """Go back to the state after the start."""
        self._server.call(self._simulator.reset)

    def change(self, **changes: object) -> None:
        """Replace settings by name; raises ValueError."""
        self._server.call(lambda: self._simulator.change(changes))

    def add_customers(self, *customers: NewCustomer) -> list[int]:
        """Add customers and return their ids."""
        return self._server.call(lambda: self._simulator.add_customers(customers))

    def add_offers(self, *offers: NewOffer) -> None:
        """Add or replace offers."""
        self._server.call(lambda: self._simulator.add_offers(offers))

    def advance_clock(self, *, seconds: float) -> datetime:
        """Move the simulator's clock and return its new time; what falls due takes effect."""
        self._server.call(lambda: self._simulator.clock.advance(seconds=seconds))
        return self._server.call(self._simulator.clock.now)


@contextmanager
def coniq_server(settings: ConiqSettings, *, port: int = 0) -> Iterator[ConiqSandbox]:
    """Run a simulator on 127.0.0.1 until the block ends; port 0 takes a free one.

    Raises pydantic's ValidationError for bad settings and PortTakenError.
    """
    simulator = ConiqSimulator(settings=settings)
    with serve(coniq_app(simulator), port=port) as server:
        yield ConiqSandbox(simulator=simulator, server=server)


async def _read(request: Request) -> Call:
    return Call(
        method=request.method,
        path=request.scope["path"],
        headers={name.lower(): value for name, value in request.headers.items()},
        query=tuple(request.query_params.multi_items()),
        body=await request.body(),
    )
