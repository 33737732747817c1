"""What the answers to single statements of a call mean for the rows of a write."""

from dataclasses import replace

import pytest

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.ports.shared import Conflict
from tests.integration.aws import faults
from tests.integration.aws.faults import Faults
from tests.integration.aws.ledger.scripted import TRIES, answers, issuances, keys


def test_a_row_above_the_limit_of_an_item_is_broken_and_the_others_are_stored(
    ledger: DynamoLedger,
) -> None:
    rows = issuances(3)
    rows[1] = replace(rows[1], program="x" * 420_000)

    with pytest.raises(RowsBroken) as broken:
        ledger.write(rows)

    assert broken.value.keys == {rows[1].key}
    assert list(ledger.read(keys(rows)).values()) == [rows[0], rows[2]]


@pytest.mark.parametrize("code", ["AccessDenied", "ResourceNotFound", "SomethingNew"])
def test_an_error_that_says_nothing_of_the_row_is_never_success(
    ledger: DynamoLedger, script: Faults, code: str
) -> None:
    script.will(answers(None, code, None))

    with pytest.raises(LedgerUnavailable, match=f"^write: {code}$"):
        ledger.write(issuances(3))


@pytest.mark.parametrize("answered", [0, 2, 4])
def test_a_row_without_an_answer_of_its_own_is_not_taken_for_stored(
    ledger: DynamoLedger, script: Faults, answered: int
) -> None:
    script.will(answers(*[None] * answered))

    with pytest.raises(LedgerUnavailable, match=r"^write: Unanswered$"):
        ledger.write(issuances(3))


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "DuplicateItem"])
def test_what_a_row_is_in_conflict_with_is_read_whatever_the_answer_shows(
    ledger: DynamoLedger, script: Faults, code: str
) -> None:
    mine, other = issuances(2)
    theirs = replace(mine, write_id="theirs")
    ledger.write([theirs])
    lying = {"Error": {"Code": code, "Item": encode(other)}}
    script.will(faults.answer(Responses=[lying, {"TableName": "any"}]))

    assert list(ledger.write([mine, other])) == [Conflict(attempted=mine, stored=theirs)]


def test_a_conflict_that_cannot_be_read_leaves_open_what_is_stored(
    ledger: DynamoLedger, script: Faults
) -> None:
    script.will(answers("DuplicateItem", None), *[faults.connect_timeout] * TRIES)

    with pytest.raises(LedgerUnavailable, match=r"^read: "):
        ledger.write(issuances(2))


def test_a_batch_of_which_one_call_fails_is_unavailable_and_the_other_calls_are_stored(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = issuances(60)
    script.will(faults.refusal("AccessDeniedException"))

    with pytest.raises(LedgerUnavailable, match=r"^write: AccessDeniedException$"):
        ledger.write(rows)

    assert script.calls == ["BatchExecuteStatement"] * 3
    assert len(ledger.read(keys(rows))) in (35, 50)  # the calls are made at once
