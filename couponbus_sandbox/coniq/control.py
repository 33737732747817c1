"""What the control interface of the simulated Coniq has beyond the others."""

from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from couponbus_sandbox.coniq.simulator import ConiqSimulator, NewCustomer, NewOffer
from couponbus_sandbox.simulator.controls import Endpoint, SharedControls, listed

_CUSTOMERS = TypeAdapter(Annotated[list[NewCustomer], BeforeValidator(listed)])
_OFFERS = TypeAdapter(Annotated[list[NewOffer], BeforeValidator(listed)])


class Controls(SharedControls):
    """The endpoints for customers and offers."""

    def __init__(self, simulator: ConiqSimulator) -> None:
        super().__init__(simulator)
        self._simulator = simulator

    def own(self) -> list[tuple[str, str, Endpoint]]:
        """Return the two that add."""
        return [
            ("POST", "customers", self._add_customers),
            ("POST", "offers", self._add_offers),
        ]

    async def _add_customers(self, request: Request) -> Response:
        customers = _CUSTOMERS.validate_json(await request.body())
        return JSONResponse({"customer_ids": self._simulator.add_customers(customers)}, 201)

    async def _add_offers(self, request: Request) -> Response:
        self._simulator.add_offers(_OFFERS.validate_json(await request.body()))
        return Response(status_code=204)
