"""Coniq's JSON: what is sent, and a tolerant reader of what comes back (PROVIDERS 2.3, 6)."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, NotRequired, TypedDict

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from pydantic_core import from_json

from couponbus.domain.barcode import Barcode, BarcodeRequest

ITEM_LISTS = ("barcodes", "data", "successes", "errors", "failures")
ERROR_KEYS = ("error", "errors", "message", "code")
_WORDY = frozenset({"message", "error", "field"})
_BOM = b"\xef\xbb\xbf"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,39}")
_LOWEST_STATUS, _HIGHEST_STATUS = 400, 599

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


@with_config(ConfigDict(extra="ignore"))
class WireBarcode(TypedDict):
    """A barcode as it arrives; without one of the three identifying fields it is none.

    The others are read one by one: a date that nobody expected must not cost a barcode.
    """

    barcode_number: Annotated[
        str, Field(strict=True, min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")
    ]
    offer_id: Id
    customer_id: Id
    channel: NotRequired[object]
    tracking_code: NotRequired[object]
    image_url: NotRequired[object]
    active: NotRequired[object]
    expiry_date: NotRequired[object]
    created_datetime_utc: NotRequired[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemError:
    """An item that says what went wrong with a request, as far as it names the request."""

    reason: str
    status: int | None
    tracking_code: str | None
    customer_id: int | None
    offer_id: int | None

    @property
    def names_nobody(self) -> bool:
        """Whether it cannot be told whose error it is."""
        return self.tracking_code is None and None in (self.customer_id, self.offer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An answer, item by item; `strays` counts items that are nothing we know."""

    barcodes: Sequence[Barcode]
    errors: Sequence[ItemError] = ()
    strays: int = 0


class UnreadableError(Exception):
    """The answer is not JSON, or not JSON that means one thing only."""


_BARCODE = TypeAdapter(WireBarcode)
_BARCODES = TypeAdapter(list[WireBarcode])
ID = TypeAdapter(Id)
# A key that occurs more often than there are items occurs twice in one of them.
_UNIQUE_KEYS = tuple(
    f'"{key}"'.encode() for key in ("barcode_number", "offer_id", "customer_id", "tracking_code")
)


def request_body(request: BarcodeRequest) -> bytes:
    """Return the body of POST /barcode."""
    return json.dumps(_wish(request), separators=(",", ":")).encode()


def batch_body(requests: Sequence[BarcodeRequest], *, envelope: str | None) -> bytes:
    """Return the body of POST /barcode/batch, an array or an object with the array."""
    wishes = [_wish(request) for request in requests]
    body = wishes if envelope is None else {envelope: wishes}
    return json.dumps(body, separators=(",", ":")).encode()


def read(body: bytes) -> Reading:
    """Return what an answer contains; raises UnreadableError."""
    body = body.removeprefix(_BOM)
    try:
        items = _BARCODES.validate_json(body)
    except ValidationError:
        return _read_mixed(strict_json(body))
    if any(body.count(key) > len(items) for key in _UNIQUE_KEYS):
        return _read_mixed(strict_json(body))
    return Reading(barcodes=[_barcode(item) for item in items])


def strict_json(body: bytes) -> object:
    """Return the value; raises UnreadableError for anything that readers disagree about."""
    try:
        # The first refuses lone surrogates, NaN and depth, the second keys that occur twice.
        from_json(body, allow_inf_nan=False)
        return json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise UnreadableError from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _wish(request: BarcodeRequest) -> dict[str, object]:
    return {
        "offer_id": request.offer_id,
        "customer_id": request.customer_id,
        "channel": request.channel.value,
        "tracking_code": request.tracking_code,
    }


def _read_mixed(value: object) -> Reading:
    barcodes: list[Barcode] = []
    errors: list[ItemError] = []
    strays = 0
    for item in _items(value):
        try:
            barcodes.append(_barcode(_BARCODE.validate_python(item)))
            continue
        except ValidationError:
            error = _item_error(item)
        if error is None:
            strays += 1
        else:
            errors.append(error)
    return Reading(barcodes=barcodes, errors=errors, strays=strays)


def _items(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        lists = [value[key] for key in ITEM_LISTS if isinstance(value.get(key), list)]
        if lists:
            for each in lists:
                yield from each
        else:
            yield value
    else:
        raise UnreadableError


def _item_error(item: object) -> ItemError | None:
    if isinstance(item, str):
        item = {"message": item}
    if not isinstance(item, dict) or not any(item.get(key) for key in ERROR_KEYS):
        return None
    code = item.get("code")
    return ItemError(
        reason=_reason(code),
        status=_status(code),
        tracking_code=_text(item.get("tracking_code")),
        customer_id=_id(item.get("customer_id")),
        offer_id=_id(item.get("offer_id")),
    )


def _reason(code: object) -> str:
    if (status := _status(code)) is not None:
        return f"provider_{status}"
    if isinstance(code, str) and _CODE.fullmatch(code):
        return "provider_" + re.sub(r"[ -]+", "_", code.strip()).lower()
    return "provider_error"


def _status(code: object) -> int | None:
    number = _id(code)
    return number if number and _LOWEST_STATUS <= number <= _HIGHEST_STATUS else None


def _id(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        return ID.validate_python(value)
    except ValidationError:
        return None


def _barcode(item: WireBarcode) -> Barcode:
    return Barcode(
        number=item["barcode_number"],
        offer_id=item["offer_id"],
        customer_id=item["customer_id"],
        channel=_text(item.get("channel")),
        tracking_code=_text(item.get("tracking_code")),
        image_url=_text(item.get("image_url")),
        active=_flag(item.get("active")),
        expires_on=_day(item.get("expiry_date")),
        created_at=_moment(item.get("created_datetime_utc")),
    )


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    # Somebody's tracking code was all digits and lost its quotes on the way.
    return str(value) if type(value) is int else None


def _flag(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    return {"1": True, "true": True, "0": False, "false": False}.get(str(value).lower())


def _day(value: object) -> date | None:
    """Return the date that a text starts with; None for `0000-00-00` and the like."""
    text = value.strip()[:10] if isinstance(value, str) else ""
    try:
        return date.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    """Return a time in UTC, for which a text without an offset is taken by the field's name.

    The form is checked first: a number of seconds must not pass for a date (RELIABILITY 11.17).
    """
    text = value.strip() if isinstance(value, str) else ""
    if text[4:5] != "-" or text[7:8] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is UTC:
            return moment
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def read_message(body: bytes) -> str:
    """Return the words of an error answer in any of its known forms; not redacted yet."""
    try:
        value = strict_json(body)
    except UnreadableError:
        return ""
    return "; ".join(_words(value))


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
