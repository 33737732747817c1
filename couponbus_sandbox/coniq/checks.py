"""Coniq's checks of a request before any work, in Coniq's order."""

import json
import re
from dataclasses import dataclass
from typing import get_args

from couponbus_sandbox.coniq.book import NewBarcode
from couponbus_sandbox.coniq.settings import Channel, ConiqSettings
from couponbus_sandbox.simulator.exchange import Answer, Call

AUTHORIZATION = re.compile(r'^ApiKey key="([^"]+)"$')
API_VERSION = "2.0"
BODY_MAX_BYTES = 1_048_576
CHANNELS: tuple[str, ...] = get_args(Channel)
FIELDS = frozenset({"offer_id", "customer_id", "channel", "tracking_code"})
MESSAGES = {400: "Validation Failed", 404: "Not Found"}
_ID_DIGITS, _LARGEST_ID = 19, 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a request; `index` is the place of the item in its batch."""

    field: str
    message: str
    index: int = 0
    code: int = 400


class RefusalError(Exception):
    """The whole call is refused, with a status and the complaints."""

    def __init__(self, status: int, message: str, *problems: Problem) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = problems


def api_key(call: Call) -> str | None:
    """Return the key of the Authorization header, if it has the one accepted form."""
    found = AUTHORIZATION.match(call.headers.get("authorization", ""))
    return None if found is None else found[1]


def json_body(call: Call) -> object:
    """Return the JSON value of the body; raises RefusalError (413, 415 or 400)."""
    if len(call.body) > BODY_MAX_BYTES:
        raise RefusalError(413, "Request Entity Too Large")
    content_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise RefusalError(415, "Unsupported Media Type")
    try:
        value: object = json.loads(call.body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise RefusalError(400, "Invalid JSON") from problem
    return value


def read_id(value: object) -> int | None:
    """Return a positive id from an integer or a string of digits, else None."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= _ID_DIGITS):
        return None
    number = int(text)
    return number if 0 < number <= _LARGEST_ID else None


def check_item(
    item: object, *, settings: ConiqSettings, index: int = 0
) -> NewBarcode | list[Problem]:
    """Return the request in an item, or all complaints about it."""
    if not isinstance(item, dict):
        return [Problem(index=index, field="", message="This value should be an object.")]
    offer_id, customer_id = read_id(item.get("offer_id")), read_id(item.get("customer_id"))
    channel, tracking_code = item.get("channel"), item.get("tracking_code")
    wrong = _extra(item, settings=settings)
    if offer_id is None:
        wrong["offer_id"] = "This value should be a positive integer."
    if customer_id is None:
        wrong["customer_id"] = "This value should be a positive integer."
    if channel not in CHANNELS:
        wrong["channel"] = "The value you selected is not a valid choice."
    if not _tracking_code_ok(tracking_code, limit=settings.tracking_code_max):
        wrong["tracking_code"] = f"This value should have 1 to {settings.tracking_code_max} chars."
    if wrong or offer_id is None or customer_id is None:
        return [Problem(index=index, field=name, message=text) for name, text in wrong.items()]
    return NewBarcode(
        offer_id=offer_id,
        customer_id=customer_id,
        channel=str(channel),
        tracking_code=tracking_code,
    )


def refusal_answer(refusal: RefusalError, *, settings: ConiqSettings) -> Answer:
    """Return the refusal in the error style of the settings (docs/providers.md#coniq-access)."""
    status, message, problems = refusal.status, refusal.message, refusal.problems
    texts = [f"{each.field}: {each.message}" for each in problems]
    body: object
    if settings.error_style == "text":
        body = "\n".join([message, *texts])
    elif settings.error_style == "error":
        body = {"error": texts or [message]}
    elif settings.error_style == "symfony":
        body = {"code": status, "message": message, "errors": {"children": _children(problems)}}
    else:
        errors = [{"index": c.index, "field": c.field, "message": c.message} for c in problems]
        body = {"code": status, "message": message, "errors": errors}
    return Answer(status=status, body=body)


def _children(problems: tuple[Problem, ...]) -> dict[str, dict[str, list[str]]]:
    children: dict[str, dict[str, list[str]]] = {}
    for each in problems:
        children.setdefault(each.field, {"errors": []})["errors"].append(each.message)
    return children


def _extra(item: dict[str, object], *, settings: ConiqSettings) -> dict[str, str]:
    if settings.extra_fields == "ignore":
        return {}
    return dict.fromkeys(sorted(item.keys() - FIELDS), "This form should not contain this field.")


def _tracking_code_ok(value: object, *, limit: int) -> bool:
    return value is None or (isinstance(value, str) and 0 < len(value) <= limit)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
