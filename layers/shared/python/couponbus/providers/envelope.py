"""The envelope around a list of items: whether its other fields contradict the list."""

import re
from collections.abc import Mapping

_FAILED = frozenset({"error", "fail", "failed", "failure"})
_ERRORS = ("error", "errors", "failures")
_STATUSES = ("code", "status")
_COUNTS = ("total", "count")
_LOWEST_ERROR = 400
_DIGITS = re.compile(r"[0-9]{1,19}")


def contradicts_items(envelope: Mapping[str, object], *, items: int) -> bool:
    """Whether it reports a failure, or more items than there are: the list is incomplete then."""
    if failure_field(envelope) is not None:
        return True
    return any(_number(envelope.get(key)) > items for key in _COUNTS)


def failure_field(envelope: Mapping[str, object]) -> str | None:
    """Return the name of the field that reports a failure; a list of errors may be of items."""
    if envelope.get("success") is False:
        return "success"
    for key in _ERRORS:
        if envelope.get(key) and not isinstance(envelope[key], list):
            return key
    return next((key for key in _STATUSES if _is_failure(envelope.get(key))), None)


def _is_failure(status: object) -> bool:
    if isinstance(status, str) and status.strip().casefold() in _FAILED:
        return True
    return _number(status) >= _LOWEST_ERROR


def _number(value: object) -> int:
    """Return a whole number, also from a text of digits; 0 for anything else."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value if type(value) is int else 0
