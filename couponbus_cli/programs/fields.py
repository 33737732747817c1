"""The validators of a program's fields, with the sentence for an invalid value."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from couponbus.domain.issuing.barcode import Channel
from couponbus.events.field_types import EARLIEST, LATEST
from couponbus.usecases.messages import name_of

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
PREFIX = re.compile(r"[A-Za-z0-9_-]{0,20}")
CONSENTS = 50
OLDEST = 120
OFFER_LIMIT = 2**63


class ValueRefused(Exception):
    """A value is invalid; the text says which values the field takes."""


def name(value: object) -> str:
    """Return a name that is safe in keys, logs and shells."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueRefused("needs 1 to 64 of A-Z a-z 0-9 _ . - and starts with a letter or digit")
    return value


def offer_id(value: object) -> int:
    """Return the id of the offer at Coniq."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < OFFER_LIMIT:
        raise ValueRefused("needs the number of the offer at Coniq, greater than 0")
    return value


def channel(value: object) -> Channel:
    """Return the channel, written as Coniq writes it."""
    if not isinstance(value, str) or value not in Channel.__members__:
        raise ValueRefused(f"needs one of {', '.join(Channel)}")
    return Channel(value)


def tracking_prefix(value: object) -> str:
    """Return the prefix of the issuance id in tracking codes."""
    if not isinstance(value, str) or not PREFIX.fullmatch(value):
        raise ValueRefused("needs at most 20 of A-Z a-z 0-9 _ -")
    return value


def consents(value: object) -> tuple[str, ...]:
    """Return the consents, all of which a sign-up must carry."""
    if not isinstance(value, list):
        raise ValueRefused("needs a list of consents, such as [marketing], or []")
    if len(value) > CONSENTS or len(set(map(str, value))) < len(value):
        raise ValueRefused(f"needs at most {CONSENTS} consents, each once")
    if any(name_of(item) is None for item in value):  # as in sign-ups: others can never be given
        raise ValueRefused("each consent is a text of 1 to 128 visible characters")
    return tuple(value)


def minimum_age(value: object) -> int | None:
    """Return the age in years below which nothing is issued."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= OLDEST:
        raise ValueRefused(f"needs a whole number from 1 to {OLDEST}, or null for any age")
    return value


def moment(value: object) -> datetime | None:
    """Return a moment that is given with its offset from UTC."""
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ValueRefused("needs date, time and zone, such as 2027-01-31T00:00:00+01:00, or null")
    if not EARLIEST <= parsed <= LATEST:
        raise ValueRefused(f"needs a moment from {EARLIEST.year} to {LATEST.year}, or null")
    return parsed


def precheck_existing(value: object) -> bool:
    """Return whether an existing barcode is looked up before one is issued."""
    if not isinstance(value, bool):
        raise ValueRefused("needs true or false")
    return value


WHY_NO_DEFAULT = (
    "is missing: say true if a sign-up form of Coniq may already have given this customer a"
    " barcode of this offer (it is looked up first, one more call each), else false"
)
REQUIRED: Mapping[str, str] = {
    "name": "is missing: programs are listed and removed by their name",
    "match": "is missing: write the pattern of the sign-ups it is for, or {} for all of them",
}
# All or none of them: a program without these issues nothing.
TO_ISSUE: Mapping[str, str] = {
    "account": "is missing: name the Coniq account that issues",
    "offer_id": "is missing: the number of the offer at Coniq",
    "channel": f"is missing: one of {', '.join(Channel)}",
    "precheck_existing": WHY_NO_DEFAULT,
}
PLAIN: Mapping[str, Callable[[object], object]] = {
    "name": name,
    "account": name,
    "offer_id": offer_id,
    "channel": channel,
    "tracking_prefix": tracking_prefix,
    "required_consents": consents,
    "minimum_age": minimum_age,
    "valid_from": moment,
    "valid_until": moment,
    "precheck_existing": precheck_existing,
    "occurrence": name,
}
KNOWN = ("match", *PLAIN, "watch")
