"""Conditional writes as PartiQL statements of two shapes, which are billed as single writes.

`BatchExecuteStatement` runs each for itself: no other call writes several rows under conditions
without the doubled units of a transaction.
"""

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from couponbus.aws.ledger.codec import attributes_of, encode
from couponbus.domain.row import Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef

STATEMENTS_PER_CALL = 25


def statement_of(
    row: Row, *, table: str, decided_kept: timedelta | None = None
) -> "BatchStatementRequestTypeDef":
    """Return what stores the row over exactly its predecessor.

    An insertion is refused where anything stands, an update where nothing does.
    """
    item = encode(row, decided_kept=decided_kept)
    if row.revision == 1:
        return {"Statement": _insertion(table, tuple(item)), "Parameters": [*item.values()]}
    key, sort = item.pop("pk"), item.pop("sk")
    kind = row.key.partition("#")[0]
    expected = {"N": str(row.revision - 1)}
    return {
        "Statement": _update(table, kind, tuple(item)),
        "Parameters": [*item.values(), key, sort, expected],
    }


# The texts are long and few: rows of one kind differ in a few attributes that may be absent.
@lru_cache(maxsize=1024)
def _insertion(table: str, names: tuple[str, ...]) -> str:
    values = ",".join(f"'{name}':?" for name in names)
    return f'INSERT INTO "{table}" VALUE {{{values}}}'


@lru_cache(maxsize=1024)
def _update(table: str, kind: str, names: tuple[str, ...]) -> str:
    # Quoted, because names like `state` are reserved. A statement replaces no whole item: what the
    # predecessor may have had is removed by name, and removing what it had not is allowed.
    present = "".join(f' SET "{name}"=?' for name in names)
    absent = "".join(f' REMOVE "{name}"' for name in attributes_of(kind) if name not in names)
    return f'UPDATE "{table}"{present}{absent} WHERE "pk"=? AND "sk"=? AND "revision"=?'
