"""Requests, Coniq's answers to them, and the outcome of each."""

from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.attempt import Attempt, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest, Channel
from couponbus.providers.coniq.matching import Matched, match
from couponbus.providers.coniq.wire import ConiqReading, ItemError

ACCOUNT = Account(name="main", base_url="http://127.0.0.1:1", secret_id="secret")
APPLIED = (Outcome.APPLIED, "issued", Blame.TRANSIENT)
CONTRADICTED = (Outcome.CONTRADICTED, "contradicted", Blame.TRANSIENT)
FIVE = range(1, 6)
MISSING = (Outcome.UNKNOWN, "missing_in_answer", Blame.BATCH)


def request(number: int) -> BarcodeRequest:
    return BarcodeRequest(
        customer_id=number, offer_id=101, channel=Channel.MAIL, tracking_code=f"sig-{number}"
    )


def barcode(number: int) -> Barcode:
    return Barcode(
        number=f"24{number:06d}",
        offer_id=101,
        customer_id=number,
        channel="MAIL",
        tracking_code=f"sig-{number}",
        image_url=None,
        active=None,
        expires_on=None,
        created_at=None,
    )


def error(
    *,
    status: int | None = 400,
    tracking_code: str | None = None,
    customer_id: int | None = None,
    offer_id: int | None = None,
) -> ItemError:
    return ItemError(
        reason="provider_error" if status is None else f"provider_{status}",
        status=status,
        tracking_code=tracking_code,
        customer_id=customer_id,
        offer_id=offer_id,
    )


def matched(
    requests: list[BarcodeRequest], *items: Barcode | ItemError, account: Account = ACCOUNT
) -> Matched:
    reading = ConiqReading(
        barcodes=[item for item in items if isinstance(item, Barcode)],
        errors=[item for item in items if isinstance(item, ItemError)],
    )
    return match(requests, reading, account=account)


def what(attempt: Attempt) -> tuple[Outcome, str, Blame]:
    return attempt.outcome, attempt.reason, attempt.blame
