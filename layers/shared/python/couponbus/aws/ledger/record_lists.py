"""Tuples of small records as one JSON text: a list per record, its values in field order.

Trailing values that equal their defaults are left out. So a field may be added at the end of a
record, with a default, and nowhere else.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import cast

from pydantic_core import to_json

from couponbus.aws.ledger.moments import from_moment_text, moment_text

type Annotation = object
type Cell = Callable[..., object]
type Records = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """One field of a record; `default` is its value when it was left out."""

    name: str
    default: object
    write: Cell
    read: Cell


def record_codec(kind: type) -> tuple[Callable[[Records], str], Callable[[str], Records]]:
    """Return an encoder and a decoder for a tuple of these records."""
    hints = typing.get_type_hints(kind)
    columns = [_column(field, hints[field.name]) for field in dataclasses.fields(kind)]
    values_of = attrgetter(*(column.name for column in columns))

    def write(records: Records) -> str:
        return to_json([_line(columns, values_of(each)) for each in records]).decode()

    def read(text: str) -> Records:
        lines = cast("Sequence[object]", json.loads(text))
        return tuple(kind(**_values(columns, line)) for line in lines)

    return write, read


def without_none(annotation: Annotation) -> Annotation:
    """Return the type of a value that is not None."""
    if not is_optional(annotation):
        return annotation
    kinds = [kind for kind in typing.get_args(annotation) if kind is not types.NoneType]
    return kinds[0] if len(kinds) == 1 else annotation


def is_optional(annotation: Annotation) -> bool:
    """Whether None is allowed."""
    return isinstance(annotation, types.UnionType) and types.NoneType in typing.get_args(annotation)


def record_of_tuple(annotation: Annotation) -> type | None:
    """Return the dataclass if this is a tuple of its instances, of any length."""
    match typing.get_args(annotation):
        case (type() as kind, types.EllipsisType()) if dataclasses.is_dataclass(kind):
            return kind
        case _:
            return None


def defaults_of(kind: type) -> dict[str, object]:
    """Return the values of a dataclass's fields for which nothing was stored."""
    hints = typing.get_type_hints(kind)
    defaults: dict[str, object] = {}
    for field in dataclasses.fields(kind):
        if field.default_factory is not dataclasses.MISSING:
            defaults[field.name] = field.default_factory()
        elif field.default is not dataclasses.MISSING:
            defaults[field.name] = field.default
        elif is_optional(hints[field.name]):
            defaults[field.name] = None
    return defaults


def _line(columns: Sequence[_Column], values: Sequence[object]) -> list[object]:
    last = len(columns)
    while last and values[last - 1] == columns[last - 1].default:
        last -= 1
    cells = zip(columns[:last], values[:last], strict=True)
    return [None if value is None else column.write(value) for column, value in cells]


def _values(columns: Sequence[_Column], line: object) -> dict[str, object]:
    if not isinstance(line, list):
        raise TypeError
    # Cells beyond the columns come from a newer version.
    cells = zip(columns, line, strict=False)
    return {column.name: None if cell is None else column.read(cell) for column, cell in cells}


def _column(field: "dataclasses.Field[object]", annotation: Annotation) -> _Column:
    write, read = _cell(without_none(annotation))
    return _Column(name=field.name, default=field.default, write=write, read=read)


def _cell(kind: Annotation) -> tuple[Cell, Cell]:
    if kind in _CELLS:
        return _CELLS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return attrgetter("value"), kind
    raise TypeError(f"no JSON form for {kind!r}")


def _exactly(kind: type) -> Cell:
    def read(cell: object) -> object:
        if type(cell) is not kind:
            raise TypeError
        return cell

    return read


def _read_numbers(cell: object) -> object:
    if not isinstance(cell, list) or any(type(each) is not int for each in cell):
        raise TypeError
    return tuple(cell)


def _as_it_is(value: object) -> object:
    return value


_CELLS: typing.Mapping[Annotation, tuple[Cell, Cell]] = {
    str: (_as_it_is, _exactly(str)),
    int: (_as_it_is, _exactly(int)),
    bool: (_as_it_is, _exactly(bool)),
    datetime: (moment_text, from_moment_text),
    tuple[int, ...]: (_as_it_is, _read_numbers),
}
