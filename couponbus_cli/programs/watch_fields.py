"""The validators of the `watch` part of a program."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from couponbus.domain.polling.poll_policy import DAY, MINUTE, Customers, ListFilter
from couponbus.providers.koupon.dates import DateStyle
from couponbus.providers.koupon.parameters import STORE_IDS_MAX, OfferFilter
from couponbus.providers.koupon.urls import offers_url
from couponbus.usecases.messages import name_of
from couponbus_cli.programs.fields import ValueRefused, name

UNITS = {"d": DAY, "h": 60 * MINUTE, "m": MINUTE}
DURATION = re.compile(r"([0-9]{1,6})([mhd])")
SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9])?)%")
PROMOTION = re.compile(r"[0-9a-f]{32}")
GRACE, GRACE_MAX = DAY, 90 * DAY
WARN_DAYS_MAX = 90
FILTER_MAX = 500  # encoded; the rest of the longest URL is for the consumer


def duration(value: object) -> int:
    """Return the seconds of a duration such as 90m."""
    written = DURATION.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise ValueRefused("needs a number of minutes, hours or days, such as 90m, 12h or 30d")
    return int(written[1]) * UNITS[written[2]]


def share(value: object) -> int:
    """Return the permille of a percentage such as 2.5%."""
    written = SHARE.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise ValueRefused("needs a share of the age, such as 10% or 2.5%")
    return int(Decimal(written[1]) * 10)


def grace(value: object) -> int:
    """Return how many seconds a code is polled after it expired, or after its last use."""
    seconds = duration(value)
    if seconds > GRACE_MAX:
        raise ValueRefused(f"needs at most {GRACE_MAX // DAY}d")
    return seconds


def warn_days(value: object) -> int | None:
    """Return how many days before its expiry a code is announced."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= WARN_DAYS_MAX:
        raise ValueRefused(
            f"needs a whole number of days from 1 to {WARN_DAYS_MAX}, or null for never"
        )
    return value


def promotion(value: object) -> str:
    """Return the id of a promotion at Uniqodo."""
    if not isinstance(value, str) or not PROMOTION.fullmatch(value):
        raise ValueRefused(
            "needs the 32 hexadecimal digits of the promotion at Uniqodo, in lower case"
        )
    return value


def of_list(value: object) -> str:
    """Return a text by which Koupon limits a list of offers."""
    name = name_of(value)
    if name is None:
        raise ValueRefused("needs a text of 1 to 128 visible characters")
    return name


def published_only(value: object) -> bool:
    """Return whether Koupon is to list by the date of publication."""
    if not isinstance(value, bool):
        raise ValueRefused("needs true or false")
    return value


def store_ids(value: object) -> tuple[str, ...]:
    """Return the ids of stores, in order."""
    if not isinstance(value, list) or not 0 < len(value) <= STORE_IDS_MAX:
        raise ValueRefused(f"needs a list of 1 to {STORE_IDS_MAX} ids of stores, such as ['12']")
    if any(name_of(one) is None or "," in one for one in value):
        raise ValueRefused("each id is a text in quotes, of 1 to 128 visible characters, no comma")
    if len(set(value)) < len(value):
        raise ValueRefused("needs each id once")
    return tuple(sorted(value))


def list_filter(rule: Mapping[str, object]) -> ListFilter | None:
    """Return the filter of a rule with valid fields, None where it has none."""
    given = {key: read(rule[key]) for key, read in LIST_FIELDS.items() if key in rule}
    if not given:
        return None
    query = OfferFilter(**given).pairs(style=DateStyle.MONTH_DAY_YEAR)
    if len(offers_url("", consumer="", query=query)) > FILTER_MAX:
        raise ValueRefused(f"its filter is longer than the {FILTER_MAX} characters that fit a URL")
    return ListFilter(**given)


def customers(value: object) -> str:
    """Return what a program says of its customers at a provider."""
    if value not in list(Customers):
        raise ValueRefused(
            "needs new, where each sign-up makes the customer at this provider, or any"
        )
    return str(value)


def in_words(seconds: int) -> str:
    """Return a duration as it is written in the file."""
    even = ((size, unit) for unit, size in UNITS.items() if seconds % size == 0)
    size, unit = next(even, (1, "s"))
    return f"{seconds // size}{unit}"


POLICY_FIELDS: Mapping[str, Callable[[object], int]] = {
    "share": share,
    "floor": duration,
    "cap": duration,
    "horizon": duration,
}
LIST_FIELDS: Mapping[str, Callable[[object], Any]] = {
    "channel": of_list,
    "digital_property_code": of_list,
    "publishedonly": published_only,
    "storeid": store_ids,
}
RULE_FIELDS: Mapping[str, Mapping[str, Callable[[object], object]]] = {
    "uniqodo": {"account": name, "promotion": promotion, "customers": customers},
    "koupon": {"account": name, "customers": customers, **LIST_FIELDS},
}
PLAIN: Mapping[str, Callable[[object], object]] = {
    "grace": grace,
    "used_up_grace": grace,
    "warn_days": warn_days,
}
KNOWN = (*RULE_FIELDS, "poll_policy", *PLAIN)
