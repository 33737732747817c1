"""The ledger between boto3 and a table that throttles, breaks, and loses answers."""

import traceback
from collections.abc import Mapping
from dataclasses import replace

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.ports.shared import Conflict
from tests import factories
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud, damage
from tests.integration.aws.faults import Fault, Faults, Pass
from tests.integration.aws.ledger.scripted import TRIES, answers, issuances, keys


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
def test_a_short_disturbance_is_not_noticed(
    ledger: DynamoLedger, script: Faults, fault: Fault, count: int
) -> None:
    rows = issuances(count)
    script.will(*[fault] * (TRIES - 1))

    assert list(ledger.write(rows)) == []
    assert len(ledger.read(keys(rows))) == count


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.connect_timeout])
def test_a_write_that_never_arrives_is_unavailable_and_stores_nothing(
    ledger: DynamoLedger, script: Faults, fault: Fault, count: int
) -> None:
    rows = issuances(count)
    script.will(*[fault] * TRIES)

    with pytest.raises(LedgerUnavailable, match=r"^write: \w+$"):
        ledger.write(rows)

    assert len(script.calls) == TRIES
    assert ledger.read(keys(rows)) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_a_write_whose_answers_are_lost_is_unavailable_though_it_is_stored(
    ledger: DynamoLedger, script: Faults, count: int
) -> None:
    rows = issuances(count)
    script.will(faults.lost_answer, *[faults.connect_timeout] * (TRIES - 1))

    with pytest.raises(LedgerUnavailable):
        ledger.write(rows)

    assert list(ledger.read(keys(rows)).values()) == rows


@pytest.mark.parametrize("count", [1, 3])
def test_a_write_repeated_after_a_lost_answer_is_recognisable_as_ones_own(
    ledger: DynamoLedger, script: Faults, count: int
) -> None:
    rows = issuances(count)
    script.will(faults.lost_answer, *[faults.connect_timeout] * (TRIES - 1))
    with pytest.raises(LedgerUnavailable):
        ledger.write(rows)

    repeated = ledger.write(rows)

    assert list(repeated) == [Conflict(attempted=row, stored=row) for row in rows]


