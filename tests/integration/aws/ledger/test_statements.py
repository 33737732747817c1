"""Statements store and answer exactly as the same rows do that are put one by one."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from couponbus.aws.ledger.attention_index import ATTENTION_KEY
from couponbus.aws.ledger.codec import SIGNUP_KEY, attributes_of, encode
from couponbus.aws.ledger.history_index import PLACE_KEY, SHARD_KEY
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL, statement_of
from couponbus.aws.polling.cohort_items import COHORT_INDEXES
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from couponbus_sandbox.engine.statements import LONGEST, Attribute
from couponbus_sandbox.engine.statements import statement_of as read_statement
from tests import factories
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud
from tests.integration.aws.faults import Faults
from tests.integration.aws.ledger.golden_rows import golden_rows
from tests.integration.aws.ledger.histories import (
    a_bare,
    a_full,
    alone,
    histories,
    left_by,
    stored,
    together,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef

ROUNDS = 7
LONGEST_TABLE = "t" * 255
REFUSED = (
    'SELECT * FROM "ledger"',
    'DELETE FROM "ledger" WHERE "pk"=? AND "sk"=?',
    'INSERT INTO "ledger" VALUE ?',
    """INSERT INTO "ledger" VALUE {'sk':?,'note':?}""",
    """INSERT INTO "ledger" VALUE {'pk':?,'sk':?,'pk':?}""",
    """INSERT INTO "ledger" VALUE {'pk':?,'sk':'ROW'}""",
    'UPDATE "ledger" SET "note"=? WHERE "pk"=? AND "sk"=?',
    'UPDATE "ledger" SET "note"=? WHERE "pk"=? AND "sk"=? OR "revision"=?',
    'UPDATE "ledger" SET "note"=? WHERE "pk"=? AND "sk"=? AND "revision"=? RETURNING ALL OLD *',
    'UPDATE "ledger" SET "note"=? REMOVE "note" WHERE "pk"=? AND "sk"=? AND "revision"=?',
    'UPDATE "ledger" SET "pk"=? WHERE "pk"=? AND "sk"=? AND "revision"=?',
    'UPDATE "ledger" SET note=? WHERE "pk"=? AND "sk"=? AND "revision"=?',
)


def parameters_of(statement: "BatchStatementRequestTypeDef") -> list[Attribute]:
    return cast("list[Attribute]", statement["Parameters"])


def test_a_history_of_all_kinds_leaves_the_same_items_and_conflicts_as_single_puts() -> None:
    found = []
    for write in (alone, together):
        with a_cloud() as cloud:
            batches = histories(rounds=ROUNDS)
            client = cloud.clients.dynamodb
            found.append(left_by(batches, write=write, client=client, table=TABLE))

    (puts, items), statements = found
    assert statements == (puts, items)
    assert len(items) == len(KINDS)
    assert 20 < sum(map(len, puts)) < 100


def test_a_conflict_among_twenty_five_is_the_only_row_that_is_not_stored(
    ledger: DynamoLedger, script: Faults
) -> None:
    rows = [factories.any_issuance().written("mine") for _ in range(STATEMENTS_PER_CALL)]
    theirs = replace(rows[7], write_id="theirs")
    ledger.write([theirs])
    script.calls.clear()

    conflicts = ledger.write(rows)

    assert list(conflicts) == [Conflict(attempted=rows[7], stored=theirs)]
    assert script.calls == ["BatchExecuteStatement", "BatchGetItem"]
    expected = [*rows[:7], theirs, *rows[8:]]
    assert list(ledger.read([row.key for row in rows]).values()) == expected


def test_an_attribute_that_a_row_has_no_more_is_gone(cloud: Cloud, ledger: DynamoLedger) -> None:
    ledger.write([replace(a_full(kind), revision=1) for kind in KINDS])
    after = [replace(a_bare(kind), revision=2) for kind in KINDS]

    assert list(ledger.write(after)) == []
    assert stored(cloud.clients.dynamodb, TABLE) == {row.key: encode(row) for row in after}


@pytest.mark.parametrize(("name", "row"), list(golden_rows()))
def test_what_is_written_or_read_of_a_kind_is_among_its_attributes(name: str, row: Row) -> None:
    kind = name.partition(" ")[0]

    assert set(encode(row)) - {"pk", "sk"} <= set(attributes_of(kind))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("WATCH", [each.cohort for each in COHORT_INDEXES.values()]),
        ("WATCH", [each.place for each in COHORT_INDEXES.values()]),
        ("EVENT", [SHARD_KEY, PLACE_KEY]),
        ("UNMATCHED", [SHARD_KEY, PLACE_KEY]),
        ("ISSUANCE", [ATTENTION_KEY, SIGNUP_KEY]),
    ],
)
def test_the_keys_of_each_index_are_among_the_attributes(kind: str, names: list[str]) -> None:
    assert set(names) <= set(attributes_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_statement_of_each_kind_is_within_the_limit(kind: str) -> None:
    for row in (a_full(kind), a_bare(kind)):
        for revision in (1, 2):
            statement = statement_of(replace(row, revision=revision), table=LONGEST_TABLE)
            assert len(statement["Statement"]) < LONGEST / 2


@pytest.mark.parametrize("revision", [1, 2])
def test_a_statement_says_what_the_item_of_its_row_is(revision: int) -> None:
    row = replace(factories.any_issued(), revision=revision)

    statement = statement_of(row, table="ledger")
    read = read_statement(statement["Statement"], parameters_of(statement))

    assert {**read.key, **read.values} == encode(row)
    assert read.expected == (None if revision == 1 else {"N": "1"})


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_statement_is_refused(cloud: Cloud, text: str) -> None:
    parameters = [{"S": "any"}] * text.count("?")

    with pytest.raises(
        ValueError, match=r"no such|names the key|named twice|changes no|left alone"
    ):
        cloud.clients.dynamodb.batch_execute_statement(
            Statements=[{"Statement": text, "Parameters": parameters}]
        )


@pytest.mark.parametrize("missing", [-2, 0])
def test_a_parameter_too_few_or_too_many_is_refused(missing: int) -> None:
    statement = statement_of(factories.any_issued().written("mine"), table="ledger")
    parameters = [*parameters_of(statement), {"S": "any"}][: missing or None]

    with pytest.raises(ValueError, match="parameters"):
        read_statement(statement["Statement"], parameters)
