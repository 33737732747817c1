"""Ways in which an answer may come to differ from a valid one."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.fuzz.places import Defect, Path, field_paths, holder_of
from tests.unit.providers.uniqodo.answers import (
    Json,
    full_answer,
    inner,
    totals_answer,
    without_records,
)

BASES: tuple[Callable[[], Json], ...] = (full_answer, totals_answer, without_records)


def _as_fraction(value: object) -> object:
    if isinstance(value, float):
        return value
    return float(value) if type(value) is int else 0.5


def _as_whole(value: object) -> object:
    if isinstance(value, int | float):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else -1


# There are more ways to retype a field than to do anything else to it.
CHANGES = ("drop", "null", "rename", "add", "retype", "retype", "retype", "retype")
RETYPES: tuple[Defect, ...] = (
    str,
    bool,
    _as_fraction,
    _as_whole,
    lambda value: [value],
    lambda value: {"value": value},
    lambda value: {"records": value},
    lambda value: [],
    lambda value: {},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A valid answer and its damaged form; `changed` are the paths of the fields at fault."""

    base: Json
    answer: Json
    changed: tuple[Path, ...]


@st.composite
def mutants(draw: st.DrawFn) -> Mutant:
    """Drop, null, nest, retype, rename or add fields of a valid answer, up to three times."""
    base = draw(st.sampled_from(BASES))()
    answer: Json = copy.deepcopy(base)
    changed: list[Path] = []
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        # A field is damaged once: twice could make another valid value of it.
        known = {path for path in field_paths(base) if not _touches(path, changed)}
        paths = [path for path in field_paths(answer) if path in known]
        if not paths:
            break
        path = draw(st.sampled_from(paths))
        holder = holder_of(answer, path)
        assert isinstance(holder, dict)
        key = str(path[-1])
        change = draw(st.sampled_from(CHANGES))
        if change == "add":
            holder["a field of tomorrow"] = draw(st.sampled_from((None, 1, "x", [], {})))
            continue
        changed.append(path)
        value = holder.pop(key)
        if change == "rename":
            holder[f"{key}_new"] = value
        elif change == "null":
            holder[key] = None
        elif change == "retype":
            holder[key] = draw(st.sampled_from(RETYPES))(value)
    return Mutant(base=base, answer=answer, changed=tuple(changed))


def _touches(path: Path, changed: list[Path]) -> bool:
    return any(path[: len(other)] == other or other[: len(path)] == path for other in changed)


def place_of_records(answer: Json) -> Json:
    """Return the object around the records of a valid answer."""
    data = inner(answer, "data")
    return inner(data, "redemption") if "redemption" in data else data
