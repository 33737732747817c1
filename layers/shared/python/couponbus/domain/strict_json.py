"""Strict JSON: refuses text that parsers could read differently, or that could break one."""

import json
import math
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import NoReturn

from couponbus.domain.errors import InputRejected

BODY_LIMIT = 64 * 1024
DEPTH_LIMIT = 32  # deeper than any pattern goes, and far from the end of the stack
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def finite(text: str) -> float:
    """Refuse what is written as a number and read as infinity, such as 1e999."""
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


def strict_json(
    body: str, *, limit: int = BODY_LIMIT, read_fraction: Callable[[str], object] = finite
) -> object:
    """Return what the text says; raises InputRejected where readers could disagree or break.

    `limit` is in bytes of UTF-8, as the text may be stored or sent on.
    `read_fraction` gets each number that is not whole; it may raise ValueError.
    """
    if 4 * len(body) > limit and len(body.encode(errors="surrogatepass")) > limit:
        raise InputRejected("too_large")
    try:
        content: object = _decoder(read_fraction).decode(body)
    except RecursionError:
        raise InputRejected("too_deep") from None
    except ValueError:
        raise InputRejected("not_json") from None
    # Brackets are counted first: few messages have enough of them to need the walk.
    if body.count("[") + body.count("{") > DEPTH_LIMIT and _is_too_deep(content):
        raise InputRejected("too_deep")
    return content


def strict_answer(body: bytes, *, read_fraction: Callable[[str], object] = finite) -> object:
    """Return the parsed body of a provider's answer, as `strict_json` does, of any size.

    Raises InputRejected also for a lone surrogate, which is not valid text.
    """
    text = utf8(body)
    content = strict_json(text, limit=len(body), read_fraction=read_fraction)
    if _SURROGATE.search(text):
        try:
            json.dumps(content, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise InputRejected("not_unicode") from None
    return content


def utf8(body: bytes) -> str:
    """Return the text. Raises InputRejected."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise InputRejected("not_utf8") from None


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


@cache  # json.loads would make one for each message
def _decoder(read_fraction: Callable[[str], object]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_unique_keys,
        parse_constant=_refuse_constant,
        parse_float=read_fraction,
    )
