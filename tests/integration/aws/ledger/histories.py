"""The same writes made in two ways: by statements, and by a conditional put for each row."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from tests.fakes.clock import ManualClock
from tests.integration.aws.ledger.golden_rows import bare, full

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def alone(rows: Sequence[Row], *, ledger: DynamoLedger) -> list[Conflict]:
    """Write each row by a call of its own: a conditional PutItem."""
    return [conflict for row in rows for conflict in ledger.write([row])]


def together(rows: Sequence[Row], *, ledger: DynamoLedger) -> list[Conflict]:
    """Write them in one call."""
    return list(ledger.write(rows))


def left_by(
    batches: Sequence[Sequence[Row]],
    *,
    write: Callable[..., list[Conflict]],
    client: "DynamoDBClient",
    table: str,
) -> tuple[list[list[Conflict]], dict[str, Item]]:
    """Write the batches one after the other; return the conflicts of each, and all items."""
    ledger = DynamoLedger(client=client, table=table, clock=ManualClock())
    conflicts = [write(batch, ledger=ledger) for batch in batches]
    return conflicts, stored(client, table)


def stored(client: "DynamoDBClient", table: str) -> dict[str, Item]:
    """Return all items by their keys."""
    items = client.scan(TableName=table, ConsistentRead=True)["Items"]
    return {item["pk"]["S"]: item for item in items}


def histories(*, rounds: int) -> list[list[Row]]:
    """Return batches of rows of all kinds: first ones, next ones, and those of other writers."""
    chance = Random(159)
    revisions = dict.fromkeys(KINDS, 0)
    batches = []
    for number in range(rounds):
        batch = []
        for kind in chance.sample(list(KINDS), len(KINDS) - 1):
            row = chance.choice((a_full, a_bare))(kind)
            # Not always the one that is stored.
            revision = max(revisions[kind] + chance.choice((0, 0, 0, 1, -1)), 0)
            batch.append(replace(row, revision=revision).written(f"write-{number}"))
            revisions[kind] += revision == revisions[kind]
        batches.append(batch)
    return batches


def a_full(kind: str) -> Row:
    """Return a row with all fields, under the same key as a bare one."""
    return _of_one_key(full(KINDS[kind]), kind)


def a_bare(kind: str) -> Row:
    """Return a row with as few fields as it can have."""
    return _of_one_key(bare(KINDS[kind]), kind)


def _of_one_key(row: Row, kind: str) -> Row:
    return replace(row, **{f"{kind.lower()}_id": "one"})  # type: ignore[arg-type]
