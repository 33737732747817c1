"""Compares two versions of a JSON Schema, field by field."""

from collections.abc import Iterator, Mapping, Sequence

from events.difference import Difference, Effect
from events.differing_keywords import fixed_values, keywords
from events.inlined import Schema, inlined, part

# The branches of a union are compared one by one; a discriminator only repeats them.
UNION = {"anyOf", "oneOf", "discriminator"}
PARTS = {"properties", "required", "additionalProperties", "propertyNames", "items"}
# `default` counts, but belongs to a field and not to one branch of it.
REMARKS = {"title", "description", "examples", "deprecated", "readOnly", "writeOnly", "default"}
COMPARED_APART = {"type", "const", "enum"} | PARTS | REMARKS
ANYTHING = "anything"


def differences(before: Schema, now: Schema) -> Sequence[Difference]:
    """Return each difference, except in texts for people: titles, descriptions, examples.

    A keyword that is not known here counts too: adding it narrows, dropping it widens.
    """
    return list(_values("", inlined(before), inlined(now)))


def _values(path: str, before: Schema, now: Schema) -> Iterator[Difference]:
    removed, added, both = _matched(_branches(before), _branches(now))
    if removed and added:
        change = f"was {_kinds(removed)} and is {_kinds(added)}"
        yield Difference(path=path, effect=_retyping(removed, added), change=change)
    elif removed:
        change = f"may not be {_kinds(removed)} any more"
        yield Difference(path=path, effect=Effect.NARROWER, change=change)
    elif added:
        change = f"may be {_kinds(added)} too"
        yield Difference(path=path, effect=Effect.WIDER, change=change)
    for old, new in both:
        yield from _branch(path, old, new)
    if "default" in before and "default" in now and before["default"] != now["default"]:
        change = f"had the default {before['default']} and has {now['default']}"
        yield Difference(path=path, effect=Effect.OTHER, change=change)


def _branches(schema: Schema) -> list[Schema]:
    """Return the alternatives of a union, each with what holds for all of them."""
    rest = {name: value for name, value in schema.items() if name not in UNION}
    for keyword in ("anyOf", "oneOf"):
        inner = schema.get(keyword)
        if isinstance(inner, list):
            own = {name: value for name, value in rest.items() if name not in REMARKS}
            return [one for each in inner for one in _branches({**own, **each})]
    kinds = rest.get("type")
    return [{**rest, "type": each} for each in kinds] if isinstance(kinds, list) else [rest]


def _matched(
    before: Sequence[Schema], now: Sequence[Schema]
) -> tuple[list[Schema], list[Schema], list[tuple[Schema, Schema]]]:
    """Return the branches that were removed, that were added, and the pairs that remain."""
    removed: list[Schema] = []
    both: list[tuple[Schema, Schema]] = []
    added = list(now)
    for old in sorted(before, key=lambda each: each not in now):  # unchanged ones first
        same = [each for each in added if each == old]
        alike = [each for each in added if _kind(each) == _kind(old)]
        if not alike:
            removed.append(old)
            continue
        new = (same or alike)[0]
        added.remove(new)
        both.append((old, new))
    return removed, added, both


def _kind(branch: Schema) -> str:
    if "type" not in branch:
        return "fixed values" if {"const", "enum"} & set(branch) else ANYTHING
    return str(branch["type"])


def _kinds(branches: Sequence[Schema]) -> str:
    return " or ".join(dict.fromkeys(_kind(branch) for branch in branches))


def _retyping(removed: Sequence[Schema], added: Sequence[Schema]) -> Effect:
    old, new = {_kind(each) for each in removed}, {_kind(each) for each in added}
    if ANYTHING in new or (old == {"integer"} and new == {"number"}):
        return Effect.WIDER
    if ANYTHING in old or (old == {"number"} and new == {"integer"}):
        return Effect.NARROWER
    return Effect.OTHER


def _branch(path: str, before: Schema, now: Schema) -> Iterator[Difference]:
    yield from fixed_values(path, before, now)
    yield from keywords(path, before, now, but=COMPARED_APART)
    yield from _fields(path, before, now)
    yield from _unnamed_fields(path, before, now)
    for keyword, inner in (("items", f"{path}[]"), ("propertyNames", f"names in {path}")):
        if keyword in before or keyword in now:
            yield from _values(inner, part(before, keyword), part(now, keyword))


def _fields(path: str, before: Schema, now: Schema) -> Iterator[Difference]:
    old, new = part(before, "properties"), part(now, "properties")
    needed_before, needed = _required(before), _required(now)
    for name in old:
        field = _below(path, name)
        if name not in new:
            yield Difference(path=field, effect=Effect.OTHER, change="is gone")
            continue
        if name in needed_before and name not in needed:
            change = "was always there and may be left out now"
            yield Difference(path=field, effect=Effect.WIDER, change=change)
        if name in needed and name not in needed_before:
            change = "could be left out and is required now"
            yield Difference(path=field, effect=Effect.NARROWER, change=change)
        yield from _values(field, part(old, name), part(new, name))
    for name in (each for each in new if each not in old):
        effect = Effect.NARROWER if name in needed else Effect.ADDED
        change = "is new and required" if name in needed else "is new"
        yield Difference(path=_below(path, name), effect=effect, change=change)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _required(schema: Schema) -> Sequence[object]:
    names = schema.get("required")
    return names if isinstance(names, list) else []


def _unnamed_fields(path: str, before: Schema, now: Schema) -> Iterator[Difference]:
    """Compare how fields that the schema does not name are handled."""
    old, new = (each.get("additionalProperties", True) for each in (before, now))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _values(_below(path, "*"), old, new)
    elif _openness(old) < _openness(new):
        change = "lets more fields through that it does not name"
        yield Difference(path=path, effect=Effect.WIDER, change=change)
    elif _openness(old) > _openness(new):
        change = "refuses fields that it does not name and used to take"
        yield Difference(path=path, effect=Effect.NARROWER, change=change)


def _openness(additional: object) -> int:
    return 1 if isinstance(additional, Mapping) else 2 * int(bool(additional))
