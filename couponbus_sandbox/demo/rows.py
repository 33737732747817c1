"""The ledger's rows as they are stored."""

from collections.abc import Iterator

from couponbus.aws.ledger.codec import decode
from couponbus.aws.ledger.kinds import KINDS
from couponbus.domain.row import Row
from couponbus_sandbox.local.stack import LocalStack


def rows_of(stack: LocalStack) -> Iterator[Row]:
    """Yield every row; the table also has other items, such as rate limiters."""
    pages = stack.access.dynamodb().get_paginator("scan")
    for page in pages.paginate(TableName=stack.table, ConsistentRead=True):
        for item in page["Items"]:
            if item["pk"]["S"].partition("#")[0] in KINDS:
                yield decode(item)
