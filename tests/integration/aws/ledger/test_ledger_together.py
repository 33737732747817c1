"""A transaction of the ledger that is throttled, contended, cancelled or never answered."""

import traceback
from collections.abc import Mapping
from dataclasses import replace

import pytest

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from tests import factories
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import Cloud, damage
from tests.integration.aws.faults import Fault, Faults

TRIES = 3
ROUNDS = 8


def rows_of_a_poll() -> list[Row]:
    """Return a watch and the rows that are stored together with it."""
    rows: list[Row] = [
        factories.any_active_watch(),
        factories.any_recorded_redemption(),
        factories.any_notice(),
    ]
    return [row.written("mine") for row in rows]


def stored(ledger: DynamoLedger, rows: list[Row]) -> list[Row]:
    return list(ledger.read([row.key for row in rows]).values())


def reasons(*given: Mapping[str, object]) -> Fault:
    return faults.refusal("TransactionCanceledException", CancellationReasons=list(given))


def code(name: str) -> Mapping[str, object]:
    return {"Code": name}


def lost_to(row: Row) -> Mapping[str, object]:
    return {"Code": "ConditionalCheckFailed", "Item": encode(row)}


def test_all_rows_travel_in_one_call_under_the_conditions_of_any_write(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = rows_of_a_poll()
    later = replace(rows[0].written("first"), revision=7)
    calls: list[Mapping[str, object]] = []
    script.will(faults.watched(calls))

    ledger.write_together([later, *rows[1:]])

    assert script.calls == ["TransactWriteItems"]
    items = calls[0]["TransactItems"]
    assert isinstance(items, list)
    assert [each["Put"]["ConditionExpression"] for each in items] == [
        "revision = :expected",
        "attribute_not_exists(pk)",
        "attribute_not_exists(pk)",
    ]
    assert items[0]["Put"]["ExpressionAttributeValues"] == {":expected": {"N": "6"}}


def test_a_single_row_needs_no_transaction(ledger: DynamoLedger, script: Faults) -> None:
    (row, *_) = rows_of_a_poll()

    assert list(ledger.write_together([row])) == []
    assert script.calls == ["PutItem"]


def test_nothing_is_stored_without_a_call(ledger: DynamoLedger, script: Faults) -> None:
    assert list(ledger.write_together([])) == []
    assert script.calls == []


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
def test_a_short_disturbance_is_not_noticed(
    ledger: DynamoLedger, script: Faults, fault: Fault
) -> None:
    rows = rows_of_a_poll()
    script.will(*[fault] * (TRIES - 1))

    assert list(ledger.write_together(rows)) == []
    assert stored(ledger, rows) == rows


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
def test_a_transaction_that_never_arrives_is_unavailable_and_stores_nothing(
    ledger: DynamoLedger, script: Faults, fault: Fault
) -> None:
    rows = rows_of_a_poll()
    script.will(*[fault] * TRIES)

    with pytest.raises(LedgerUnavailable, match=r"^write: \w+$"):
        ledger.write_together(rows)

    assert len(script.calls) == TRIES
    assert stored(ledger, rows) == []


def test_a_transaction_whose_answer_is_lost_is_unavailable_though_it_is_stored(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = rows_of_a_poll()
    script.will(faults.lost_answer, *[faults.connect_timeout] * (TRIES - 1))

    with pytest.raises(LedgerUnavailable):
        ledger.write_together(rows)

    assert stored(ledger, rows) == rows


@pytest.mark.parametrize(
    "name",
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"],
)
def test_a_contended_transaction_is_sent_again_as_a_whole_after_a_pause(
    ledger: DynamoLedger, script: Faults, clock: ManualClock, name: str
) -> None:
    rows = rows_of_a_poll()
    calls: list[Mapping[str, object]] = []
    script.will(
        reasons(code("None"), code(name), code("None")),
        reasons(code(name), code("None"), code("None")),
        faults.watched(calls),
    )

    assert list(ledger.write_together(rows)) == []

    assert stored(ledger, rows) == rows
    assert len(clock.slept) == 2
    assert clock.slept[0] < clock.slept[1] < 1
    items = calls[0]["TransactItems"]
    assert isinstance(items, list)
    assert len(items) == len(rows)


def test_a_single_row_in_the_way_of_a_transaction_is_sent_again(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    (row, *_) = rows_of_a_poll()
    script.will(faults.refusal("TransactionConflictException"))

    assert list(ledger.write_together([row])) == []
    assert stored(ledger, [row]) == [row]
    assert len(clock.slept) == 1


def test_a_transaction_that_stays_contended_is_given_up(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    rows = rows_of_a_poll()
    script.will(*[reasons(code("TransactionConflict"), code("None"), code("None"))] * 20)

    with pytest.raises(LedgerUnavailable, match=r"^not stored: WATCH#"):
        ledger.write_together(rows)

    assert len(script.calls) == ROUNDS
    assert 1 < sum(clock.slept) < 5
    script.script.clear()
    assert stored(ledger, rows) == []


def test_a_conflict_beside_a_contention_is_a_conflict(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    rows = rows_of_a_poll()
    theirs = replace(rows[1], write_id="theirs")
    script.will(reasons(code("TransactionConflict"), lost_to(theirs), code("None")))

    conflicts = ledger.write_together(rows)

    assert list(conflicts) == [Conflict(attempted=rows[1], stored=theirs)]
    assert script.calls == ["TransactWriteItems"]
    assert clock.slept == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.refusal("ValidationException"),
        reasons(code("None"), code("ValidationError"), code("None")),
    ],
)
def test_rows_that_cannot_be_stored_together_are_never_stored_apart(
    ledger: DynamoLedger, script: Faults, fault: Fault
) -> None:
    rows = rows_of_a_poll()
    script.will(fault)

    with pytest.raises(RowsBroken) as broken:
        ledger.write_together(rows)

    assert broken.value.keys <= {row.key for row in rows}
    assert script.calls == ["TransactWriteItems"]
    assert stored(ledger, rows) == []


def test_a_conflict_with_something_unreadable_stores_nothing(
    cloud: Cloud, ledger: DynamoLedger
) -> None:
    rows = rows_of_a_poll()
    damage(cloud, rows[0])

    with pytest.raises(RowsBroken) as broken:
        ledger.write_together(rows)

    assert broken.value.keys == {rows[0].key}
    assert stored(ledger, rows[1:]) == []


def test_no_failure_shows_whose_watch_it_was(ledger: DynamoLedger, script: Faults) -> None:
    watch = replace(factories.any_active_watch(), user_id="planted-user").written("mine")
    assert isinstance(watch, Watch)
    texts: list[str] = []

    for fault in (faults.throttled, faults.broken, faults.connect_timeout, faults.lost_answer):
        script.will(*[fault] * TRIES)
        with pytest.raises(LedgerUnavailable) as failure:
            ledger.write_together([watch, *rows_of_a_poll()])
        script.script.clear()
        texts.append("".join(traceback.format_exception(failure.value)))

    assert len(texts) == 4
    assert "planted" not in "".join(texts)
