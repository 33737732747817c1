"""A tolerant reader of the barcodes in Coniq's responses (docs/providers.md#coniq-barcodes)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from couponbus.domain.errors import InputRejected
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.row import cut
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.coniq.fields import Id, as_day, as_flag, as_id, as_moment, as_text
from couponbus.providers.envelope import contradicts_items

ITEM_LISTS = ("barcodes", "data", "successes", "errors", "failures")
NO_CODE = "provider_error"
TEXT_BYTES = 512
URL_BYTES = 2048
ERROR_KEYS = ("error", "errors", "message", "code")
_BOM = b"\xef\xbb\xbf"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,39}")
_LOWEST_STATUS, _HIGHEST_STATUS = 400, 599


@with_config(ConfigDict(extra="ignore"))
class WireBarcode(TypedDict):
    """A barcode as it arrives; the three identifying fields are required.

    The others are read one by one: a date in an unexpected form must not cost a barcode.
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
    """An item that reports the error of a request; it may not say of which one."""

    reason: str
    status: int | None
    tracking_code: str | None
    customer_id: int | None
    offer_id: int | None

    @property
    def has_code(self) -> bool:
        """Whether it has more than a message, which could be a gateway's."""
        return self.reason != NO_CODE

    @property
    def names_no_request(self) -> bool:
        """Whether it names no request."""
        return self.tracking_code is None and None in (self.customer_id, self.offer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConiqReading:
    """A response, item by item; `strays` counts items of unknown form.

    An envelope that contradicts its items counts as one, too.
    """

    barcodes: Sequence[Barcode]
    errors: Sequence[ItemError] = ()
    strays: int = 0


_BARCODE = TypeAdapter(WireBarcode)
_BARCODES = TypeAdapter(list[WireBarcode])
_KEYS = tuple(f'"{key}"'.encode() for key in WireBarcode.__annotations__)
# A letter written as an escape could hide the second of two equal keys.
_HIDDEN_LETTER = re.compile(rb"\\u00[2-7]")


def read(body: bytes) -> ConiqReading:
    """Return the items of a response. Raises InputRejected."""
    body = body.removeprefix(_BOM)
    try:
        items = _BARCODES.validate_json(body)
    except ValidationError:
        return _read_mixed(strict_answer(body))
    if _may_say_two_things(body, items):
        return _read_mixed(strict_answer(body))
    return ConiqReading(barcodes=[_barcode(item) for item in items])


def _may_say_two_things(body: bytes, items: Sequence[WireBarcode]) -> bool:
    """Whether an item may have a key twice: the body holds more keys than the parsed items."""
    written = sum(body.count(key) for key in _KEYS)
    return written > sum(map(len, items)) or _HIDDEN_LETTER.search(body) is not None


def read_error(body: bytes) -> ItemError | None:
    """Return the error if the whole response is one. Raises InputRejected."""
    return _item_error(strict_answer(body.removeprefix(_BOM)))


def _read_mixed(value: object) -> ConiqReading:
    barcodes: list[Barcode] = []
    errors: list[ItemError] = []
    items = list(_items(value))
    strays = 0
    if isinstance(value, dict) and items != [value]:
        strays += contradicts_items(value, items=len(items))
    for item in items:
        try:
            barcodes.append(_barcode(_BARCODE.validate_python(item)))
            continue
        except ValidationError:
            error = _item_error(item)
        if error is None:
            strays += 1
        else:
            errors.append(error)
    return ConiqReading(barcodes=barcodes, errors=errors, strays=strays)


def _items(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and "barcode_number" in value:
        yield value
    elif isinstance(value, dict):
        lists = [value[key] for key in ITEM_LISTS if isinstance(value.get(key), list)]
        if lists:
            for each in lists:
                yield from each
        else:
            yield value
    else:
        raise InputRejected("no_items")


def _item_error(item: object) -> ItemError | None:
    if isinstance(item, str):
        item = {"message": item}
    if not isinstance(item, dict) or not any(item.get(key) for key in ERROR_KEYS):
        return None
    code = item.get("code")
    return ItemError(
        reason=_reason(code),
        status=_status(code),
        tracking_code=as_text(item.get("tracking_code")),
        customer_id=as_id(item.get("customer_id")),
        offer_id=as_id(item.get("offer_id")),
    )


def _reason(code: object) -> str:
    if (status := _status(code)) is not None:
        return f"provider_{status}"
    if isinstance(code, str) and _CODE.fullmatch(code):
        return "provider_" + re.sub(r"[ -]+", "_", code.strip()).lower()
    return NO_CODE


def _status(code: object) -> int | None:
    number = as_id(code)
    return number if number and _LOWEST_STATUS <= number <= _HIGHEST_STATUS else None


def _barcode(item: WireBarcode) -> Barcode:
    return Barcode(
        number=item["barcode_number"],
        offer_id=item["offer_id"],
        customer_id=item["customer_id"],
        channel=_short(item.get("channel")),
        tracking_code=_short(item.get("tracking_code")),
        image_url=_address(item.get("image_url")),
        active=as_flag(item.get("active")),
        expires_on=as_day(item.get("expiry_date")),
        created_at=as_moment(item.get("created_datetime_utc")),
    )


def _short(value: object) -> str | None:
    """Return a text cut for storage: none of our own is longer than that."""
    text = as_text(value)
    return None if text is None else cut(text, most=TEXT_BYTES)


def _address(value: object) -> str | None:
    """Return a URL, None if it is too long: a cut one would be useless."""
    text = as_text(value)
    return text if text is not None and len(text.encode()) <= URL_BYTES else None
