"""The form of Coniq's barcodes, access rules and errors (docs/providers.md#coniq-barcodes)."""

from collections.abc import Sequence
from http import HTTPStatus

from couponbus.domain.errors import ContractBroken
from couponbus.providers.coniq.customers import customer_with
from couponbus.providers.coniq.message import is_own_error
from couponbus_cli.probe.caller import Reply
from couponbus_cli.probe.coniq_calls import Item, Listing
from couponbus_cli.probe.findings import ABSENCE_STATUS, NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.forms import (
    DAY,
    WITH_OFFSET,
    WITHOUT_OFFSET,
    ErrorForm,
    error_form,
    kinds,
    listed,
    time_forms,
)

ACCESS = Assumption(
    name="authorization",
    text='the header Authorization: ApiKey key="..." is accepted',
    change="the secret, or the host: a key is for one instance (EU or US)",
)
WRONG_KEY = Assumption(
    name="wrong_key", text="a key that does not exist is 401", change="nothing: 403 is known too"
)
VERSION = Assumption(name="api_version", text="a call without x-api-version is refused with 400")
ERRORS = Assumption(
    name="error_form",
    text="an error is JSON with a code, a message and a list of errors",
    change=f"{NOTHING_TO_CHANGE}; simulator: error_style",
)
SHAPE = Assumption(name="list_shape", text="GET /barcode answers with a bare array of barcodes")
IDENTITY = Assumption(
    name="identifying_fields",
    text="barcode_number is text, offer_id and customer_id are integers",
    change=f"{NOTHING_TO_CHANGE} if the ids are digits; a number that is not text is refused",
)
CREATED = Assumption(
    name="created_datetime_utc",
    text="created_datetime_utc is ISO 8601, in UTC where it has no offset",
    change="nothing can be set: the time is left out of events",
)
EXPIRY = Assumption(
    name="expiry_date",
    text="expiry_date is YYYY-MM-DD",
    change="nothing if it begins like this; else the date is left out of events",
)
OPTIONAL = Assumption(
    name="optional_fields", text="active, expiry_date and tracking_code may be null or absent"
)
NO_CUSTOMER = Assumption(
    name="unknown_customer",
    text="an unknown e-mail is 200 and [] at GET /customer",
    change=f"{ABSENCE_STATUS}; simulator: unknown_customer = not_found",
)
CUSTOMER = Assumption(
    name="customer_by_email",
    text="GET /customer?email= names the customer's id",
    change="sign-ups must name customer_id: it cannot be looked up",
)
_NO_ITEMS = "no barcode was seen"


def judge_access(reply: Reply) -> Finding:
    """Judge the first answer to the real key."""
    if reply.is_no_access:
        return ACCESS.differs(reply.summary)
    if reply.is_ok or reply.is_refusal:
        return ACCESS.holds(reply.summary)
    return ACCESS.unproven(reply.summary)


def judge_wrong_key(reply: Reply) -> Finding:
    """Judge the answer to a key that does not exist."""
    if reply.status is None:
        return WRONG_KEY.unproven(reply.summary)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return WRONG_KEY.holds(reply.summary)
    change = "ask Coniq: any key is accepted" if reply.is_ok else None
    return WRONG_KEY.differs(reply.summary, change=change)


def judge_version(reply: Reply, *, normal: Listing) -> Finding:
    """Judge the answer to a call without a version; `normal` is the answer with it."""
    if reply.status is None or reply.is_no_access:
        return VERSION.unproven(reply.summary)
    if normal.items is None and not normal.is_nothing:
        return VERSION.unproven(f"{reply.summary}, but {normal.summary} with it")
    if reply.status == HTTPStatus.BAD_REQUEST:
        return VERSION.holds(reply.summary)
    return VERSION.differs(reply.summary)


def judge_errors(replies: Sequence[Reply]) -> Finding:
    """Judge all refusals together."""
    forms = sorted({error_form(each) for each in replies if each.is_refusal or each.is_no_access})
    if not forms:
        return ERRORS.unproven("there was no error")
    evidence = listed(forms)
    return ERRORS.holds(evidence) if forms == [ErrorForm.LIST] else ERRORS.differs(evidence)


