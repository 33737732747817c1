"""The controls that only the simulated Coniq has."""

from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter
from starlette.responses import JSONResponse, Response

from couponbus_sandbox.coniq.simulator import ConiqSimulator, NewCustomer, NewOffer
from couponbus_sandbox.simulator.controls import Control, listed, with_body

_CUSTOMERS = TypeAdapter(Annotated[list[NewCustomer], BeforeValidator(listed)])
_OFFERS = TypeAdapter(Annotated[list[NewOffer], BeforeValidator(listed)])


def controls(simulator: ConiqSimulator) -> list[Control]:
    """Return the controls that add customers and offers."""

    def add_customers(customers: list[NewCustomer]) -> Response:
        return JSONResponse({"customer_ids": simulator.add_customers(customers)}, 201)

    return [
        ("POST", "customers", with_body(_CUSTOMERS, add_customers)),
        ("POST", "offers", with_body(_OFFERS, simulator.add_offers)),
    ]
