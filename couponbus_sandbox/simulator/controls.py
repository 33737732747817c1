"""The control interface that all simulators share: `/_sandbox/*`, without authentication."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.faults import FaultRule
from couponbus_sandbox.simulator.simulator import Simulator

ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]

type Endpoint = Callable[[Request], Awaitable[Response]]
type Control = tuple[str, str, Endpoint]  # method, name and endpoint


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class _ClockMove:
    advance_seconds: Annotated[float, Field(ge=-(10**9), le=10**9)] | None = None
    now: AwareDatetime | None = None

    def __post_init__(self) -> None:
        if (self.advance_seconds is None) == (self.now is None):
            raise ValueError("give advance_seconds or now, one of them")


def listed(value: object) -> object:
    """Return a single object as a list of one."""
    return [value] if isinstance(value, dict) else value


_FAULTS = TypeAdapter(Annotated[list[FaultRule], BeforeValidator(listed)])
_CLOCK = TypeAdapter(_ClockMove)
_CHANGES = TypeAdapter(dict[str, object])


def with_body[T](adapter: TypeAdapter[T], work: Callable[[T], Response | None]) -> Endpoint:
    """Return an endpoint that passes its parsed body to `work`; without an answer it is 204."""

    async def endpoint(request: Request) -> Response:
        return work(adapter.validate_json(await request.body())) or Response(status_code=204)

    return endpoint


def without_body(work: Callable[[Request], Response | None]) -> Endpoint:
    """Return an endpoint that reads no body; without an answer it is 204."""

    async def endpoint(request: Request) -> Response:
        return work(request) or Response(status_code=204)

    return endpoint


def number_in(request: Request) -> int:
    """Return the number in the path."""
    number: int = request.path_params["number"]
    return number


def control_routes(simulator: Simulator, *, own: Sequence[Control]) -> list[Route]:
    """Return the routes: the shared ones, then the provider's `own`.

    Each acts between two calls; invalid requests are answered with 400 and a message.
    """
    table = [*_shared(simulator), *own]
    known = [
        Route(f"/_sandbox/{name}", _explained(endpoint), methods=[method])
        for method, name, endpoint in table
    ]
    return [*known, Route("/_sandbox/{name:path}", without_body(_unknown), methods=ANY_METHOD)]


def _shared(simulator: Simulator) -> list[Control]:
    faults = simulator.faults

    def add_faults(rules: list[FaultRule]) -> Response:
        simulator.add_faults(rules)
        return JSONResponse(faults.report(), 201)

    def state(request: Request) -> Response:
        detailed = request.query_params.get("detail") == "1"
        more = {"detail": simulator.detail()} if detailed else {}
        return JSONResponse(simulator.report() | more)

    def settings(request: Request) -> Response:
        return JSONResponse(simulator.api.settings.behaviour())

    def change(changes: dict[str, object]) -> Response:
        simulator.change(changes)
        return JSONResponse(simulator.api.settings.behaviour())

    def calls(request: Request) -> Response:
        return JSONResponse(simulator.log.since(int(request.query_params.get("since", "0"))))

    return [
        ("GET", "faults", without_body(lambda _: JSONResponse(faults.report()))),
        ("POST", "faults", with_body(_FAULTS, add_faults)),
        ("DELETE", "faults", without_body(lambda _: faults.clear())),
        ("GET", "state", without_body(state)),
        ("GET", "calls", without_body(calls)),
        ("POST", "reset", without_body(lambda _: simulator.reset())),
        ("GET", "settings", without_body(settings)),
        ("POST", "settings", with_body(_CHANGES, change)),
        ("POST", "clock", with_body(_CLOCK, lambda move: _moved(simulator.clock, move))),
    ]


def _moved(clock: Clock, move: _ClockMove) -> Response:
    if move.now is not None:
        clock.set(move.now)
    else:
        clock.advance(seconds=move.advance_seconds or 0.0)
    return JSONResponse({"now": clock.now().isoformat()})


def _unknown(request: Request) -> Response:
    return JSONResponse({"message": "no such control; couponbus_sandbox/README.md lists them"}, 404)


def what_is_wrong(problem: ValidationError) -> str:
    """Return the problem in a line that names the fields and repeats no value."""
    sentences = []
    for error in problem.errors(include_input=False):
        where = ".".join(str(step) for step in error["loc"])
        sentences.append(f"{where}: {error['msg']}" if where else error["msg"])
    return "; ".join(sentences)


def _explained(endpoint: Endpoint) -> Endpoint:
    async def explained(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ValidationError as problem:
            return JSONResponse({"message": what_is_wrong(problem)}, 400)
        except KeyError as problem:
            return JSONResponse({"message": f"unknown {problem.args[0]}"}, 400)
        except ValueError as problem:
            return JSONResponse({"message": str(problem)}, 400)

    return explained
