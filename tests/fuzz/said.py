"""What a body says, found out without the code that is tested."""

import json
from collections.abc import Container, Iterator
from decimal import Decimal, InvalidOperation

_BOM = b"\xef\xbb\xbf"
_DIGITS_MAX = 4_000


class NothingSaid(Exception):
    """The body is no JSON, or says a thing twice."""


def said_by(body: bytes, *, known: Container[str] | None = None) -> object:
    """Return the value; NaN and what no text can hold are let through. Raises NothingSaid.

    Of the keys that are known, or else of all, none may occur twice in an object.
    """

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs if known is None or key in known]
        if len(set(keys)) < len(keys):
            raise NothingSaid
        return dict(pairs)

    try:
        return json.loads(
            body.removeprefix(_BOM).decode(),
            object_pairs_hook=once,
            parse_float=_fraction,
            parse_int=_whole,
        )
    except (ValueError, RecursionError):
        raise NothingSaid from None


def objects_in(value: object) -> Iterator[dict[str, object]]:
    """Yield each object, wherever it stands."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from objects_in(each)


def _fraction(text: str) -> Decimal:
    """Take a number whose exponent no decimal can hold for what it is to any reader."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _whole(text: str) -> object:
    return int(text) if len(text) <= _DIGITS_MAX else Decimal(text)