def judge_shape(listings: Sequence[Listing]) -> Finding:
    """Judge the JSON around the barcodes."""
    found = next((each for each in listings if each.reply.is_ok), None)
    if found is None:
        return SHAPE.unproven("nothing was listed")
    if isinstance(found.reply.value, list):
        return SHAPE.holds(found.summary)
    if found.lists:
        return SHAPE.differs(f"an object with {listed(found.lists)}")
    return SHAPE.differs("neither an array nor a known object", change="ask Coniq: unreadable")


def judge_identity(items: Sequence[Item]) -> Finding:
    """Judge the fields that every barcode must have."""
    if not items:
        return IDENTITY.unproven(_NO_ITEMS)
    found = {
        name: kinds(item.get(name) for item in items)
        for name in ("barcode_number", "offer_id", "customer_id")
    }
    evidence = ", ".join(f"{name} is {kind}" for name, kind in found.items())
    if list(found.values()) == ["text", "an integer", "an integer"]:
        return IDENTITY.holds(evidence)
    return IDENTITY.differs(evidence)


def judge_created(items: Sequence[Item]) -> Finding:
    """Judge the form of the time of issue."""
    forms = time_forms(
        item["created_datetime_utc"] for item in items if item.get("created_datetime_utc")
    )
    if not forms:
        return CREATED.unproven(_NO_ITEMS if not items else "no barcode has it")
    known = {WITH_OFFSET, WITHOUT_OFFSET}
    return CREATED.holds(listed(forms)) if known >= {*forms} else CREATED.differs(listed(forms))


def judge_expiry(items: Sequence[Item]) -> Finding:
    """Judge the form of the expiry date."""
    forms = time_forms(item["expiry_date"] for item in items if item.get("expiry_date"))
    if not forms:
        return EXPIRY.unproven(_NO_ITEMS if not items else "no barcode has it")
    return EXPIRY.holds(listed(forms)) if forms == [DAY] else EXPIRY.differs(listed(forms))


def judge_optional(items: Sequence[Item]) -> Finding:
    """Report how a field that does not apply is represented."""
    if not items:
        return OPTIONAL.unproven(_NO_ITEMS)
    names = ("active", "expiry_date", "tracking_code")
    evidence = [
        f"{name} is {state}"
        for name in names
        for state, is_seen in (
            ("null", any(name in item and item[name] is None for item in items)),
            ("absent", any(name not in item for item in items)),
        )
        if is_seen
    ]
    return OPTIONAL.holds(listed(evidence)) if evidence else OPTIONAL.unproven("all are there")


def judge_no_customer(reply: Reply) -> Finding:
    """Judge the answer to an unknown e-mail."""
    if reply.status == HTTPStatus.NOT_FOUND and is_own_error(reply.body):
        return NO_CUSTOMER.differs(reply.summary)
    if not reply.is_ok:
        return NO_CUSTOMER.unproven(reply.summary)
    if reply.value == []:
        return NO_CUSTOMER.holds(f"{reply.summary} and []")
    return NO_CUSTOMER.differs(f"{reply.summary}, {kinds([reply.value])}", change=CUSTOMER.change)


def judge_customer(reply: Reply, *, email: str, customer_id: int) -> Finding:
    """Judge whether the customer id of a sign-up can be looked up by e-mail."""
    if not reply.is_ok:
        return CUSTOMER.unproven(reply.summary)
    try:
        found = customer_with(reply.body, email=email)
    except ContractBroken as broken:
        return CUSTOMER.differs(broken.reason)
    if found is None:
        return CUSTOMER.unproven("no customer has this e-mail")
    if found == customer_id:
        return CUSTOMER.holds(f"{kinds([reply.value])} with the id of this customer")
    return CUSTOMER.unproven("the e-mail is of another customer than --customer-id")
