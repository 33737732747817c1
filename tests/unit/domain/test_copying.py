"""What is made in one step is what a dataclass itself would make."""

import dataclasses
from datetime import timedelta

import pytest

from couponbus.domain.copying import fresh, replace
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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_a_fresh_row_is_the_row_that_its_class_makes(row: Row) -> None:
    kind = type(row)
    given = {each.name: getattr(row, each.name) for each in dataclasses.fields(row)}
    required = {
        each.name: given[each.name]
        for each in dataclasses.fields(row)
        if each.default is dataclasses.MISSING
    }

    for some in (given, required):
        made = fresh(kind, **some)

        assert made == kind(**some)
        assert vars(made).keys() == given.keys()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_a_fresh_row_lacks_no_field_and_has_none_too_many(row: Row) -> None:
    kind, given = type(row), {each.name: None for each in dataclasses.fields(row)}
    name = next(
        each.name for each in dataclasses.fields(row) if each.default is dataclasses.MISSING
    )

    with pytest.raises(TypeError, match="unknown"):
        fresh(kind, **given, unknown=None)
    with pytest.raises(TypeError, match=name):
        fresh(kind, **{each: None for each in given if each != name})
