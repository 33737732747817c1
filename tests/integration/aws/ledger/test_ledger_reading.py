"""Reading from a table that omits items, returns pages, is damaged or does not answer."""

from collections.abc import Mapping

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.outbox.backlog import Backlog
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud, damage
from tests.integration.aws.faults import Fault, Faults
from tests.integration.aws.ledger.scripted import TRIES, issuances, keys


def test_keys_that_the_table_left_out_are_asked_for_again(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    rows = issuances(2)
    ledger.write(rows)
    left_out = {
        "Keys": [{"pk": {"S": row.key}, "sk": {"S": "ROW"}} for row in rows],
        "ConsistentRead": True,
    }
    script.will(faults.answer(Responses={}, UnprocessedKeys={TABLE: left_out}))

    assert list(ledger.read(keys(rows)).values()) == rows
    assert len(clock.slept) == 1


def test_a_table_that_leaves_out_keys_for_ever_is_unavailable(
    ledger: DynamoLedger, script: Faults, clock: ManualClock
) -> None:
    left_out = {"Keys": [{"pk": {"S": "ISSUANCE#X"}, "sk": {"S": "ROW"}}]}
    script.will(*[faults.answer(Responses={}, UnprocessedKeys={TABLE: left_out})] * 20)

    with pytest.raises(LedgerUnavailable, match="gives no more"):
        ledger.read(["ISSUANCE#X"])
    assert sum(clock.slept) < 20


def test_rows_are_read_consistently(ledger: DynamoLedger, script: Faults) -> None:
    calls: list[Mapping[str, object]] = []
    script.will(faults.watched(calls))

    ledger.read(["ISSUANCE#X"])

    assert calls[0]["RequestItems"] == {
        TABLE: {
            "Keys": [{"pk": {"S": "ISSUANCE#X"}, "sk": {"S": "ROW"}}],
            "ConsistentRead": True,
        }
    }


def test_a_walk_goes_on_through_a_table_full_of_other_things(
    ledger: DynamoLedger, script: Faults
) -> None:
    calls: list[Mapping[str, object]] = []
    place = {"pk": {"S": "RESOLUTION#A"}, "sk": {"S": "ROW"}}
    script.will(faults.answer(Items=[], LastEvaluatedKey=place), faults.watched(calls))

    page = ledger.issuances(limit=50)
    ledger.issuances(limit=50, after=page.after)

    assert list(page.issuances) == []
    assert calls[0]["ExclusiveStartKey"] == place


def test_a_walk_names_what_cannot_be_read(cloud: Cloud, ledger: DynamoLedger) -> None:
    rows = [factories.any_issued().written("mine") for _ in range(3)]
    ledger.write(rows)
    damage(cloud, rows[0])

    page = ledger.issuances(limit=50)

    assert page.broken == {rows[0].key}
    assert {row.key for row in page.issuances} == {row.key for row in rows[1:]}


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.lost_answer])
def test_reading_from_a_silent_table_is_unavailable(
    ledger: DynamoLedger, script: Faults, fault: Fault
) -> None:
    for question in (
        lambda: ledger.read(["ISSUANCE#X"]),
        lambda: ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=5),
        lambda: ledger.issuances(limit=5),
    ):
        script.will(*[fault] * TRIES)
        with pytest.raises(LedgerUnavailable, match=r"^(read|due|issuances): \w+$"):
            question()


def test_an_unreadable_row_is_named_and_not_shown(cloud: Cloud, ledger: DynamoLedger) -> None:
    row = factories.any_issued().written("mine")
    damage(cloud, row)

    read = ledger.read([row.key])

    assert read.broken == {row.key}
    assert list(read) == []
