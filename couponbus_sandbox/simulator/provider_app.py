"""A simulator over HTTP: its control routes, and every other path behind the fault switchboard."""

from collections.abc import Sequence
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from couponbus_sandbox.simulator.controls import ANY_METHOD, Control, control_routes
from couponbus_sandbox.simulator.exchange import Call
from couponbus_sandbox.simulator.hangups import HangUp
from couponbus_sandbox.simulator.simulator import Simulator


def provider_app(simulator: Simulator, *, controls: Sequence[Control]) -> Starlette:
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
        record.items = simulator.api.counted(call)
        simulator.late.settle()
        reply = await simulator.faulty.respond(call, request.receive)
        simulator.log.decided(record, status=reply.status, fault=reply.fault)
        reply.response.headers["date"] = format_datetime(simulator.api.now(), usegmt=True)
        return reply.response

    everything = Route("/{path:path}", exchange, methods=ANY_METHOD)
    return Starlette(routes=[*control_routes(simulator, own=controls), everything])


async def _read(request: Request) -> Call:
    raw_path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return Call(
        method=request.method,
        path=request.scope["path"],
        headers={name.lower(): value for name, value in request.headers.items()},
        query=tuple(request.query_params.multi_items()),
        body=await request.body(),
        target=(raw_path + b"?" + query if query else raw_path).decode("latin-1"),
    )
