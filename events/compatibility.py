"""Which changes of a contract break a producer or consumer, by the direction of its messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.contracts import Contract, Direction
from events.difference import Difference, Effect
from events.differences import differences
from events.inlined import Schema

# What we publish is read by others, and archives and replays send old events again unchanged: old
# and new events share one schema, so only an optional field can be added to it. What we receive,
# and what waits in a queue of ours, was written by a producer that knows the old schema: it must
# still be accepted.
_OURS = frozenset({Effect.WIDER, Effect.NARROWER, Effect.OTHER})
_THEIRS = frozenset({Effect.NARROWER, Effect.OTHER})
BREAKING: Mapping[Direction, frozenset[Effect]] = {
    "published": _OURS,
    "webhook": _OURS,
    "received": _THEIRS,
    "command": _THEIRS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A breaking change, as one sentence."""

    contract: str
    path: str
    change: str
    advice: str

    def __str__(self) -> str:
        what = f"`{self.path}`" if self.path else "it"
        return f"{self.contract}: {what} {self.change}; {self.advice}."


def breaking(contract: Contract, *, released: Schema) -> Sequence[Finding]:
    """Return the changes that break producers or consumers that rely on the released schema."""
    current = contract.schema()
    changes = [*_of_the_envelope(released, current), *differences(released, current)]
    return [
        Finding(
            contract=contract.label,
            path=each.path,
            change=each.change,
            advice=_advice(contract, each),
        )
        for each in changes
        if each.effect in BREAKING[contract.direction]
    ]


def _of_the_envelope(released: Schema, current: Schema) -> list[Difference]:
    """Compare what rules match on; a source in addition to the old ones breaks no rule."""
    found = []
    old, new = released.get("x-detail-type"), current.get("x-detail-type")
    if old != new:
        found.append(_other(f"had the detail type {old} and has {new}"))
    if gone := [each for each in _sources(released) if each not in _sources(current)]:
        found.append(_other(f"does not come from {' or '.join(gone)} any more"))
    return found


def _sources(schema: Schema) -> list[str]:
    found = schema.get("x-source", [])
    return [str(each) for each in found] if isinstance(found, list) else [str(found)]


def _other(change: str) -> Difference:
    return Difference(path="", effect=Effect.OTHER, change=change)


def _advice(contract: Contract, difference: Difference) -> str:
    if difference.change == "is new and required":
        return "let it be left out, as those who know the old version do"
    if contract.direction == "command":
        return "undo it, or give the change a command of its own: old ones may wait in a queue"
    version = contract.version + 1
    return f"undo it, or make version {version} beside it, a class {contract.stem}V{version}"
