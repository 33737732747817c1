"""HTTP requests with arbitrary values."""

import json
from datetime import timedelta

from couponbus.domain.inbound.receipt import Receipt
from tests.drawing import SPRING, any_number, any_word, draw

type Json = dict[str, object]


def any_receipt(*, seed: int | None = None) -> Receipt:
    source = draw(seed)
    return Receipt(
        receipt_id=any_word(seed=seed).upper(),
        body_sha256=f"{source.getrandbits(256):064x}",
        sign_ups=source.randint(1, 100),
        received_at=SPRING + timedelta(seconds=source.randrange(10**6)),
    )


def any_detail(**fields: object) -> Json:
    """Return a sign-up as a producer writes it, with some fields replaced or added."""
    return {
        "signup_id": f"signup-{any_number()}",
        "occurred_at": "2026-06-01T11:59:00Z",
        "customer": {"coniq_customer_id": any_number()},
        **fields,
    }


def body_of(*details: object) -> bytes:
    """Return the body of a request with these sign-ups."""
    return json.dumps({"sign_ups": list(details)}).encode()
