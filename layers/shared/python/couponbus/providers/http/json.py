"""JSON that means one thing only, whoever reads it."""

import json
from collections.abc import Callable

from pydantic_core import from_json


class UnreadableError(Exception):
    """The answer is not JSON, or not JSON that means one thing only."""


def strict_json(body: bytes, *, read_fraction: Callable[[str], object] = float) -> object:
    """Return the value; raises UnreadableError for anything that readers disagree about.

    `read_fraction` gets each number that is not whole; it may raise ValueError.
    """
    try:
        # The first refuses lone surrogates, NaN and depth, the second keys that occur twice.
        from_json(body, allow_inf_nan=False)
        return json.loads(body, object_pairs_hook=_unique, parse_float=read_fraction)
    except (ValueError, RecursionError):
        raise UnreadableError from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
