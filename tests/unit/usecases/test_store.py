"""A write whose answer was lost is repeated, and the worker recognises its own write."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.row import Row
from couponbus.usecases.store import Store, Stored
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.unreliable_ledger import UnreliableLedger


def a_store(*rows: Row) -> tuple[Store, UnreliableLedger, ManualClock]:
    ledger, clock = UnreliableLedger(*rows), ManualClock()
    return Store(ledger=ledger, ids=CountingIds(), clock=clock), ledger, clock


def test_rows_are_stored_as_their_next_revision() -> None:
    store, ledger, _ = a_store()
    rows = [factories.any_issuance() for _ in range(3)]

    stored = store.write(rows)

    assert stored.conflicts == []
    assert [row.key for row in stored.written] == [row.key for row in rows]
    assert {row.revision for row in stored.written} == {1}
    assert list(ledger.rows.values()) == stored.written


def test_each_write_has_an_id_of_its_own() -> None:
    store, _, _ = a_store()

    first = store.write([factories.any_issuance()]).written[0]
    second = store.write([first]).written[0]

    assert (first.revision, second.revision) == (1, 2)
    assert first.write_id != second.write_id


def test_nothing_costs_nothing() -> None:
    store, ledger, _ = a_store()
    ledger.will_fail("write")

    stored: Stored[Row] = store.write([])

    assert (stored.written, stored.conflicts) == ((), ())


def test_a_conflict_of_one_row_does_not_hold_back_the_others() -> None:
    theirs = factories.any_issuance().written("theirs")
    store, _, _ = a_store(theirs)
    free = factories.any_issuance()

    stored = store.write([replace(theirs, revision=0), free])

    assert [row.key for row in stored.written] == [free.key]
    assert [conflict.stored for conflict in stored.conflicts] == [theirs]


@pytest.mark.parametrize("lost", [1, 2])
def test_what_was_written_without_an_answer_is_recognised(lost: int) -> None:
    store, ledger, clock = a_store()
    row = factories.any_issuance()
    ledger.will_lose_the_answer(times=lost)

    stored = store.write([row])

    assert stored.conflicts == []
    assert list(stored.written) == [ledger.rows[row.key]]
    assert ledger.writes == 1
    assert len(clock.slept) == lost


def test_what_was_not_written_is_written_at_last() -> None:
    store, ledger, clock = a_store()
    ledger.will_fail("write", times=2)

    stored = store.write([factories.any_issuance()])

    assert list(stored.written) == list(ledger.rows.values())
    assert clock.slept == sorted(clock.slept)


@pytest.mark.parametrize("times", [3, 4])
def test_three_failures_are_enough(times: int) -> None:
    store, ledger, _ = a_store()
    ledger.will_fail("write", times=times)

    with pytest.raises(LedgerUnavailable):
        store.write([factories.any_issuance()])

    assert ledger.rows == {}


def test_three_lost_answers_leave_it_open_although_the_row_is_there() -> None:
    store, ledger, _ = a_store()
    ledger.will_lose_the_answer(times=3)

    with pytest.raises(LedgerUnavailable):
        store.write([factories.any_issuance()])

    assert len(ledger.rows) == 1


def test_another_writer_of_the_same_revision_is_not_taken_for_oneself() -> None:
    store, ledger, _ = a_store()
    row = factories.any_issuance()
    theirs = row.written("theirs")
    ledger.will_be_overtaken(lambda: ledger.rows.update({row.key: theirs}))

    stored = store.write([row])

    assert stored.written == []
    assert [conflict.stored for conflict in stored.conflicts] == [theirs]


def test_a_later_revision_is_not_taken_for_ones_own_though_it_has_the_same_write_id() -> None:
    store, ledger, _ = a_store()
    row = factories.any_issuance()
    later = replace(row.written("id-1"), revision=2)
    ledger.will_be_overtaken(lambda: ledger.rows.update({row.key: later}))

    stored = store.write([row])

    assert stored.written == []
    assert [conflict.stored for conflict in stored.conflicts] == [later]


def test_a_row_that_is_gone_is_a_conflict() -> None:
    store, _, _ = a_store()

    stored = store.write([factories.any_issuance().written("before")])

    assert stored.written == []
    assert [conflict.stored for conflict in stored.conflicts] == [None]


def test_rows_that_belong_together_are_stored_all_or_none() -> None:
    store, ledger, _ = a_store()
    one, two = factories.any_issuance(seed=1), factories.any_issuance(seed=2)
    ledger.rows[two.key] = two.written("theirs")

    stored = store.write_together([one, two])

    assert stored.written == ()
    assert [conflict.attempted.key for conflict in stored.conflicts] == [two.key]
    assert one.key not in ledger.rows


def test_one_row_of_ones_own_proves_that_all_were_stored_whatever_became_of_the_others() -> None:
    store, ledger, _ = a_store()
    one, two = factories.any_issuance(seed=1), factories.any_issuance(seed=2)
    ledger.will_lose_the_answer(of="write_together")

    def moved_on() -> None:
        ledger.rows[two.key] = ledger.rows[two.key].written("theirs")

    ledger.will_be_overtaken(moved_on, after=1, of="write_together")

    stored = store.write_together([one, two])

    assert [row.key for row in stored.written] == [one.key, two.key]
    assert stored.conflicts == ()


def test_one_row_is_stored_unless_another_writer_was_faster() -> None:
    row = factories.any_issuance()
    store, ledger, _ = a_store()

    assert store.put(row)
    assert not store.put(row)
    assert ledger.rows[row.key].revision == 1


def test_one_row_that_no_table_would_store_is_named() -> None:
    row = factories.any_issuance()
    store, ledger, _ = a_store()
    ledger.unfit.add(row.key)

    with pytest.raises(RowsBroken) as broken:
        store.put(row)

    assert broken.value.keys == {row.key}
