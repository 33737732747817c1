"""What moto and botocore do again and again in each test, and once would do."""

import copy
from contextvars import ContextVar
from functools import cache
from typing import Any

import botocore.session
from botocore.loaders import create_loader
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

type Copies = dict[int, Table]

_copies: ContextVar[Copies | None] = ContextVar("copies", default=None)


def read_models_once() -> None:
    """Let all sessions read the descriptions of the services from the same memory.

    A session keeps what it has read for its clients; each test has a session of its own.
    """
    botocore.session.create_loader = cache(create_loader)


def copy_tables_once() -> None:
    """Let moto copy a table once for a transaction.

    It does so for each row, all of them before the first is written: the copies are the same.
    """
    plain = DynamoDBBackend.transact_write_items

    def with_one_copy(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        token = _copies.set({})
        try:
            plain(self, transact_items)
        finally:
            _copies.reset(token)

    DynamoDBBackend.transact_write_items = with_one_copy  # type: ignore[method-assign]
    Table.__deepcopy__ = _copied  # type: ignore[attr-defined]


def _copied(table: Table, memo: dict[int, object]) -> Table:
    copies = _copies.get()
    if copies is None:
        return _copy_of(table, memo)
    if id(table) not in copies:
        copies[id(table)] = _copy_of(table, memo)
    return copies[id(table)]


def _copy_of(table: Table, memo: dict[int, object]) -> Table:
    fresh = object.__new__(type(table))
    memo[id(table)] = fresh
    vars(fresh).update(copy.deepcopy(vars(table), memo))
    return fresh
