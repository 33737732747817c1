"""Compares the values, lengths and patterns of two schemas of one type."""

from collections.abc import Collection, Iterator, Sequence

from events.difference import Difference, Effect
from events.inlined import Schema

UPPER = {"maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"}
LOWER = {"minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"}
NOTES = ("x-", "$schema", "$id", "$comment")


def fixed_values(path: str, before: Schema, now: Schema) -> Iterator[Difference]:
    """Compare closed lists of values; a constant is a list of one."""
    old, new = _listed(before), _listed(now)
    if old is None or new is None:
        if new is not None:
            change = f"may only be {_alternatives(new)} now"
            yield Difference(path=path, effect=Effect.NARROWER, change=change)
        if old is not None:
            change = f"may be anything beside {_alternatives(old)} now"
            yield Difference(path=path, effect=Effect.WIDER, change=change)
        return
    if removed := [each for each in old if each not in new]:
        change = f"may not be {_alternatives(removed)} any more"
        yield Difference(path=path, effect=Effect.NARROWER, change=change)
    if added := [each for each in new if each not in old]:
        change = f"may be {_alternatives(added)} too"
        yield Difference(path=path, effect=Effect.WIDER, change=change)


def keywords(
    path: str, before: Schema, now: Schema, *, but: Collection[str]
) -> Iterator[Difference]:
    """Compare every keyword `but` these; one that is not known is taken for a restriction."""
    for name in sorted({*before, *now} - set(but)):
        old, new = before.get(name), now.get(name)
        if old != new and not name.startswith(NOTES):
            change = _change(name, old, new)
            yield Difference(path=path, effect=_effect(name, old, new), change=change)


def _listed(schema: Schema) -> list[object] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def _alternatives(values: Sequence[object]) -> str:
    return " or ".join(f"`{value}`" for value in values)


def _effect(name: str, old: object, new: object) -> Effect:
    if old is None or new is None:
        return Effect.NARROWER if old is None else Effect.WIDER
    if isinstance(old, int | float) and isinstance(new, int | float) and name in UPPER | LOWER:
        return Effect.WIDER if (new > old) is (name in UPPER) else Effect.NARROWER
    return Effect.OTHER


def _change(name: str, old: object, new: object) -> str:
    if old is None:
        return f"has the {name} {new} now"
    return f"had the {name} {old} and has {'none' if new is None else new}"
