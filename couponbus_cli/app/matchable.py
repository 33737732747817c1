"""Which patterns can match no event at all, and what to write instead."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from couponbus.domain.patterns.matcher import accepts_absence, compiled, ways
from couponbus.events.sign_up import CustomerSignedUp
from couponbus_cli.app.published import contracts

type Pattern = Mapping[str, object]
type Schema = Mapping[str, object]

ENVELOPE = ("source", "detail-type")
# The names of a webhook's body; a pattern is matched against the event on the bus.
OF_WEBHOOKS: Mapping[str, str] = {
    "type": "detail-type",
    "timestamp": "detail.metadata.occurred_at",
    "id": "detail.metadata.id",
    "data": "detail.data",
    "metadata": "detail.metadata",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """The paths of an event's values, and the objects in which there may be any."""

    paths: set[str] = field(default_factory=lambda: set(ENVELOPE))
    free: set[str] = field(default_factory=set)

    def has(self, path: str) -> bool:
        return path in self.paths or any(path.startswith(f"{each}.") for each in self.free)


def no_published(pattern: Pattern) -> str | None:
    """Return why no event of couponbus can match a valid pattern, None if one can."""
    kinds = [(kind, _fields_of(kind.model_json_schema())) for kind in contracts()]
    branches = ways(pattern)
    for branch in branches:
        needed = _needed(branch)
        if any(
            all(fields.has(path) for path in needed) and _is_sent(branch, kind.detail_type, origin)
            for kind, fields in kinds
            for origin in kind.origins()
        ):
            return None
    every = _Fields(
        paths=set().union(*(fields.paths for _, fields in kinds)),
        free=set().union(*(fields.free for _, fields in kinds)),
    )
    unknown = [path for path in _needed(branches[0]) if not every.has(path)]
    if unknown:
        return "; ".join(f"{path}: no event has it{_meant(path, every.paths)}" for path in unknown)
    return f"no event has all of this together: {', '.join(branches[0])}"


def _needed(branch: Mapping[str, Sequence[object]]) -> list[str]:
    return [path for path, values in branch.items() if not accepts_absence(values)]


def no_sign_up(pattern: Pattern) -> Iterator[tuple[str, str]]:
    """Yield the paths for which no sign-up can match a valid pattern, each with the reason."""
    for branch in ways(pattern):
        wrong = list(_wrong_for_sign_ups(branch))
        if not wrong:
            return
        yield from wrong


def _wrong_for_sign_ups(branch: Mapping[str, Sequence[object]]) -> Iterator[tuple[str, str]]:
    for path in _needed(branch):
        top = path.split(".")[0]
        if top not in (*ENVELOPE, "detail"):
            yield path, "can never match: an event has source, detail-type, detail"
        elif path == "detail-type" and not _is_sent(
            {path: branch[path]}, CustomerSignedUp.detail_type
        ):
            yield path, f"can never match: a sign-up has {CustomerSignedUp.detail_type}"


def _is_sent(branch: Mapping[str, Sequence[object]], detail_type: str, source: str = "any") -> bool:
    asked = {name: branch[name] for name in ENVELOPE if name in branch}
    return compiled(asked)({"source": source, "detail-type": detail_type})


def _fields_of(schema: Schema) -> _Fields:
    found = _Fields()
    _collect(schema, "detail", found, cast("Mapping[str, Schema]", schema.get("$defs", {})))
    return found


def _collect(schema: Schema, path: str, found: _Fields, named: Mapping[str, Schema]) -> None:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        _collect(named[reference.rsplit("/", 1)[-1]], path, found, named)
        return
    for choice in cast("Sequence[Schema]", schema.get("anyOf", ())):
        _collect(choice, path, found, named)
    items = schema.get("items")
    if isinstance(items, Mapping):
        _collect(items, path, found, named)
    if "properties" in schema:
        for name, inner in cast("Mapping[str, Schema]", schema["properties"]).items():
            _collect(inner, f"{path}.{name}", found, named)
    elif schema.get("type") == "object":
        found.free.add(path)
    elif schema.get("type") != "array" and "anyOf" not in schema:
        found.paths.add(path)


def _meant(path: str, known: set[str]) -> str:
    top, _, rest = path.partition(".")
    if top in OF_WEBHOOKS:
        instead = OF_WEBHOOKS[top] + (f".{rest}" if rest else "")
        return f": a pattern sees the event on the bus, not the webhook; write {instead}"
    name = path.rsplit(".", 1)[-1]
    namesake = sorted(each for each in known if each.rsplit(".", 1)[-1] == name)
    close = namesake[:1] or difflib.get_close_matches(path, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(ENVELOPE)}, detail"
