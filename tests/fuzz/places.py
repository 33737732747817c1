"""Places in an answer, and what can be done to one of them."""

import copy
from collections.abc import Callable, Iterator

type Path = tuple[str | int, ...]
type Defect = Callable[[object], object]

GONE = object()
"""What stands where nothing stands."""


def paths(value: object, here: Path = ()) -> Iterator[Path]:
    """Yield the place of each field and of each item, the outer before the inner."""
    if here:
        yield here
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*here, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*here, place))


def field_paths(value: object) -> list[Path]:
    """Return the place of each field of each object."""
    return [path for path in paths(value) if isinstance(path[-1], str)]


def at(value: object, path: Path) -> object:
    """Return the value at a place, or GONE."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, GONE)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return GONE
    return value


def holder_of(answer: object, path: Path) -> object:
    """Return the object or the list around a place. Raises LookupError when it is not there."""
    holder = at(answer, path[:-1])
    if at(answer, path) is GONE:
        raise LookupError
    return holder


def changed(whole: object, path: Path, defect: Defect) -> object:
    """Return a copy with the defect applied at one place; GONE removes the place."""
    answer = copy.deepcopy(whole)
    holder = holder_of(answer, path)
    assert isinstance(holder, dict | list)
    value = defect(holder[path[-1]])  # type: ignore[index]
    if value is GONE:
        del holder[path[-1]]  # type: ignore[arg-type]
    else:
        holder[path[-1]] = value  # type: ignore[index]
    return answer


def renamed(whole: object, path: Path, name: str) -> object:
    """Return a copy in which one field has another name; an item of a list keeps its place."""
    answer = copy.deepcopy(whole)
    holder = holder_of(answer, path)
    if isinstance(holder, dict):
        holder[name] = holder.pop(path[-1])
    return answer
