"""What a body says, parsed without the code under test."""

import json
from collections.abc import Container, Iterator
from decimal import Decimal, InvalidOperation

_BOM = b"\xef\xbb\xbf"
_DIGITS_MAX = 4_000


class NothingSaid(Exception):
    """The body is not JSON, or has a key twice."""


def said_by(body: bytes, *, known: Container[str] | None = None) -> object:
    """Return the value; NaN and lone surrogates are let through. Raises NothingSaid.

    No key of `known`, or no key at all if it is None, may occur twice in an object.
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
    """Yield each object, at any depth."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from objects_in(each)


def _fraction(text: str) -> Decimal:
    """Return infinity for a number whose exponent no Decimal can hold."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


def _whole(text: str) -> object:
    return int(text) if len(text) <= _DIGITS_MAX else Decimal(text)
