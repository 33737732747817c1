"""The changes that applying a file makes."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus_cli.programs.watch_part import as_part


class Change(StrEnum):
    """How one program changes; `kept` is stored, but not in the file.

    `replaced` is stored in a form that cannot be compared.
    """

    ADDED = "added"
    CHANGED = "changed"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One program, and each field that changes with its value before and after."""

    name: str
    change: Change
    fields: Mapping[str, tuple[object, object]]

    def data(self) -> dict[str, object]:
        """Return it ready for JSON."""
        fields = {
            name: {"before": before, "after": after}
            for name, (before, after) in self.fields.items()
        }
        return {"name": self.name, "change": self.change.value, "fields": fields}


def differences(
    *, stored: ProgramsInForce, wanted: Sequence[Program], missing: Change
) -> list[Difference]:
    """Compare by name; `missing` is the change of stored programs that are not in the file."""
    names = {program.name for program in wanted}
    found = [_difference(stored, program) for program in wanted]
    there = stored.unreadable.union(program.name for program in stored.readable)
    gone = sorted(there - names)
    return found + [Difference(name=name, change=missing, fields={}) for name in gone]


def as_written(program: Program) -> dict[str, object]:
    """Return the fields under the names that the file has, ready for JSON."""
    fields = {field.name: getattr(program, field.name) for field in dataclasses.fields(program)}
    fields["watches"] = as_part(program.watches)
    return {_NAMES.get(name, name): _plain(value) for name, value in fields.items()}


def _difference(stored: ProgramsInForce, after: Program) -> Difference:
    if after.name in stored.unreadable:
        return Difference(name=after.name, change=Change.REPLACED, fields={})
    before = stored.named(after.name)
    if before is None:
        return Difference(name=after.name, change=Change.ADDED, fields={})
    old, new = as_written(before), as_written(after)
    fields = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    change = Change.CHANGED if fields else Change.UNCHANGED
    return Difference(name=after.name, change=change, fields=fields)


_NAMES = {"pattern": "match", "watches": "watch"}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, StrEnum) else value
