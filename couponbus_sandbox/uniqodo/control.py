"""The controls of the simulated Uniqodo beside those that all simulators share."""

from typing import Annotated

from pydantic import BeforeValidator, JsonValue, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from couponbus_sandbox.simulator.controls import Endpoint, SharedControls, listed
from couponbus_sandbox.uniqodo.promotions import Promotion
from couponbus_sandbox.uniqodo.simulator import NewRedemption, NewUser, UniqodoSimulator

_PROMOTIONS = TypeAdapter(Annotated[list[Promotion], BeforeValidator(listed)])
_USERS = TypeAdapter(Annotated[list[NewUser], BeforeValidator(listed)])
_REDEMPTIONS = TypeAdapter(Annotated[list[NewRedemption], BeforeValidator(listed)])
_RECORD = TypeAdapter(dict[str, JsonValue])


class UniqodoControls(SharedControls):
    """The endpoints for promotions, users, redemptions and callbacks."""

    def __init__(self, simulator: UniqodoSimulator) -> None:
        super().__init__(simulator)
        self._simulator = simulator

    def own(self) -> list[tuple[str, str, Endpoint]]:
        """Return the endpoints."""
        return [
            ("POST", "promotions", self._add_promotions),
            ("POST", "users", self._add_users),
            ("POST", "redemptions", self._redeem),
            ("PATCH", "redemptions/{number:int}", self._change_record),
            ("DELETE", "redemptions/{number:int}", self._remove),
            ("GET", "callbacks", self._callbacks),
            ("POST", "callbacks/{number:int}", self._tell_again),
        ]

    async def _add_promotions(self, request: Request) -> Response:
        self._simulator.add_promotions(_PROMOTIONS.validate_json(await request.body()))
        return Response(status_code=204)

    async def _add_users(self, request: Request) -> Response:
        users = _USERS.validate_json(await request.body())
        return JSONResponse({"codes": self._simulator.add_users(users)}, 201)

    async def _redeem(self, request: Request) -> Response:
        redemptions = _REDEMPTIONS.validate_json(await request.body())
        return JSONResponse(self._simulator.redeem(redemptions), 201)

    async def _change_record(self, request: Request) -> Response:
        changes = dict(_RECORD.validate_json(await request.body()))
        return JSONResponse(self._simulator.change_redemption(_number(request), {**changes}))

    async def _remove(self, request: Request) -> Response:
        self._simulator.remove_redemption(_number(request))
        return Response(status_code=204)

    async def _callbacks(self, request: Request) -> Response:
        return JSONResponse(self._simulator.callbacks.report())

    async def _tell_again(self, request: Request) -> Response:
        self._simulator.tell_again(_number(request))
        return Response(status_code=202)


def _number(request: Request) -> int:
    number: int = request.path_params["number"]
    return number
