"""The author and the text of an error response (docs/providers.md#refusals-and-gateways)."""

from collections.abc import Iterator

from couponbus.domain.errors import InputRejected
from couponbus.domain.issuing.barcode import BarcodeRequest
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.coniq.fields import as_id, as_text

_WORDY = frozenset({"message", "error", "field"})
_NAMING = ("tracking_code", "customer_id", "offer_id")


def read_message(body: bytes) -> str:
    """Return the text of an error response in any known form; not redacted yet."""
    try:
        value = strict_answer(body)
    except InputRejected:
        return ""
    return "; ".join(_words(value))


def is_own_error(body: bytes) -> bool:
    """Whether this is an error in Coniq's own form, which no gateway in front of it uses.

    A code with a list of errors or with an id of the request, or an error that is a list. A
    message, a status or a text of one line could be a gateway's.
    """
    try:
        value = strict_answer(body)
    except InputRejected:
        return False
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("error"), list):
        return True
    has_errors = isinstance(value.get("errors"), list | dict)
    return "code" in value and (has_errors or any(name in value for name in _NAMING))


def names(body: bytes, request: BarcodeRequest) -> bool:
    """Whether an error names this request, by tracking code or by customer and offer."""
    try:
        value = strict_answer(body)
    except InputRejected:
        return False
    return any(_is_about(one, request) for one in _objects(value))


def _is_about(error: dict[str, object], request: BarcodeRequest) -> bool:
    if as_text(error.get("tracking_code")) == request.tracking_code:
        return True
    ids = (as_id(error.get("customer_id")), as_id(error.get("offer_id")))
    return ids == (request.customer_id, request.offer_id)


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
        for key in ("error", "errors"):
            yield from _objects(value.get(key))
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in _WORDY or isinstance(each, dict | list):
                yield from _words(each)
