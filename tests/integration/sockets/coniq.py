"""A Coniq client before a faulty server."""

import ssl
from typing import Literal

from couponbus.domain.issuing.account import Account, Lookup
from couponbus.domain.issuing.barcode import BarcodeRequest, Channel
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.http.transport import Transport
from tests.unit.providers.fakes import RotatingKeys, WallClock

CLOCK = WallClock()
TRUST = ssl.create_default_context()


def client(
    url: str,
    *,
    keys: RotatingKeys | None = None,
    lookup: Lookup = Lookup.TRACKING_CODE,
    envelope: str | None = None,
    absence_status: Literal[404] | None = None,
) -> ConiqBarcodes:
    """Return a client with one account, "main", at this address."""
    account = Account(
        name="main",
        base_url=url,
        secret_id="secret",
        lookup=lookup,
        batch_envelope=envelope,
        absence_status=absence_status,
    )
    return ConiqBarcodes(
        accounts={"main": account},
        stage="local",
        keys=keys or RotatingKeys(),
        transport=Transport(clock=CLOCK, trust=TRUST, connect_seconds=5.0),
        clock=CLOCK,
    )


def request(number: int = 1) -> BarcodeRequest:
    """Return a request for customer 1000 + number."""
    return BarcodeRequest(
        customer_id=1000 + number,
        offer_id=101,
        channel=Channel.MAIL,
        tracking_code=f"sig-{number}",
    )


def item(number: int = 1) -> dict[str, object]:
    """Return Coniq's answer to that request."""
    return {
        "barcode_number": f"24000000000{number:05d}",
        "offer_id": 101,
        "customer_id": 1000 + number,
        "tracking_code": f"sig-{number}",
    }
