"""The two PartiQL statements of the ledger; any other one is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST = 8192  # characters of a statement (API reference, BatchStatementRequest)
INSERTION = re.compile(r"""INSERT INTO "([\w.-]+)" VALUE \{('\w+':\?(?:,'\w+':\?)*)\}""")
UPDATE = re.compile(
    r"""UPDATE "([\w.-]+)"((?: SET "\w+"=\?)+)((?: REMOVE "\w+")*)"""
    r""" WHERE "pk"=\? AND "sk"=\? AND "revision"=\?"""
)
NAME = re.compile(r"""["'](\w+)["']""")
KEY = ("pk", "sk")

type Attribute = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One write: `expected` is the revision that it replaces, None where nothing may stand."""

    table: str
    key: Mapping[str, Attribute]
    values: Mapping[str, Attribute]
    removed: Sequence[str] = ()
    expected: Attribute | None = None

    @property
    def item(self) -> Mapping[str, Attribute]:
        """The item as it is stored: an update of the ledger leaves out no attribute of its kind."""
        return {**self.key, **self.values}


def statement_of(text: str, parameters: Sequence[Attribute]) -> Statement:
    """Read a statement. Raises ValueError for one of another shape."""
    if len(text) > LONGEST:
        raise ValueError("the statement is too long")
    if found := INSERTION.fullmatch(text):
        values = _values(NAME.findall(found[2]), parameters)
        key = {name: values.pop(name) for name in KEY if name in values}
        if len(key) < len(KEY):
            raise ValueError("an insertion names the key")
        return Statement(table=found[1], key=key, values=values)
    if found := UPDATE.fullmatch(text):
        names, removed = NAME.findall(found[2]), NAME.findall(found[3])
        if not {*names, *removed}.isdisjoint(KEY) or not {*names}.isdisjoint(removed):
            raise ValueError("an update leaves the key alone, and changes no attribute twice")
        values = _values([*names, "the key", "the sort key", "the condition"], parameters)
        *_, partition, sort, expected = values.values()
        return Statement(
            table=found[1],
            key=dict(zip(KEY, (partition, sort), strict=True)),
            values={name: values[name] for name in names},
            removed=removed,
            expected=expected,
        )
    raise ValueError("the ledger has no such statement")


def _values(names: Sequence[str], parameters: Sequence[Attribute]) -> dict[str, Attribute]:
    if len({*names}) < len(names):
        raise ValueError("an attribute is named twice")
    if len(names) != len(parameters):
        raise ValueError("there are more or fewer parameters than the statement has places")
    return dict(zip(names, parameters, strict=True))
