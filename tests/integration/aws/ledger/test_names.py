"""What is loaded by its name when it is first met has that name."""

import dataclasses
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from enum import StrEnum

import pytest

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import attributes_of, decode, encode
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.names import SHORT, stored_as
from couponbus.aws.ledger.outbox_marks import ALWAYS, DECIDING, OUTCOMES, outcome_of
from couponbus.aws.ledger.retention import EXPIRING
from couponbus.domain.errors import RowsBroken
from couponbus.domain.outbox.backlog import ATTENTIONS, BACKLOGS
from couponbus.domain.polling.notice import Notice
from couponbus.domain.row import Row
from couponbus.usecases.publishing.event_mapping import announcement
from tests.architecture import tree
from tests.architecture.markdown import rows_under
from tests.integration.aws.ledger.golden_rows import full

SPAN = re.compile(r"`(\w+)` (\w+)")
# Of rows that owe no event and wait for no time, nothing that is acted upon.
LOST = {"ready_at", "outcomes", "published", "published_at", "trail", "write_id"}
LOADED = """
import sys
from couponbus.aws.ledger import kinds, retention
from couponbus.aws.ledger.outbox_marks import OUTCOMES
assert "WATCH" in kinds.KINDS and "NONE" not in kinds.KINDS and len(kinds.KINDS) > 10
print(*(name for name in sys.modules if name.startswith(("couponbus.domain.", "couponbus.events"))))
"""


def owing() -> Iterator[Row]:
    """Yield a row for each value that may decide which event a row owes."""
    for name in ALWAYS:
        yield full(KINDS[name])
    for name, field in DECIDING.items():
        row = full(KINDS[name])
        if isinstance(row, Notice):
            row = dataclasses.replace(row, errors=("1013",))  # of Koupon
        kind = typing.get_type_hints(type(row))[field]
        for value in (each for each in typing.get_args(kind) or (kind,) if each is not type(None)):
            assert issubclass(value, StrEnum)
            yield from (dataclasses.replace(row, **{field: each}) for each in value)


@pytest.mark.parametrize("name", KINDS)
def test_the_name_of_a_kind_is_that_in_the_keys_of_its_class(name: str) -> None:
    row = full(KINDS[name])

    assert row.key.partition("#")[0] == name
    assert decode(encode(row)) == row


def test_what_is_known_of_kinds_is_known_of_kinds_that_there_are() -> None:
    assert {*EXPIRING, *ALWAYS, *DECIDING, *BACKLOGS, *ATTENTIONS} <= {*KINDS}
    assert DECIDING.keys() == OUTCOMES.keys()


def test_each_event_that_a_row_owes_is_named_as_its_class_is() -> None:
    made = {
        (row.key.partition("#")[0], outcome_of(row)): type(event).detail_type
        for row in owing()
        if (event := announcement(row)) is not None
    }

    assert {outcome: detail_type for (_, outcome), detail_type in made.items()} == {
        outcome: outcome for _, outcome in made
    }
    assert {*made} == {
        *ALWAYS.items(),
        *((kind, each) for kind, outcomes in OUTCOMES.items() for each in outcomes.values()),
    }


def test_the_names_are_known_before_a_single_class_is_loaded() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={"PYTHONPATH": str(tree.COUPONBUS.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(run.stdout.split())
    assert loaded <= {f"couponbus.domain.{each}" for each in ("row", "copying", "errors")}


def fields_of(kind: object) -> set[str]:
    """Return the fields of a kind, or of a record in one, that are stored by name."""
    if not dataclasses.is_dataclass(kind):
        return set().union(*map(fields_of, typing.get_args(kind)))
    hints = typing.get_type_hints(kind)
    return hints.keys() | set().union(*map(fields_of, hints.values()))


def long_named(item: object) -> object:
    """Return an item as it was stored before names were short."""
    if not isinstance(item, dict):
        return [long_named(each) for each in item] if isinstance(item, list) else item
    before = {name: field for field, name in SHORT.items()}
    return {before.get(name, name): long_named(value) for name, value in item.items()}


def test_no_two_fields_have_the_same_name_in_the_table() -> None:
    fields = set().union(*(fields_of(kind) for kind in KINDS.values()))
    derived = set().union(*(attributes_of(name) for name in KINDS)) - {*map(stored_as, fields)}
    names = [*map(stored_as, fields | SHORT.keys()), *derived, "pk", "sk"]

    assert fields >= SHORT.keys()
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("name", KINDS)
def test_an_item_of_long_names_is_unreadable_or_has_lost_nothing_that_matters(
    name: str,
) -> None:
    row = full(KINDS[name])
    before = typing.cast("Item", long_named(encode(row)))

    try:
        found = decode(before)
    except RowsBroken:
        return
    assert name not in {*ALWAYS, *DECIDING}
    assert {field for field in vars(row) if vars(found)[field] != vars(row)[field]} <= LOST


def test_the_docs_say_which_field_a_name_stands_for() -> None:
    rows = rows_under(tree.text(tree.ROOT / "docs" / "concepts.md"), "Item")
    pairs = [pair for cells in rows for cell in cells for pair in SPAN.findall(cell)]

    assert dict(pairs) == {name: field for field, name in SHORT.items()}
    assert pairs == sorted(pairs)
