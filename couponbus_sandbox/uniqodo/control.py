"""The controls that only the simulated Uniqodo has."""

from typing import Annotated

from pydantic import BeforeValidator, JsonValue, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from couponbus_sandbox.simulator.controls import Control, listed, number_in, with_body, without_body
from couponbus_sandbox.uniqodo.promotions import Promotion
from couponbus_sandbox.uniqodo.simulator import NewRedemption, NewUser, UniqodoSimulator

_PROMOTIONS = TypeAdapter(Annotated[list[Promotion], BeforeValidator(listed)])
_USERS = TypeAdapter(Annotated[list[NewUser], BeforeValidator(listed)])
_REDEMPTIONS = TypeAdapter(Annotated[list[NewRedemption], BeforeValidator(listed)])
_RECORD = TypeAdapter(dict[str, JsonValue])


def controls(simulator: UniqodoSimulator) -> list[Control]:
    """Return the controls for promotions, users, redemptions and callbacks."""

    def add_users(users: list[NewUser]) -> Response:
        return JSONResponse({"codes": simulator.add_users(users)}, 201)

    def redeem(redemptions: list[NewRedemption]) -> Response:
        return JSONResponse(simulator.redeem(redemptions), 201)

    async def change_record(request: Request) -> Response:
        changes = _RECORD.validate_json(await request.body())
        return JSONResponse(simulator.change_redemption(number_in(request), {**changes}))

    def resend_callback(request: Request) -> Response:
        simulator.resend_callback(number_in(request))
        return Response(status_code=202)

    def remove(request: Request) -> None:
        simulator.remove_redemption(number_in(request))

    return [
        ("POST", "promotions", with_body(_PROMOTIONS, simulator.add_promotions)),
        ("POST", "users", with_body(_USERS, add_users)),
        ("POST", "redemptions", with_body(_REDEMPTIONS, redeem)),
        ("PATCH", "redemptions/{number:int}", change_record),
        ("DELETE", "redemptions/{number:int}", without_body(remove)),
        ("GET", "callbacks", without_body(lambda _: JSONResponse(simulator.callbacks.report()))),
        ("POST", "callbacks/{number:int}", without_body(resend_callback)),
    ]
