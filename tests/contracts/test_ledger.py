"""The ledger keeps its promises in memory and on DynamoDB alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict, Ledger
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud

SOON = timedelta(milliseconds=1)


@pytest.fixture(params=["memory", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    with a_cloud() as cloud:
        yield DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock())


def first(row: Row) -> Row:
    return row.written(f"write-{factories.any_word()}")


def issuances(count: int) -> list[Issuance]:
    return [factories.any_issuance().written("first") for _ in range(count)]


def conflict(attempted: Row, stored: Row | None) -> Conflict:
    return Conflict(attempted=attempted, stored=stored)


def test_a_new_row_is_stored_and_read(ledger: Ledger) -> None:
    row = first(factories.any_issued())

    assert list(ledger.write([row])) == []
    assert ledger.read([row.key]) == {row.key: row}


def test_what_does_not_exist_is_not_read(ledger: Ledger) -> None:
    row = first(factories.any_issuance())
    ledger.write([row])

    read = ledger.read([factories.any_issuance().key, row.key])

    assert list(read) == [row.key]


def test_nothing_is_written_and_read_without_complaint(ledger: Ledger) -> None:
    assert list(ledger.write([])) == []
    assert ledger.read([]) == {}


def test_a_key_may_be_asked_for_twice(ledger: Ledger) -> None:
    row = first(factories.any_issuance())
    ledger.write([row])

    assert ledger.read([row.key, row.key]) == {row.key: row}


def test_rows_are_read_in_the_order_of_the_keys(ledger: Ledger) -> None:
    rows = issuances(120)
    ledger.write(rows)
    keys = sorted(row.key for row in rows)

    assert list(ledger.read(keys)) == keys


def test_the_next_revision_replaces_the_row(ledger: Ledger) -> None:
    row = first(factories.any_requested())
    ledger.write([row])
    following = replace(row, due_at=None).written("second")

    assert list(ledger.write([following])) == []
    assert ledger.read([row.key]) == {row.key: following}


def test_a_first_revision_is_refused_where_something_stands(ledger: Ledger) -> None:
    row = factories.any_issuance()
    stored = row.written("mine")
    ledger.write([stored])
    attempted = row.written("theirs")

    assert list(ledger.write([attempted])) == [conflict(attempted, stored)]
    assert ledger.read([row.key]) == {row.key: stored}


@pytest.mark.parametrize("revision", [0, 1, 2, 4])
def test_only_the_very_next_revision_is_stored(ledger: Ledger, revision: int) -> None:
    stored = first(factories.any_issued())
    ledger.write([stored])
    stored = stored.written("second")
    ledger.write([stored])
    attempted = replace(stored, revision=revision, write_id="another")

    assert list(ledger.write([attempted])) == [conflict(attempted, stored)]


def test_a_later_revision_of_nothing_is_refused_and_nothing_is_shown(ledger: Ledger) -> None:
    attempted = replace(factories.any_issuance(), revision=2)

    assert list(ledger.write([attempted])) == [conflict(attempted, None)]
    assert ledger.read([attempted.key]) == {}


def test_ones_own_write_is_recognised_when_it_is_repeated(ledger: Ledger) -> None:
    row = first(factories.any_issuance())
    ledger.write([row])

    (repeated,) = ledger.write([row])

    assert repeated.stored == row
    assert repeated.stored.write_id == row.write_id


def test_of_many_rows_only_those_in_conflict_are_held_back(ledger: Ledger) -> None:
    rows = issuances(230)
    taken = [replace(row, write_id="theirs") for row in rows[::7]]
    ledger.write(taken)

    conflicts = ledger.write(rows)

    assert {each.attempted.key: each for each in conflicts} == {
        row.key: conflict(row, other) for row, other in zip(rows[::7], taken, strict=True)
    }
    stored = ledger.read([row.key for row in rows])
    assert [row.write_id for row in stored.values()].count("first") == len(rows) - len(taken)


def test_a_write_in_which_all_conflict_stores_nothing(ledger: Ledger) -> None:
    rows = issuances(130)
    ledger.write(rows)
    again = [replace(row, write_id="again") for row in rows]

    conflicts = ledger.write(again)

    assert len(conflicts) == 130
    assert {row.write_id for row in ledger.read([row.key for row in rows]).values()} == {"first"}


def test_one_of_two_rows_in_conflict_leaves_the_other_stored(ledger: Ledger) -> None:
    mine, theirs = issuances(2)
    ledger.write([theirs])

    (only,) = ledger.write([mine, replace(theirs, write_id="late")])

    assert only.stored == theirs
    assert ledger.read([mine.key]) == {mine.key: mine}


def test_two_rows_with_one_key_are_a_mistake(ledger: Ledger) -> None:
    row = first(factories.any_issuance())

    with pytest.raises(ValueError, match="distinct keys"):
        ledger.write([row, row])
    assert ledger.read([row.key]) == {}


def test_a_row_of_any_kind_comes_back_as_it_was(ledger: Ledger) -> None:
    @given(row=st.integers(0, 2**32).map(lambda seed: factories.any_row(seed=seed)))
    def comes_back(row: Row) -> None:
        row = replace(row, revision=_revision_of(ledger, row) + 1)

        assert list(ledger.write([row])) == []
        assert ledger.read([row.key]) == {row.key: row}

    comes_back()


def _revision_of(ledger: Ledger, row: Row) -> int:
    stored = ledger.read([row.key]).get(row.key)
    return 0 if stored is None else stored.revision


def walked(ledger: Ledger, *, limit: int) -> list[Issuance]:
    """Return all issuances, page by page."""
    page = ledger.issuances(limit=limit)
    found = [*page.issuances]
    while page.after is not None:
        page = ledger.issuances(limit=limit, after=page.after)
        found += page.issuances
    return found


@pytest.mark.parametrize("limit", [1, 7, 20, 100])
def test_a_walk_comes_by_each_issuance_once_and_by_nothing_else(ledger: Ledger, limit: int) -> None:
    rows = issuances(20)
    ledger.write([*rows, first(factories.any_resolution()), first(factories.any_rejection())])

    found = walked(ledger, limit=limit)

    assert sorted(row.key for row in found) == sorted(row.key for row in rows)
    assert ledger.read([row.key for row in found]) == {row.key: row for row in found}


def test_a_walk_goes_on_from_a_row_that_was_deleted_meanwhile(ledger: Ledger) -> None:
    rows = issuances(5)
    ledger.write(rows)

    page = ledger.issuances(limit=5, after=factories.any_issuance().key)

    assert {row.key for row in page.issuances} <= {row.key for row in rows}
    assert page.after is None


def test_a_walk_through_an_empty_ledger_ends_at_once(ledger: Ledger) -> None:
    page = ledger.issuances(limit=5)

    assert (list(page.issuances), page.broken, page.after) == ([], frozenset(), None)
