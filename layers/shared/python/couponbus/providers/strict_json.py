"""JSON that means one thing only, whoever reads it."""

import json

from pydantic_core import from_json


class UnreadableError(Exception):
    """The answer is not JSON, or not JSON that means one thing only."""


def strict_json(body: bytes) -> object:
    """Return the value; raises UnreadableError for anything that readers disagree about."""
    try:
        # The first refuses lone surrogates, NaN and depth, the second keys that occur twice.
        from_json(body, allow_inf_nan=False)
        return json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise UnreadableError from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
