"""Settle an AMBIGUOUS issuance with the barcode and the reason that an operator gives."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.masking import VISIBLE_DIGITS, masked
from couponbus.events.commands import WatchCustomers, WatchedCustomer
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.world import World

PUBLISH_GRACE = timedelta(minutes=1)
REASON_LIMIT = 200
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
EMAIL = re.compile(r"\S+@\S+")
NUMBER = re.compile(r"[A-Za-z0-9]*\d{6,}[A-Za-z0-9]*")


def safe_reason(text: str) -> str:
    """Return the reason without personal data or numbers. Raises Failed if nothing is left."""
    seen = " ".join(UNSEEN.sub(" ", text).split())
    hidden = EMAIL.sub("(e-mail hidden)", seen)
    reason = NUMBER.sub(lambda number: masked(number[0]), hidden)[:REASON_LIMIT].strip()
    if not reason:
        raise Failed("--reason must say why", kind="invalid_input")
    return reason


def require_ambiguous(row: Issuance) -> None:
    """Raise Failed for a row that needs no decision."""
    if row.state is not IssuanceState.AMBIGUOUS:
        text = f"{row.issuance_id} is {row.state}; only AMBIGUOUS ones can be resolved"
        raise Failed(text, kind="not_allowed")
    if row.unpublished:
        text = f"{row.issuance_id} is not published as ambiguous yet; try again in a minute"
        raise Failed(text, kind="not_allowed")


def chosen(row: Issuance, *, number: str, reason: str, now: datetime) -> Issuance:
    """Return the row with the barcode that an operator chose."""
    barcode = Barcode(
        number=number,
        offer_id=row.offer_id,
        customer_id=row.customer_id,
        channel=None,
        tracking_code=row.tracking_code,
        image_url=None,
        active=None,
        expires_on=None,
        created_at=None,
    )
    explained = replace(row, trail=row.step(now, "operator", reason))
    return explained.issued(
        barcode=barcode, origin=Origin.CHOSEN, now=now, publish_by=now + PUBLISH_GRACE
    )


def begin_watching(row: Issuance, world: World) -> None:
    """Start the program's watches of this customer, before the row is stored: none is lost.

    Idempotent, and harmless if the barcode is not recorded after all.
    Raises QueueUnavailable, RowsBroken when the program cannot be read.
    """
    program = world.programs.active().named(row.program)
    if program is None or not program.watches:
        return
    if row.uniqodo_user is None and row.koupon_consumer is None:
        return
    customer = WatchedCustomer(
        reference=row.signup_id,
        coniq_customer_id=row.customer_id,
        uniqodo_user_id=row.uniqodo_user,
        koupon_consumer=row.koupon_consumer,
    )
    command = WatchCustomers(program=program.name, tenant=row.tenant, customers=(customer,))
    world.polls.send([command])


def candidate(row: Issuance, choice: str) -> str:
    """Return the full number that a number, or its last digits, stands for. Raises Failed."""
    found = [each for each in row.candidates if _means(choice, each)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(masked(each) for each in row.candidates) or "none"
    problem = "fits several of" if found else "is none of"
    text = f"the choice {problem} the barcodes found: {shown}"
    raise Failed(text, kind="invalid_input")


def _means(choice: str, number: str) -> bool:
    return choice == number or (len(choice) >= VISIBLE_DIGITS and number.endswith(choice))
