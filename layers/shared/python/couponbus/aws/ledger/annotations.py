"""What a field's declared type tells about its form."""

import dataclasses
import types
import typing

type Declared = object


def without_none(declared: Declared) -> Declared:
    """Return the type of what is there when it is not None."""
    if not is_optional(declared):
        return declared
    kinds = [kind for kind in typing.get_args(declared) if kind is not types.NoneType]
    return kinds[0] if len(kinds) == 1 else declared


def is_optional(declared: Declared) -> bool:
    """Whether it may be None."""
    return isinstance(declared, types.UnionType) and types.NoneType in typing.get_args(declared)


def record_of_tuple(declared: Declared) -> type | None:
    """Return the dataclass of which this is a tuple of any length."""
    match typing.get_args(declared):
        case (type() as kind, types.EllipsisType()) if dataclasses.is_dataclass(kind):
            return kind
        case _:
            return None


def blank_of(kind: type) -> dict[str, object]:
    """Return what the fields of a dataclass are that nothing was stored for."""
    hints = typing.get_type_hints(kind)
    return {
        field.name: None if field.default is dataclasses.MISSING else field.default
        for field in dataclasses.fields(kind)
        if field.default is not dataclasses.MISSING or is_optional(hints[field.name])
    }
