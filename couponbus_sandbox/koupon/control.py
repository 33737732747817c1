"""What the control interface of the simulated Koupon has beyond the others."""

from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from couponbus_sandbox.koupon.simulator import KouponSimulator, NewConsumer, Transaction
from couponbus_sandbox.koupon.world import Offer, Store
from couponbus_sandbox.simulator.controls import Endpoint, SharedControls, listed

_CONSUMERS = TypeAdapter(Annotated[list[NewConsumer], BeforeValidator(listed)])
_OFFERS = TypeAdapter(Annotated[list[Offer], BeforeValidator(listed)])
_STORES = TypeAdapter(Annotated[list[Store], BeforeValidator(listed)])
_TRANSACTION = TypeAdapter(Transaction)


class Controls(SharedControls):
    """The endpoints for consumers, offers, stores and what happens at a till."""

    def __init__(self, simulator: KouponSimulator) -> None:
        super().__init__(simulator)
        self._simulator = simulator

    def own(self) -> list[tuple[str, str, Endpoint]]:
        """Return those that add, withdraw, redeem and void."""
        return [
            ("POST", "consumers", self._add_consumers),
            ("POST", "offers", self._add_offers),
            ("DELETE", "offers/{offer_id:int}", self._remove_offer),
            ("POST", "stores", self._add_stores),
            ("POST", "redeem", self._redeem),
            ("POST", "void", self._void),
        ]

    async def _add_consumers(self, request: Request) -> Response:
        self._simulator.add_consumers(_CONSUMERS.validate_json(await request.body()))
        return Response(status_code=204)

    async def _add_offers(self, request: Request) -> Response:
        self._simulator.add_offers(_OFFERS.validate_json(await request.body()))
        return Response(status_code=204)

    async def _remove_offer(self, request: Request) -> Response:
        self._simulator.remove_offer(request.path_params["offer_id"])
        return Response(status_code=204)

    async def _add_stores(self, request: Request) -> Response:
        self._simulator.add_stores(_STORES.validate_json(await request.body()))
        return Response(status_code=204)

    async def _redeem(self, request: Request) -> Response:
        transaction = _TRANSACTION.validate_json(await request.body())
        return JSONResponse({"redeemed": self._simulator.redeem(transaction)})

    async def _void(self, request: Request) -> Response:
        transaction = _TRANSACTION.validate_json(await request.body())
        return JSONResponse({"voided": self._simulator.void(transaction)})
