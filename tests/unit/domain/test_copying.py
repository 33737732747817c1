"""A fast copy is the copy that the standard library makes."""

import dataclasses
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.clock import NOON

ROWS = [
    factories.any_issuance(),
    factories.any_requested(),
    factories.any_issued(),
    factories.any_resolution(),
    factories.any_rejection(),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_a_copy_differs_in_what_was_changed_only(row: Row) -> None:
    until = NOON + timedelta(seconds=1)

    copy = replace(row, due_at=until, revision=7)

    assert copy == dataclasses.replace(row, due_at=until, revision=7)
    assert type(copy) is type(row)
    assert hash(copy) == hash(dataclasses.replace(copy))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_the_original_stays_as_it_was_and_the_copy_is_as_frozen(row: Row) -> None:
    before = dataclasses.asdict(row)

    copy = replace(row, revision=row.revision + 1)

    assert dataclasses.asdict(row) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        copy.revision = 0  # type: ignore[misc]
