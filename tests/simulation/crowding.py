"""The client of a table under concurrent writes, for the real ledger and rate limiter."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.writes import ROUNDS, ConditionalWrites
from couponbus.domain.row import Row
from couponbus.ports.shared import Clock
from tests.simulation.faults import CROWDED, CROWDED_OUT, REFUSED
from tests.simulation.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LATENCY = 0.01  # seconds of each call after the first, whose time the port takes
NAMED = 0.5  # of the rejected rows; for the rest the whole transaction is rejected without a reason
CODES = {
    "TransactionConflict": "TransactionConflictException",
    "ConditionalCheckFailed": "ConditionalCheckFailedException",
    "ValidationError": "ValidationException",
}
NO_REASON: Mapping[str, object] = {"Code": "None"}

type Put = Mapping[str, object]
type Reason = Mapping[str, object]


def conditional_writes(client: "RowWrites", clock: Clock) -> ConditionalWrites:
    """Return the real ledger's conditional writes, through this client."""
    return ConditionalWrites(client=cast("DynamoDBClient", client), table="ledger", clock=clock)


class RowWrites:
    """The two calls of a client for one write of these rows; `store` makes them take effect.

    Concurrent writes may conflict with some of the rows for some rounds, or until the writer gives
    up; or the table rejects one row as invalid.
    """

    def __init__(
        self,
        world: World,
        rows: Sequence[Row],
        *,
        stored: Mapping[str, Row],
        store: Callable[[Sequence[Row]], None],
        fault: str,
    ) -> None:
        chance = world.weather
        keys = [row.key for row in rows]
        self._world = world
        self._rows = {row.key: row for row in rows}
        self._stored = stored
        self._store = store
        self._calls = 0
        self._refused = chance.choice(keys) if fault == REFUSED else None
        self._says_which = chance.random() < NAMED
        self._crowded = set(chance.sample(keys, chance.randint(1, len(keys))))
        self._rounds = {
            CROWDED: chance.randint(1, ROUNDS - 1),
            CROWDED_OUT: ROUNDS * len(rows),
        }.get(fault, 0)

    def put_item(self, **put: object) -> None:
        reason = self._reasons([put])[0]
        if reason is not NO_REASON:
            code = CODES[str(reason["Code"])]
            raise ClientError({"Error": {"Code": code}, **reason}, "PutItem")  # type: ignore[typeddict-item]
        self._take_effect([put])

    def transact_write_items(self, *, TransactItems: Sequence[Mapping[str, Put]]) -> None:
        puts = [item["Put"] for item in TransactItems]
        if not self._says_which and any(_key_of(put) == self._refused for put in puts):
            raise ClientError({"Error": {"Code": "ValidationException"}}, "TransactWriteItems")
        reasons = self._reasons(puts)
        if any(reason is not NO_REASON for reason in reasons):
            error = {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": reasons,
            }
            raise ClientError(error, "TransactWriteItems")  # type: ignore[arg-type]
        self._take_effect(puts)

    def _reasons(self, puts: Sequence[Put]) -> list[Reason]:
        if self._calls:
            self._world.pause(LATENCY)
        self._calls += 1
        reasons = [self._reason(put) for put in puts]
        if any(reason["Code"] == "TransactionConflict" for reason in reasons):
            self._rounds -= 1
        return reasons

    def _reason(self, put: Put) -> Reason:
        key = _key_of(put)
        if key == self._refused:
            return {"Code": "ValidationError"}
        if self._rounds > 0 and key in self._crowded:
            return {"Code": "TransactionConflict"}
        stored = self._stored.get(key)
        if is_met(put, None if stored is None else stored.revision):
            return NO_REASON
        shown = {} if stored is None else {"Item": encode(stored)}
        return {"Code": "ConditionalCheckFailed", **shown}

    def _take_effect(self, puts: Sequence[Put]) -> None:
        self._store([self._rows[_key_of(put)] for put in puts])


def is_met(put: Put, revision: int | None) -> bool:
    """Whether a condition allows this put over an item with this revision; None means no item."""
    alternatives = str(put["ConditionExpression"]).split(" OR ")
    values = cast("Mapping[str, Mapping[str, str]]", put.get("ExpressionAttributeValues", {}))
    return any(_holds(one, values, revision) for one in alternatives)


def _holds(condition: str, values: Mapping[str, Mapping[str, str]], revision: int | None) -> bool:
    if condition == "attribute_not_exists(pk)":
        return revision is None
    name, _, value = condition.partition(" = ")
    if name != "revision":
        raise ValueError(f"no table of a simulation knows the condition {condition}")
    return revision is not None and values[value]["N"] == str(revision)


def _key_of(put: Put) -> str:
    return cast("Mapping[str, Mapping[str, str]]", put["Item"])["pk"]["S"]
