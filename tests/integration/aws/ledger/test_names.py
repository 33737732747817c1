"""What is loaded by its name when it is first met has that name."""

import dataclasses
import subprocess
import sys
import typing
from collections.abc import Iterator
from enum import StrEnum

import pytest

from couponbus.aws.ledger.codec import decode, encode
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.outbox_marks import ALWAYS, DECIDING, OUTCOMES, outcome_of
from couponbus.aws.ledger.retention import EXPIRING
from couponbus.domain.outbox.backlog import ATTENTIONS, BACKLOGS
from couponbus.domain.polling.notice import Notice
from couponbus.domain.row import Row
from couponbus.usecases.publishing.event_mapping import announcement
from tests.architecture import tree
from tests.integration.aws.ledger.golden_rows import full

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
