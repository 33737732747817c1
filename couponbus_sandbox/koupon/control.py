"""The controls that only the simulated Koupon has."""

from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter
from starlette.responses import JSONResponse, Response

from couponbus_sandbox.koupon.simulator import KouponSimulator, NewConsumer, Transaction
from couponbus_sandbox.koupon.world import Offer, Store
from couponbus_sandbox.simulator.controls import Control, listed, number_in, with_body, without_body

_CONSUMERS = TypeAdapter(Annotated[list[NewConsumer], BeforeValidator(listed)])
_OFFERS = TypeAdapter(Annotated[list[Offer], BeforeValidator(listed)])
_STORES = TypeAdapter(Annotated[list[Store], BeforeValidator(listed)])
_TRANSACTION = TypeAdapter(Transaction)


def controls(simulator: KouponSimulator) -> list[Control]:
    """Return the controls that add, withdraw, redeem and void."""

    def redeem(transaction: Transaction) -> Response:
        return JSONResponse({"redeemed": simulator.redeem(transaction)})

    def void(transaction: Transaction) -> Response:
        return JSONResponse({"voided": simulator.void(transaction)})

    return [
        ("POST", "consumers", with_body(_CONSUMERS, simulator.add_consumers)),
        ("POST", "offers", with_body(_OFFERS, simulator.add_offers)),
        (
            "DELETE",
            "offers/{number:int}",
            without_body(lambda of: simulator.remove_offer(number_in(of))),
        ),
        ("POST", "stores", with_body(_STORES, simulator.add_stores)),
        ("POST", "redeem", with_body(_TRANSACTION, redeem)),
        ("POST", "void", with_body(_TRANSACTION, void)),
    ]
