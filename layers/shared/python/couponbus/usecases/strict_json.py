"""Reading JSON that hostile hands may have written."""

import json
import math
from collections.abc import Iterable
from typing import NoReturn

from couponbus.domain.errors import InputRejected

BODY_LIMIT = 64 * 1024
DEPTH_LIMIT = 32  # deeper than any pattern goes, and far from the end of the stack


def strict_json(body: str, *, limit: int = BODY_LIMIT) -> object:
    """Return what the text says; raises InputRejected where readers could disagree or break.

    `limit` is in bytes of UTF-8: so large may be what is stored of it, or sent on.
    """
    if 4 * len(body) > limit and len(body.encode(errors="surrogatepass")) > limit:
        raise InputRejected("too_large")
    try:
        content: object = _DECODER.decode(body)
    except RecursionError:
        raise InputRejected("too_deep") from None
    except ValueError:
        raise InputRejected("not_json") from None
    # The text is counted first: few messages have enough brackets to be worth the walk.
    if body.count("[") + body.count("{") > DEPTH_LIMIT and _is_too_deep(content):
        raise InputRejected("too_deep")
    return content


def _is_too_deep(content: object) -> bool:
    level = [content]
    for _ in range(DEPTH_LIMIT):
        level = [inner for each in level for inner in _inside(each)]
    return bool(level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise InputRejected("duplicate_key")
    return unique


def _refuse_constant(_: str) -> NoReturn:
    raise InputRejected("not_a_finite_number")


def _finite(text: str) -> float:
    """Refuse what is written as a number and read as infinity, such as 1e999."""
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


# Made once: json.loads would make one for each message.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys, parse_constant=_refuse_constant, parse_float=_finite
)
