"""The client of Coniq before the simulator, and its look-ups."""

import ssl
from typing import Literal

from couponbus.domain.issuing.account import Account, Lookup
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest, Channel
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.http.transport import Transport
from couponbus_sandbox.coniq import ConiqSandbox
from tests.unit.providers.fakes import RotatingKeys, WallClock

CLOCK = WallClock()
TRUST = ssl.create_default_context()
SECONDS = 2.0


def client(
    sandbox: ConiqSandbox,
    *,
    lookup: Lookup = Lookup.TRACKING_CODE,
    envelope: str | None = None,
    keys: RotatingKeys | None = None,
    absence_status: Literal[404] | None = None,
) -> ConiqBarcodes:
    account = Account(
        name="main",
        base_url=sandbox.url,
        secret_id="secret",
        lookup=lookup,
        batch_envelope=envelope,
        absence_status=absence_status,
    )
    return ConiqBarcodes(
        accounts={"main": account},
        stage="local",
        keys=keys or RotatingKeys(),
        transport=Transport(clock=CLOCK, trust=TRUST),
        clock=CLOCK,
    )


def barcode_requests(count: int, *, channel: Channel = Channel.MAIL) -> list[BarcodeRequest]:
    return [
        BarcodeRequest(
            customer_id=5000 + number,
            offer_id=101,
            channel=channel,
            tracking_code=f"sig-{number}",
        )
        for number in range(count)
    ]


def issue(
    coniq: ConiqBarcodes, requests: list[BarcodeRequest], *, seconds: float = SECONDS
) -> BatchAnswer:
    return coniq.issue(account="main", requests=requests, deadline=CLOCK.after(seconds))


def find(coniq: ConiqBarcodes, request: BarcodeRequest) -> list[Barcode]:
    return list(coniq.find(account="main", request=request, deadline=CLOCK.after(SECONDS)))


def applied(attempts: list[Attempt]) -> list[Barcode]:
    return [attempt.barcode for attempt in attempts if attempt.barcode is not None]
