"""The object around a list of items: what it says beside them, where that contradicts them."""

from collections.abc import Mapping

from couponbus.providers.coniq.fields import as_id

_FAILED = frozenset({"error", "fail", "failed", "failure"})
_ERRORS = ("error", "errors", "failures")
_STATUSES = ("code", "status")
_COUNTS = ("total", "count")
_LOWEST_ERROR = 400


def says_otherwise(envelope: Mapping[str, object], *, items: int) -> bool:
    """Whether it tells of a failure, or of more items than there are: the list is not all then."""
    if envelope.get("success") is False:
        return True
    if any(envelope.get(key) and not isinstance(envelope[key], list) for key in _ERRORS):
        return True
    if any(_tells_failure(envelope.get(key)) for key in _STATUSES):
        return True
    return any((as_id(envelope.get(key)) or 0) > items for key in _COUNTS)


def _tells_failure(status: object) -> bool:
    if isinstance(status, str) and status.strip().casefold() in _FAILED:
        return True
    return (as_id(status) or 0) >= _LOWEST_ERROR