def test_a_row_that_expires_while_another_takes_its_place_is_followed_by_that_one(
    ledger: DynamoLedger, script: Faults, cloud: Cloud
) -> None:
    rows = issuances(3)
    ledger.write([replace(rows[1], write_id="a year ago")])
    key = {"pk": {"S": rows[1].key}, "sk": {"S": "ROW"}}

    def expires(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
        cloud.clients.dynamodb.delete_item(TableName=TABLE, Key=key)
        return reach()

    script.will(faults.passes, expires)  # refused, and gone when it is read

    assert list(ledger.write(rows)) == []
    assert list(ledger.read(keys(rows)).values()) == rows


@pytest.mark.parametrize("count", [1, 3])
def test_a_write_that_the_sdk_itself_repeats_conflicts_with_ones_own_rows(
    ledger: DynamoLedger, script: Faults, count: int
) -> None:
    rows = issuances(count)
    script.will(faults.lost_answer)

    assert list(ledger.write(rows)) == [Conflict(attempted=row, stored=row) for row in rows]


@pytest.mark.parametrize(
    "code",
    [
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "InternalServerError",
    ],
)
def test_only_rows_that_were_held_back_are_sent_again_after_a_pause(
    ledger: DynamoLedger, script: Faults, clock: ManualClock, code: str
) -> None:
    rows = issuances(4)
    calls: list[Mapping[str, object]] = []
    script.will(answers(code, None, code, code), answers(None, code, code), faults.watched(calls))

    assert list(ledger.write(rows)) == []

    assert list(ledger.read(keys(rows)).values()) == rows[2:]
    assert script.calls[:3] == ["BatchExecuteStatement"] * 3
    assert len(clock.slept) == 2
    assert clock.slept[0] < clock.slept[1] < 1


def test_a_row_that_is_left_alone_is_put(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    rows = issuances(2)
    script.will(answers("ThrottlingError", None))

    assert list(ledger.write(rows)) == []
    assert script.calls == ["BatchExecuteStatement", "PutItem"]


def test_two_writers_who_were_held_back_together_do_not_return_together(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    for write_id in ("one", "another"):
        rows = [factories.any_issuance().written(write_id) for _ in range(2)]
        script.will(answers("ThrottlingError", "ThrottlingError"))
        ledger.write(rows)

    assert clock.slept[0] != clock.slept[1]


def test_a_single_row_in_the_way_of_a_transaction_is_sent_again(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    rows = issuances(1)
    script.will(faults.refusal("TransactionConflictException"))

    assert list(ledger.write(rows)) == []
    assert len(clock.slept) == 1


def test_rows_that_stay_contended_are_given_up(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    rows = issuances(2)
    script.will(*[answers("ThrottlingError", "TransactionConflict")] * 20)

    with pytest.raises(LedgerUnavailable, match=r"^not stored: ISSUANCE#.*, ISSUANCE#") as failure:
        ledger.write(rows)

    assert all(key in str(failure.value) for key in keys(rows))
    assert 1 < sum(clock.slept) < 5


def test_only_some_of_many_rows_that_were_not_stored_are_named(
    ledger: DynamoLedger, script: Faults
) -> None:
    script.will(*[answers(*["TransactionConflict"] * 20)] * 20)

    with pytest.raises(LedgerUnavailable, match=r" and 15 more$"):
        ledger.write(issuances(20))


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_a_row_that_cannot_be_stored_is_named_and_holds_no_other_back(
    ledger: DynamoLedger, script: Faults, code: str
) -> None:
    rows = issuances(3)
    script.will(answers("ThrottlingError", code, "ThrottlingError"))

    with pytest.raises(RowsBroken) as broken:
        ledger.write(rows)

    assert broken.value.keys == {rows[1].key}
    assert list(ledger.read(keys(rows)).values()) == [rows[0], rows[2]]


def test_statements_refused_as_a_whole_are_divided_until_the_culprit_is_alone(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = issuances(3)
    invalid = faults.refusal("ValidationException")
    script.will(invalid, invalid)

    with pytest.raises(RowsBroken) as broken:
        ledger.write(rows)

    assert broken.value.keys == {rows[0].key}
    assert list(ledger.read(keys(rows)).values()) == rows[1:]


def test_a_missing_permission_is_unavailability(ledger: DynamoLedger, script: Faults) -> None:
    script.will(faults.refusal("AccessDeniedException"))

    with pytest.raises(LedgerUnavailable, match=r"^write: AccessDeniedException$"):
        ledger.write(issuances(2))


def test_a_row_in_conflict_with_something_unreadable_is_reported_after_the_rest_is_stored(
    cloud: Cloud, ledger: DynamoLedger
) -> None:
    rows = issuances(3)
    damage(cloud, rows[1])

    with pytest.raises(RowsBroken) as broken:
        ledger.write(rows)

    assert broken.value.keys == {rows[1].key}
    assert list(ledger.read([rows[0].key, rows[2].key]).values()) == [rows[0], rows[2]]


def test_no_failure_shows_what_was_written(ledger: DynamoLedger, script: Faults) -> None:
    row = replace(factories.any_resolution(), email="planted@customer.example").written("mine")
    texts: list[str] = []

    for fault in (faults.throttled, faults.broken, faults.connect_timeout, faults.lost_answer):
        for rows in ([row], [row, *issuances(1)]):
            script.will(*[fault] * TRIES)
            with pytest.raises(LedgerUnavailable) as failure:
                ledger.write(rows)
            script.script.clear()
            texts.append("".join(traceback.format_exception(failure.value)))

    assert len(texts) == 8
    assert "planted" not in "".join(texts)


def test_a_row_of_an_unknown_kind_is_broken_and_fails_no_other_row(ledger: DynamoLedger) -> None:
    rows = issuances(1)
    ledger.write(rows)

    read = ledger.read(["NEWER#1", *keys(rows)])

    assert (list(read), read.broken) == (keys(rows), frozenset({"NEWER#1"}))
