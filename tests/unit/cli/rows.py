"""Rows of the default tenant around noon, in every state."""

from dataclasses import replace
from datetime import timedelta

from couponbus.domain.identity import issuance_id
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.program import Program
from tests.factories import any_barcode, any_issuance, any_program
from tests.fakes.clock import NOON

SECOND = timedelta(seconds=1)
NUMBER = "6330000000000042"


def an_issuance(program: Program | None = None, *, customer_id: int = 4001) -> Issuance:
    """Return a fresh one of the default tenant, signed up a minute before noon."""
    of = program or any_program()
    account, offer_id = of.account or "", of.offer_id or 0
    identified = issuance_id(
        tenant="default",
        account=account,
        customer_id=customer_id,
        offer_id=offer_id,
        occurrence=of.occurrence,
    )
    return replace(
        any_issuance(),
        issuance_id=identified,
        tenant="default",
        account=account,
        program=of.name,
        customer_id=customer_id,
        offer_id=offer_id,
        tracking_code=of.tracking_prefix + identified,
        signed_up_at=NOON - 60 * SECOND,
        trail=(),
    )


def requested(row: Issuance) -> Issuance:
    return row.claimed(
        claim_id="claim-1",
        now=NOON - 50 * SECOND,
        deadline=NOON + 10 * SECOND,
        ready_at=NOON + 600 * SECOND,
    )


def issued(row: Issuance, origin: Origin = Origin.ISSUED) -> Issuance:
    barcode: Barcode = replace(any_barcode(of=row.request), number=NUMBER)
    return requested(row).issued(
        barcode=barcode, origin=origin, now=NOON - 40 * SECOND, publish_by=NOON + 20 * SECOND
    )


def ambiguous(row: Issuance) -> Issuance:
    return requested(row).ambiguous(
        numbers=(NUMBER, "6330000000000043"),
        reason="several_found",
        now=NOON,
        publish_by=NOON + 60 * SECOND,
    )
