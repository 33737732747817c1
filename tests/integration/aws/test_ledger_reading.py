"""Reading from a table that leaves things out, gives pages, is damaged or silent."""

from collections.abc import Iterator, Mapping

import pytest

from couponbus.aws.ledger import DynamoLedger
from couponbus.aws.row_codec import encode
from couponbus.domain.backlog import Backlog
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuance import Issuance
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud, damage
from tests.integration.aws.faults import Fault, Faults, faults_on

TRIES = 3


@pytest.fixture
def script(cloud: Cloud) -> Iterator[Faults]:
    with faults_on(cloud.clients.dynamodb) as scripted:
        yield scripted


def issuances(count: int) -> list[Issuance]:
    return [factories.any_issuance().written("mine") for _ in range(count)]


def keys(rows: list[Issuance]) -> list[str]:
    return [row.key for row in rows]


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


def test_a_sample_of_a_table_full_of_other_things_ends(
    ledger: DynamoLedger, script: Faults
) -> None:
    place = {"pk": {"S": "RESOLUTION#A"}, "sk": {"S": "ROW"}}
    script.will(*[faults.answer(Items=[], LastEvaluatedKey=place)] * 50)

    assert list(ledger.sample(start="M", limit=1)) == []
    assert len(script.calls) == 20


def test_a_sample_that_comes_round_to_its_first_row_ends(
    ledger: DynamoLedger, script: Faults
) -> None:
    row = factories.any_issued().written("mine")
    page = faults.answer(Items=[encode(row)])
    script.will(page, page)

    assert list(ledger.sample(start="A", limit=5)) == [row]


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.lost_answer])
def test_reading_from_a_silent_table_is_unavailable(
    ledger: DynamoLedger, script: Faults, fault: Fault
) -> None:
    for question in (
        lambda: ledger.read(["ISSUANCE#X"]),
        lambda: ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=5),
        lambda: ledger.sample(start="M", limit=5),
    ):
        script.will(*[fault] * TRIES)
        with pytest.raises(LedgerUnavailable, match=r"^(read|due|sample): \w+$"):
            question()


def test_an_unreadable_row_is_named_and_not_shown(cloud: Cloud, ledger: DynamoLedger) -> None:
    row = factories.any_issued().written("mine")
    damage(cloud, row)

    read = ledger.read([row.key])

    assert read.broken == {row.key}
    assert list(read) == []
