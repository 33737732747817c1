"""Endpoints of a test at the deployed product, and what arrives there."""

import json

from couponbus_sandbox.demo.waiting import tick
from tests.e2e.engine.laboratory import until
from tests.e2e.inbox import Inbox, ReceivedRequest
from tests.e2e.product import Customer, Json, Product, any_customer, sign_up

LOOKED_FOR_AGAIN = 31.0  # seconds after which a sender reads the secrets again when one is missing
BARCODES = ("--events", "BarcodeIssued")


def couponbus_json(product: Product, *arguments: str) -> Json:
    done = product.couponbus(*arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer: Json = json.loads(done.stdout)
    return answer


def added(product: Product, inbox: Inbox, *options: str, events: tuple[str, ...] = BARCODES) -> str:
    """Add the endpoint, and return its secret."""
    options = ("--id", inbox.endpoint_id, *events, *options)
    secret = str(couponbus_json(product, "endpoints", "add", inbox.url, *options)["secret"])
    product.stack.move_clock(seconds=LOOKED_FOR_AGAIN)
    return secret


def issued(product: Product, *, tenant: str = "default") -> Customer:
    """Have a barcode issued to a new customer."""
    who = any_customer()
    product.put_events(sign_up(who, tenant=tenant))
    product.until_received("BarcodeIssued", who.signup_id)
    return who


def requests(
    product: Product, inbox: Inbox, who: Customer, *, number: int = 1
) -> list[ReceivedRequest]:
    """Wait for so many webhooks about a customer."""

    def poll() -> list[ReceivedRequest]:
        tick(product.stack)
        found = list(inbox.about(who.signup_id))
        return found if len(found) >= number else []

    return until(poll)
