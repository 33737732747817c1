"""Coniq's resources as JSON data (docs/providers.md#coniq-barcodes)."""

from datetime import datetime

from couponbus_sandbox.coniq.book import Barcode, Customer
from couponbus_sandbox.coniq.checks import MESSAGES, Problem
from couponbus_sandbox.coniq.settings import ConiqSettings, Offer
from couponbus_sandbox.simulator.references import changed_reference

type Json = dict[str, object]


def barcode_json(barcode: Barcode, *, settings: ConiqSettings) -> Json:
    """Return the nine fields; one that does not apply is null or, by setting, left out."""
    shown: Json = {
        "barcode_number": barcode.number,
        "offer_id": barcode.request.offer_id,
        "customer_id": barcode.request.customer_id,
        "channel": barcode.request.channel,
        "tracking_code": changed_reference(barcode.request.tracking_code, settings.reference_shown),
        "image_url": f"https://images.coniq.invalid/{barcode.number}.png",
        "active": barcode.active,
        "expiry_date": None if barcode.expires is None else barcode.expires.isoformat(),
        "created_datetime_utc": moment(barcode.created, settings=settings),
    }
    if settings.absent_fields == "null":
        return shown
    return {name: value for name, value in shown.items() if value is not None}


def customer_json(customer: Customer, *, settings: ConiqSettings) -> Json:
    """Return the customer; Coniq documents no example, so the shape is an assumption."""
    return {
        **customer.fields,
        "customer_id": customer.customer_id,
        "email": customer.email,
        "created_datetime_utc": moment(customer.created, settings=settings),
    }


def subscription_json(customer: Customer, offer: Offer, *, settings: ConiqSettings) -> Json:
    """Return the customer's membership of an offer; an assumption like the customer."""
    return {
        "customer_id": customer.customer_id,
        "customer_email": customer.email,
        "offer_id": offer.offer_id,
        "created_datetime_utc": moment(customer.created, settings=settings),
    }


def error_item(problems: list[Problem], item: object, *, settings: ConiqSettings) -> Json:
    """Return the entry of a batch answer for an item that got no barcode."""
    texts = [f"{each.field}: {each.message}" for each in problems]
    shown: Json = {
        "index": problems[0].index,
        "code": problems[0].code,
        "message": MESSAGES[problems[0].code],
        "error": texts,
    }
    if settings.error_items == "index_and_ids" and isinstance(item, dict):
        named = ("offer_id", "customer_id", "channel", "tracking_code")
        shown |= {name: item[name] for name in named if name in item}
    return shown


def moment(value: datetime, *, settings: ConiqSettings) -> str:
    """Return ISO 8601 with `+00:00` or, by setting, without a zone; both mean UTC."""
    if settings.datetime_style == "naive":
        value = value.replace(tzinfo=None)
    return value.isoformat(timespec="seconds")
