"""Validation of an event pattern: all faults at once, each with its path."""

import ipaddress
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

OR = "$or"
LIMIT = 4096  # characters of JSON, as EventBridge has it
DEPTH = 20
WAYS = 1000  # through all $or together, as EventBridge has it
NUMERIC_LIMIT = 5e9
COMPARISONS = ("<", "<=", "=", ">=", ">")
NOT_WILDCARD = re.compile(r"\*\*|(?<!\\)(?:\\\\)*\\(?![\\*])")

type Path = tuple[str | int, ...]
type Problem = tuple[Path, str]


def problems(pattern: object) -> list[Problem]:
    """Return every fault with the path to it; an empty list means that the pattern compiles."""
    if not isinstance(pattern, Mapping):
        return [((), "a pattern is an object, such as {source: [shop]}")]
    if not pattern:
        return []
    found = list(_of_object(pattern, (), reserved=frozenset()))
    if not found and len(json.dumps(pattern)) > LIMIT:
        return [((), f"longer than {LIMIT} characters as JSON")]
    if not found and _ways(pattern) > WAYS:
        return [((), f"more than {WAYS:,} combinations of the choices of $or")]
    return found


def _ways(pattern: Mapping[object, object]) -> int:
    """Return how many patterns without $or it stands for."""
    ways = 1
    for key, value in pattern.items():
        if key == OR and isinstance(value, list | tuple):
            ways *= sum(_ways(choice) for choice in value)
        elif isinstance(value, Mapping):
            ways *= _ways(value)
    return ways


def dotted(path: Path) -> str:
    """Return the path in its usual notation: detail.attributes.shop[0]."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _of_object(
    pattern: Mapping[object, object], path: Path, *, reserved: frozenset[str]
) -> Iterator[Problem]:
    if not pattern:
        yield path, "an empty object matches nothing in particular: leave it out"
    for key, value in pattern.items():
        if not isinstance(key, str):
            yield path, f"the field name {key!r} must be text: quote it"
            continue
        here = (*path, key)
        if len(here) > DEPTH:
            yield here, f"nested deeper than {DEPTH} fields"
        elif key in reserved:
            yield here, f"{key} is an operator: it belongs in a list of values of a field"
        elif key == OR:
            yield from _of_choices(value, here)
        elif isinstance(value, Mapping):
            yield from _of_object(value, here, reserved=reserved)
        else:
            yield from _of_values(value, here)


def _of_choices(choices: object, path: Path) -> Iterator[Problem]:
    if not isinstance(choices, list | tuple) or len(choices) < 2:  # noqa: PLR2004
        yield path, "$or needs a list of two or more objects"
        return
    for index, choice in enumerate(choices):
        if isinstance(choice, Mapping):
            yield from _of_object(choice, (*path, index), reserved=frozenset(_OPERATORS))
        else:
            yield (*path, index), "each choice of $or is an object of fields"


def _of_values(values: object, path: Path) -> Iterator[Problem]:
    if not isinstance(values, list | tuple):
        yield path, f"write a list of values, such as [{_shown(values)}]"
        return
    if not values:
        yield path, "an empty list can never match"
    for index, value in enumerate(values):
        yield from _of_value(value, (*path, index))


def _of_value(value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        yield from _of_operator(value, path, known=_OPERATORS)
    elif not _is_scalar(value):
        yield path, "a value is text, a number, true, false, null or an operator"


def _of_operator(
    operator: Mapping[object, object], path: Path, *, known: "Mapping[str, Check]"
) -> Iterator[Problem]:
    names = list(operator)
    if len(names) != 1 or not isinstance(names[0], str):
        yield path, "an operator is an object with one field, such as {prefix: a}"
        return
    name = names[0]
    check = known.get(name)
    if check is None:
        yield (*path, name), f"not an operator; there are {', '.join(known)}"
        return
    yield from check(operator[name], (*path, name))


def _text(value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield path, "needs text"


def _text_or_any_case(value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        yield from _of_operator(value, path, known={"equals-ignore-case": _text})
    else:
        yield from _text(value, path)


def _wildcard(value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield path, "needs text"
    elif NOT_WILDCARD.search(value):
        yield path, r"no ** and, after a backslash, only * or another backslash"


def _some_text(value: object, path: Path) -> Iterator[Problem]:
    if value == "":
        yield path, "must not be empty"
    else:
        yield from _text(value, path)


def _one_or_more(check: "Check") -> "Check":
    def each(value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield from check(value, path)
            return
        if not value:
            yield path, "an empty list excludes nothing"
        for index, item in enumerate(value):
            yield from check(item, (*path, index))

    return each


def _anything_but(value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        yield from _of_operator(value, path, known=_EXCLUSIONS)
        return
    values = value if isinstance(value, list | tuple) else (value,)
    texts = [isinstance(item, str) for item in values]
    if not values:
        yield path, "an empty list excludes nothing"
    elif not all(texts) and (any(texts) or not all(_is_number(item) for item in values)):
        yield path, "needs text or numbers, and a list must not mix them"


def _numeric(value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, list | tuple) or len(value) not in (2, 4):
        yield path, 'needs one or two comparisons, such as [">=", 18] or [">", 0, "<", 5]'
        return
    operators, numbers = value[::2], value[1::2]
    for index, (operator, number) in enumerate(zip(operators, numbers, strict=True)):
        if operator not in COMPARISONS:
            yield (*path, 2 * index), f"needs one of {', '.join(COMPARISONS)}"
        if not _is_number(number) or abs(number) > NUMERIC_LIMIT:
            yield (*path, 2 * index + 1), "needs a number between -5e9 and 5e9"
            return
    if len(operators) == 1:
        return
    if operators[0] not in (">", ">=") or operators[1] not in ("<", "<="):
        yield path, "a range starts with > or >= and ends with < or <="
    elif any(low >= high for low, high in pairwise(numbers)):
        yield path, "the range is empty: its first number must be the smaller one"


def _cidr(value: object, path: Path) -> Iterator[Problem]:
    try:
        valid = isinstance(value, str) and "/" in value
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        valid = False
    if not valid:
        yield path, "needs a network, such as 10.0.0.0/24"


def _exists(value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield path, "needs true or false"


type Check = Callable[[object, Path], Iterator[Problem]]

_EXCLUSIONS: Mapping[str, Check] = {
    "prefix": _one_or_more(_some_text),
    "suffix": _one_or_more(_some_text),
    "equals-ignore-case": _one_or_more(_text),
    "wildcard": _one_or_more(_wildcard),
}
_OPERATORS: Mapping[str, Check] = {
    "prefix": _text_or_any_case,
    "suffix": _text_or_any_case,
    "equals-ignore-case": _text,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": _exists,
    "cidr": _cidr,
}


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | bool) or _is_number(value)


def _shown(value: object) -> str:
    return json.dumps(value) if _is_scalar(value) else "..."
