"""The control interface that all simulators share: `/_sandbox/*`, without authentication."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from couponbus_sandbox.simulator.faults import FaultRule
from couponbus_sandbox.simulator.simulated import Simulated

ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]

type Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class _ClockMove:
    advance_seconds: Annotated[float, Field(ge=-(10**9), le=10**9)] | None = None
    now: AwareDatetime | None = None

    def __post_init__(self) -> None:
        if (self.advance_seconds is None) == (self.now is None):
            raise ValueError("give advance_seconds or now, one of them")


def listed(value: object) -> object:
    """Take a single object for a list of one."""
    return [value] if isinstance(value, dict) else value


_FAULTS = TypeAdapter(Annotated[list[FaultRule], BeforeValidator(listed)])
_CLOCK = TypeAdapter(_ClockMove)
_CHANGES = TypeAdapter(dict[str, object])


class SharedControls:
    """The endpoints, each of which acts between two provider calls."""

    def __init__(self, simulator: Simulated) -> None:
        self._shared = simulator

    def own(self) -> list[tuple[str, str, Endpoint]]:
        """Return what one simulator has beyond the others: method, name and endpoint."""
        return []

    def routes(self) -> list[Route]:
        """Return the routes; mistakes of the caller are answered with 400 and a message."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "faults", self._faults),
            ("POST", "faults", self._add_faults),
            ("DELETE", "faults", self._clear_faults),
            ("GET", "state", self._state),
            ("GET", "calls", self._calls),
            ("POST", "reset", self._reset),
            ("GET", "settings", self._settings),
            ("POST", "settings", self._change),
            ("POST", "clock", self._move_clock),
            *self.own(),
        ]
        known = [
            Route(f"/_sandbox/{name}", _explained(endpoint), methods=[method])
            for method, name, endpoint in table
        ]
        return [*known, Route("/_sandbox/{name:path}", self._unknown, methods=ANY_METHOD)]

    async def _unknown(self, request: Request) -> Response:
        return JSONResponse(
            {"message": "no such control; couponbus_sandbox/README.md lists them"}, 404
        )

    async def _faults(self, request: Request) -> Response:
        return JSONResponse(self._shared.faults.report())

    async def _add_faults(self, request: Request) -> Response:
        self._shared.add_faults(_FAULTS.validate_json(await request.body()))
        return JSONResponse(self._shared.faults.report(), 201)

    async def _clear_faults(self, request: Request) -> Response:
        self._shared.faults.clear()
        return Response(status_code=204)

    async def _state(self, request: Request) -> Response:
        shown = self._shared.report()
        if request.query_params.get("detail") == "1":
            shown["detail"] = self._shared.detail()
        return JSONResponse(shown)

    async def _calls(self, request: Request) -> Response:
        since = int(request.query_params.get("since", "0"))
        return JSONResponse(self._shared.log.since(since))

    async def _reset(self, request: Request) -> Response:
        self._shared.reset()
        return Response(status_code=204)

    async def _settings(self, request: Request) -> Response:
        return JSONResponse(self._shared.behaviour())

    async def _change(self, request: Request) -> Response:
        self._shared.change(_CHANGES.validate_json(await request.body()))
        return await self._settings(request)

    async def _move_clock(self, request: Request) -> Response:
        move = _CLOCK.validate_json(await request.body())
        if move.now is not None:
            self._shared.clock.set(move.now)
        else:
            self._shared.clock.advance(seconds=move.advance_seconds or 0.0)
        moment: datetime = self._shared.clock.now()
        return JSONResponse({"now": moment.isoformat()})


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
