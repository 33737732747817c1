"""Schemas without references: each is replaced by the definition that it names."""

from collections.abc import Mapping

type Schema = Mapping[str, object]

DEFINITIONS = "$defs"
REFERENCE = "$ref"


def inlined(schema: Schema) -> Schema:
    """Return the schema with each reference replaced by its definition.

    A recursive definition keeps its inner reference. Raises KeyError for an unknown definition.
    """
    definitions = part(schema, DEFINITIONS)
    whole = {name: value for name, value in schema.items() if name != DEFINITIONS}
    result = _inlined(whole, definitions, within=())
    return result if isinstance(result, Mapping) else {}


def part(schema: Schema, name: str) -> Schema:
    """Return the value of the keyword if it is an object, else an empty one."""
    found = schema.get(name)
    return found if isinstance(found, Mapping) else {}


def _inlined(value: object, definitions: Schema, *, within: tuple[str, ...]) -> object:
    if isinstance(value, list):
        return [_inlined(each, definitions, within=within) for each in value]
    if not isinstance(value, Mapping):
        return value
    reference = value.get(REFERENCE)
    if not isinstance(reference, str) or reference in within:
        return {name: _inlined(each, definitions, within=within) for name, each in value.items()}
    target = definitions[reference.removeprefix(f"#/{DEFINITIONS}/")]
    beside = {name: each for name, each in value.items() if name != REFERENCE}
    merged = {**target, **beside} if isinstance(target, Mapping) else target
    return _inlined(merged, definitions, within=(*within, reference))
