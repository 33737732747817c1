"""A tolerant reader of Uniqodo's responses: a known form, a doubt or an error; never a guess."""

import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.envelope import failure_field
from couponbus.providers.uniqodo.dates import Edge
from couponbus.providers.uniqodo.fields import Doubts, Fields, amount
from couponbus.providers.uniqodo.wire import WireAnswer, WireCodeOffer, WireError, WireRecord

CODES_MAX = 10
_NUMBERS = re.compile(r"[0-9]{1,9}")
_BOM = b"\xef\xbb\xbf"


class NoDataError(Exception):
    """The response has errors instead of data; `codes` are their numbers."""

    def __init__(self, codes: Sequence[int]) -> None:
        """Keep the first ten codes."""
        super().__init__("no data")
        self.codes = tuple(codes[:CODES_MAX])


class WrongFormError(Exception):
    """The response does not have the documented form; the text is a reason code."""


def read(body: bytes, *, zone: ZoneInfo) -> WireAnswer:
    """Parse a response. Raises NoDataError, WrongFormError."""
    doubts = Doubts()
    values = _root(body)
    root = Fields(values, path="", doubts=doubts)
    errors = _errors(root, doubts=doubts)
    data = root.inner("data")
    if data is None:
        if root.raw("data") is None and errors:
            raise NoDataError([error.code for error in errors if error.code is not None])
        raise WrongFormError("answer_without_data")
    # The records that are listed exist, but there may be others.
    if (key := failure_field(values)) is not None:
        root.doubt(key)
    place = _place_of_records(data)
    return WireAnswer(
        records=None if place is None else _records(place, doubts=doubts, zone=zone),
        total=None if place is None else place.number("total"),
        total_order_value=None if place is None else place.money("total_order_value"),
        total_discount_value=None if place is None else place.money("total_discount_value"),
        offer=_offer(data, zone=zone),
        errors=errors,
        result=root.text("result"),
        doubts=tuple(doubts.paths),
        record_doubts=tuple(doubts.of_records),
    )


def _root(body: bytes) -> Mapping[str, object]:
    try:
        value = strict_answer(body.removeprefix(_BOM), read_fraction=amount)
    except InputRejected:
        value = None
    if not isinstance(value, dict):
        raise WrongFormError("unreadable_answer")
    return value


def _place_of_records(data: Fields) -> Fields | None:
    """Return the object around the records: `redemption`, or `data` in the other body."""
    if data.has("redemption"):
        if data.has("records"):
            data.doubt("records")  # two lists, and no rule which one is right
        place = data.inner("redemption")
        if place is None:
            data.doubt("redemption")
        return place
    if any(data.has(key) for key in ("records", "total_order_value", "total_discount_value")):
        return data
    data.doubt("redemption")
    return None


def _records(place: Fields, *, doubts: Doubts, zone: ZoneInfo) -> tuple[WireRecord, ...] | None:
    listed = place.raw("records")
    if not isinstance(listed, list):
        place.doubt("records")
    if isinstance(listed, dict) and listed and all(map(_NUMBERS.fullmatch, listed)):
        # PHP writes a list with gaps so: what is in it exists, and there may be others.
        listed = list(listed.values())
    if not isinstance(listed, list):
        return None
    return tuple(
        _record(each, path=place.path_of(f"records[{number}]"), doubts=doubts, zone=zone)
        for number, each in enumerate(listed)
    )


def _record(value: object, *, path: str, doubts: Doubts, zone: ZoneInfo) -> WireRecord:
    if not isinstance(value, dict):
        raise WrongFormError("unreadable_record")
    own = Doubts()
    fields = Fields(value, path="", doubts=own)
    number = fields.number("id")
    if number is None:
        raise WrongFormError("record_without_id")
    record = WireRecord(
        id=number,
        offer_id=fields.number("offer_id"),
        merchant_id=fields.number("merchant_id"),
        distributor_id=fields.number("distributor_id"),
        code=fields.text("code"),
        order_id=fields.name("order_id"),
        order_value=fields.money("order_value"),
        discount_value=fields.money("discount_value"),
        currency=fields.text("currency"),
        custom_params=fields.params("custom_params"),
        redeemed_at=fields.time("redeemed_at", zone=zone, edge=Edge.EARLIEST),
        tags=fields.texts("tags"),
    )
    doubts.note_record(path, own.paths)
    return record


def _offer(data: Fields, *, zone: ZoneInfo) -> WireCodeOffer | None:
    fields = data.inner("offer")
    if fields is None:
        return None
    number, offer_id = fields.number("id"), fields.number("offer_id")
    if number is None and offer_id is None:
        data.doubt("offer")  # without an id it identifies nothing
        return None
    return WireCodeOffer(
        id=number,
        offer_id=offer_id,
        offer_description=fields.text("offer_description"),
        merchant_id=fields.number("merchant_id"),
        merchant_name=fields.text("merchant_name"),
        description=fields.text("description"),
        status=fields.text("status"),
        code=fields.text("code"),
        terms=fields.text("terms"),
        code_remaining=fields.number("code_remaining"),
        redemption_per_code=fields.number("redemption_per_code"),
        code_type=fields.text("code_type"),
        start_date=fields.time("start_date", zone=zone, edge=Edge.EARLIEST),
        end_date=fields.time("end_date", zone=zone, edge=Edge.LATEST),
        code_issue_date=fields.time("code_issue_date", zone=zone, edge=Edge.EARLIEST),
        code_expiry=fields.time("code_expiry", zone=zone, edge=Edge.LATEST),
    )


def _errors(root: Fields, *, doubts: Doubts) -> tuple[WireError, ...]:
    listed = root.raw("errors")
    if not isinstance(listed, list):
        # A success has an empty list; without a list it is unknown whether there are errors.
        root.doubt("errors")
        return ()
    return tuple(
        _error(each, path=f"errors[{number}]", doubts=doubts) for number, each in enumerate(listed)
    )


def _error(value: object, *, path: str, doubts: Doubts) -> WireError:
    if not isinstance(value, dict):
        # Any error means that the code is not valid, also one that cannot be read.
        doubts.note(path)
        value = {}
    fields = Fields(value, path=path, doubts=doubts)
    code = fields.number("code")
    if code is None:
        fields.doubt("code")
    return WireError(
        code=code,
        message=fields.text("message"),
        promotion_specific_error=fields.raw("promotion_specific_error"),
        reference=fields.text("reference"),
    )
