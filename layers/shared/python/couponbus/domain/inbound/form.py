"""Reading a form as URLs carry it (application/x-www-form-urlencoded)."""

import re
from collections.abc import Mapping

FIELDS_MAX = 100
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


def fields_of(text: str) -> Mapping[str, str]:
    """Return the fields that are there once, none of a form with too many.

    Of a field that is repeated nobody can say which one counts.
    """
    pairs = [part.partition("=") for part in text.split("&") if part]
    if len(pairs) > FIELDS_MAX:
        return {}
    found: dict[str, str] = {}
    repeated: set[str] = set()
    for name, _, value in pairs:
        decoded = _decoded(name)
        if decoded in found:
            repeated.add(decoded)
        found[decoded] = _decoded(value)
    return {name: value for name, value in found.items() if name not in repeated}


def _decoded(text: str) -> str:
    raw = text.replace("+", " ").encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), raw).decode("utf-8", "replace")
