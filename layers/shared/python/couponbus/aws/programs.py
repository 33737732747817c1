"""Programs in the ledger's table: one partition, read at once and cached for some seconds."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import ledger_call
from couponbus.aws.ledger.pages import items
from couponbus.domain.errors import ConfigurationInvalid, LedgerUnavailable
from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus.domain.patterns.matcher import compiled
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITION = "PROGRAM"
STALE_FACTOR = 10

_DOCUMENT = TypeAdapter(Program)


class DynamoPrograms:
    """`ports.Programs`, and the changes that the operator's command makes."""

    def __init__(
        self, *, client: "DynamoDBClient", table: str, clock: Clock, seconds: float
    ) -> None:
        """`seconds` is the maximum age of the cached programs."""
        self._client = client
        self._table = table
        self._clock = clock
        self._fresh_for = timedelta(seconds=seconds)
        self._copy: tuple[datetime, ProgramsInForce] | None = None

    def active(self, *, since: datetime | None = None) -> ProgramsInForce:
        """Return all programs; if the table fails, a copy up to ten times as old will do.

        A copy from before `since` is never used. Raises LedgerUnavailable.
        """
        now = self._clock.now()
        copy = self._copied(now, for_=self._fresh_for, since=since)
        if copy is not None:
            return copy
        try:
            programs = self._read()
        except LedgerUnavailable:
            stale = self._copied(now, for_=self._fresh_for * STALE_FACTOR, since=since)
            if stale is None:
                raise
            return stale
        self._copy = (now, programs)
        return programs

    def put(self, program: Program) -> None:
        """Add a program or replace the one of the same name. Raises LedgerUnavailable."""
        document = _DOCUMENT.dump_json(program).decode()
        self._copy = None
        with ledger_call("programs"):
            self._client.put_item(
                TableName=self._table, Item={**_key(program.name), "document": {"S": document}}
            )

    def remove(self, name: str) -> bool:
        """Delete a program and return whether there was one. Raises LedgerUnavailable."""
        self._copy = None
        with ledger_call("programs"):
            answer = self._client.delete_item(
                TableName=self._table, Key=_key(name), ReturnValues="ALL_OLD"
            )
        return bool(answer.get("Attributes"))

    def _copied(
        self, now: datetime, *, for_: timedelta, since: datetime | None
    ) -> ProgramsInForce | None:
        if self._copy is None or now - self._copy[0] >= for_:
            return None
        if since is not None and self._copy[0] < since:
            return None
        return self._copy[1]

    def _read(self) -> ProgramsInForce:
        stored = items(
            self._client.query,
            TableName=self._table,
            KeyConditionExpression="pk = :programs",
            ExpressionAttributeValues={":programs": {"S": PARTITION}},
            ConsistentRead=True,
        )
        with ledger_call("programs"):
            return _in_force(stored)


def _key(name: str) -> Item:
    return {"pk": {"S": PARTITION}, "sk": {"S": name}}


def _in_force(stored: Iterable[Item]) -> ProgramsInForce:
    readable: list[Program] = []
    unreadable: set[str] = set()
    for item in stored:
        try:
            program = _DOCUMENT.validate_json(item["document"]["S"])
            compiled(program.pattern)
        except (KeyError, ValidationError, ConfigurationInvalid):
            unreadable.add(item["sk"]["S"])
        else:
            readable.append(program)
    return ProgramsInForce(readable=readable, unreadable=frozenset(unreadable))
