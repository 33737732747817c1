"""Every shard of a backlog is read on from where a page ended, and none is always first."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from couponbus.aws.ledger.due_index import SHARDS, shard_of
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.outbox.backlog import Backlog
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws import faults
from tests.integration.aws.faults import Fault, Faults, Pass

HOUR = timedelta(hours=1)
DUE = NOON - HOUR


def have_due(ledger: DynamoLedger, count: int) -> list[Row]:
    rows = [replace(factories.any_issuance(), due_at=DUE).written("mine") for _ in range(count)]
    assert not ledger.write(rows)
    return list(rows)


def counted(entries: list[int]) -> Fault:
    """Note how many entries of the index the answer of a query has."""

    def counting(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
        response = reach()
        entries.append(json.loads(response.content)["ScannedCount"])
        return response

    return counting


def place_of(row: Row, *, shard: str) -> Mapping[str, object]:
    return {
        "pk": {"S": row.key},
        "sk": {"S": "ROW"},
        "due_shard": {"S": shard},
        "due_at": {"N": "1780311600000"},
    }


def test_rows_spread_over_all_shards_of_their_backlog() -> None:
    used = {shard_of(factories.any_issuance(seed=seed)) for seed in range(300)}

    assert used == set(SHARDS[Backlog.ISSUING])


def test_no_two_backlogs_share_a_shard() -> None:
    shards = [shard for several in SHARDS.values() for shard in several]

    assert len(set(shards)) == len(shards)


def test_a_shard_is_read_on_behind_its_last_entry_even_if_a_page_of_it_was_empty(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = [factories.any_issuance() for _ in range(2)]
    begun, empty = (place_of(row, shard=SHARDS[Backlog.ISSUING][0]) for row in rows)
    asked: list[Mapping[str, object]] = []
    others = [faults.answer(Items=[])] * (len(SHARDS[Backlog.ISSUING]) - 1)
    script.will(faults.answer(Items=[{"pk": {"S": rows[0].key}}], LastEvaluatedKey=begun), *others)
    script.will(faults.answer(Items=[], LastEvaluatedKey=empty), faults.watched(asked))

    page = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=5)

    assert (page.keys, page.after) == ([rows[0].key], None)
    assert [query["ExclusiveStartKey"] for query in asked] == [empty]


def test_a_walk_needs_a_query_for_each_page_and_two_for_each_shard(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = have_due(ledger, 120)
    before = len(script.calls)
    keys: list[str] = []

    page = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=10)
    keys.extend(page.keys)
    while page.after is not None:
        page = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=10, after=page.after)
        keys.extend(page.keys)

    assert sorted(keys) == sorted(row.key for row in rows)
    assert len(script.calls) - before <= 120 / 10 + 2 * len(SHARDS[Backlog.ISSUING])


def test_a_walk_reads_no_entry_of_the_index_twice(ledger: DynamoLedger, script: Faults) -> None:
    have_due(ledger, 120)
    entries: list[int] = []
    script.will(*[counted(entries)] * 40)

    after = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=10).after
    while after is not None:
        after = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=10, after=after).after

    assert sum(entries) == 120


def test_the_pages_of_a_walk_come_from_one_shard_after_the_other(ledger: DynamoLedger) -> None:
    have_due(ledger, 120)
    walk: list[set[str]] = []
    after = None
    for _ in SHARDS[Backlog.ISSUING]:
        page = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=5, after=after)
        walk.append({shard_of(row) for row in ledger.read(page.keys).values()})
        after = page.after

    assert sorted(shard for (shard,) in walk) == sorted(SHARDS[Backlog.ISSUING])


def test_walks_begin_at_every_shard(ledger: DynamoLedger) -> None:
    have_due(ledger, 60)

    pages = [
        ledger.due(backlog=Backlog.ISSUING, now=NOON + timedelta(minutes=tick), limit=1)
        for tick in range(40)
    ]

    first = {shard_of(row) for page in pages for row in ledger.read(page.keys).values()}
    assert first == set(SHARDS[Backlog.ISSUING])
