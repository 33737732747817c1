"""The words of an error answer, for the eyes of an operator (PROVIDERS 2.3)."""

from collections.abc import Iterator

from couponbus.providers.strict_json import UnreadableError, strict_json

_WORDY = frozenset({"message", "error", "field"})


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
