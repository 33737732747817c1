"""Reads sign-ups as their producers meant them: an odd optional field does not cost the others."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from couponbus.events.sign_up import Customer, CustomerSignedUp
from couponbus.usecases.messages import is_absent

AHEAD_AT_MOST = timedelta(minutes=5)
IN_THE_FUTURE = "in_the_future"
OCCURRED_AT = "occurred_at"
TRACEPARENT = "traceparent"
DROPPED_SHOWN = 20
# Odd items are dropped one by one; where that does not help, such as with too many, all of them.
_DEPTHS = (2, 2, 1, 1)
KNOWN_FIELDS = frozenset(CustomerSignedUp.model_fields) | frozenset(Customer.model_fields)
_OPTIONAL = ("tenant", "consents", "attributes")
_IDS = ("koupon_consumer", "uniqodo_user_id")
_TRIMMED = ("email", "birth_date")
_EXACT = 2**53  # up to here a float is the whole number that was written
_LONGEST_ID = 10**128
_ALL = object()
_DIGITS = re.compile("[1-9][0-9]{0,18}")
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})[Tt ]"
    r"(?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?P<rest>[.,][0-9]{1,9})?)?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)(?:\[[^\[\]]{1,64}\])?"  # a zone's name: RFC 9557
)

SIGN_UP_LIST = TypeAdapter(list[CustomerSignedUp])

type Faults = Sequence[tuple[str, str]]
type _Path = tuple[int | str, ...]
type _Errors = Sequence[tuple[_Path, str]]


class ReadSignUp(NamedTuple):
    """A sign-up, and the paths of its fields that could not be read."""

    event: CustomerSignedUp
    dropped: tuple[str, ...] = ()


def read_each(details: Sequence[object], *, now: datetime) -> list[ReadSignUp | Faults]:
    """Return each as it was read, or its faults: paths of fields, and codes.

    One call of the validator reads a batch in which nothing is odd.
    """
    latest = now + AHEAD_AT_MOST
    try:
        events = SIGN_UP_LIST.validate_python(details)
    except ValidationError as wrong:
        odd = {int(path[0]) for path, _ in _errors(wrong)}
        usual = iter(
            SIGN_UP_LIST.validate_python([one for at, one in enumerate(details) if at not in odd])
        )
        read: list[ReadSignUp | Faults] = [
            _read_odd(one, now=now) if at in odd else ReadSignUp(next(usual))
            for at, one in enumerate(details)
        ]
    else:
        read = [ReadSignUp(event) for event in events]
    return [
        ((OCCURRED_AT, IN_THE_FUTURE),)
        if isinstance(one, ReadSignUp) and one.event.occurred_at > latest
        else one
        for one in read
    ]


def _read_odd(detail: object, *, now: datetime) -> ReadSignUp | Faults:
    if not isinstance(detail, dict):
        return (("", "model_type"),)
    plain = _plain(detail)
    dropped: dict[str, None] = {}
    errors: _Errors = ()
    for depth in _DEPTHS:
        try:
            event = CustomerSignedUp.model_validate(plain)
        except ValidationError as wrong:
            errors = _errors(wrong)
        else:
            return ReadSignUp(event, tuple(dropped)[:DROPPED_SHOWN])
        if not all(_can_drop(path, plain) for path, _ in errors):
            return _named(errors)
        places = {path[: 2 if path[0] == "customer" else depth]: None for path, _ in errors}
        dropped.update(dict.fromkeys(map(shown, places)))
        plain = _without(plain, places, now=now)
    return _named(errors)


def _errors(wrong: ValidationError) -> _Errors:
    found = wrong.errors(include_url=False, include_input=False, include_context=False)
    return [(error["loc"], error["type"]) for error in found]


def _plain(detail: Mapping[str, object]) -> dict[str, object]:
    """Return it without what says nothing, and with the clear values that it has in other forms."""
    plain = {
        name: value
        for name, value in detail.items()
        if name not in _OPTIONAL or not is_absent(value)
    }
    if (signup_id := _id_text(plain.get("signup_id"))) is not None:
        plain["signup_id"] = signup_id
    if isinstance(when := plain.get(OCCURRED_AT), str):
        plain[OCCURRED_AT] = _moment(when)
    if isinstance(customer := plain.get("customer"), dict):
        plain["customer"] = _plain_customer(customer)
    if isinstance(consents := plain.get("consents"), list):
        plain["consents"] = [one for one in consents if not is_absent(one)]
    return plain


def _plain_customer(customer: Mapping[str, object]) -> dict[str, object]:
    plain = {name: value for name, value in customer.items() if not is_absent(value)}
    for name in _TRIMMED:
        if isinstance(text := plain.get(name), str):
            plain[name] = text.strip()
    for name in _IDS:
        if (text := _id_text(plain.get(name))) is not None:
            plain[name] = text
    if (number := _number(plain.get("coniq_customer_id"))) is not None:
        plain["coniq_customer_id"] = number
    return plain


def _id_text(value: object) -> str | None:
    """Return an id that was sent as a number; other values stay as they are."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LONGEST_ID:
        return None
    return str(value)


def _number(value: object) -> int | None:
    """Return an id that was sent as its digits, or as a number with a fraction of zero."""
    if isinstance(value, str):
        return int(digits) if _DIGITS.fullmatch(digits := value.strip()) else None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return None


def _moment(text: str) -> object:
    """Return the moment, also in basic form, with a zone's name, at 24:00 or in a leap second."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return text
    hour, second = found["hour"], found["second"] or "00"
    is_midnight = (hour, found["minute"], second) == ("24", "00", "00")
    clock = (
        f"{'00' if is_midnight else hour}:{found['minute']}:{'59' if second == '60' else second}"
    )
    day = f"{found['year']}-{found['month']}-{found['day']}"
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{found['rest'] or ''}{found['offset']}")
        return moment + timedelta(days=1) if is_midnight else moment
    except (ValueError, OverflowError):
        return text


def _named(errors: _Errors) -> Faults:
    return tuple(dict.fromkeys((shown(path), code) for path, code in errors))


def _can_drop(path: Sequence[int | str], plain: Mapping[str, object]) -> bool:
    """Whether the rest is a sign-up without it; none is without id, tenant and customer."""
    match path:
        case ("customer", _, *_) | ("consents" | "attributes", *_):
            return True
        case ("occurred_at",):
            return not is_absent(plain.get(OCCURRED_AT))
        case _:
            return False


def _without(
    plain: Mapping[str, object], places: Iterable[_Path], *, now: datetime
) -> dict[str, object]:
    """Return it without these parts; the time of arrival stands in for that of the sign-up."""
    parts: dict[object, set[object]] = {}
    for top, *rest in places:
        parts.setdefault(top, set()).update(rest or [_ALL])
    left = {
        name: _rest_of(value, parts.get(name, ()))
        for name, value in plain.items()
        if _ALL not in parts.get(name, ())
    }
    return left | {OCCURRED_AT: now} if OCCURRED_AT in parts else left


def _rest_of(value: object, lost: Collection[object]) -> object:
    if lost and isinstance(value, dict):
        return {name: each for name, each in value.items() if name not in lost}
    if lost and isinstance(value, list):
        return [each for at, each in enumerate(value) if at not in lost]
    return value


def shown(path: Sequence[int | str]) -> str:
    """Name a field by its path; keys that we do not know may be personal and are hidden."""
    return ".".join(
        str(part) if isinstance(part, int) or part in KNOWN_FIELDS else "*" for part in path
    )
