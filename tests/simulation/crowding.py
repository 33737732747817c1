"""The client of a table under concurrent writes, for the real ledger and rate limiter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.reads import ROUNDS
from couponbus.aws.ledger.writes import ConditionalWrites
from couponbus.domain.row import Row
from couponbus.ports.shared import Clock
from couponbus_sandbox.engine.statements import statement_of
from tests.simulation.faults import CROWDED, CROWDED_OUT, REFUSED
from tests.simulation.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LATENCY = 0.01  # seconds of each call after the first, whose time the port takes
NAMED = 0.5  # of the refused rows; for the rest the whole call is refused without a reason
THOUGH_APPLIED = "InternalServerError"  # half the time
HELD_BACK = ("TransactionConflict", "ThrottlingError", THOUGH_APPLIED)
ALONE = {
    "TransactionConflict": "TransactionConflictException",
    "ConditionalCheckFailed": "ConditionalCheckFailedException",
    "ValidationError": "ValidationException",
}

type Put = Mapping[str, object]
type Response = Mapping[str, Mapping[str, str]]
type Condition = Callable[[int | None], bool]


def conditional_writes(client: "RowWrites", clock: Clock) -> ConditionalWrites:
    """Return the real ledger's conditional writes, through this client."""
    return ConditionalWrites(client=cast("DynamoDBClient", client), table="ledger", clock=clock)


class RowWrites:
    """The calls of a client for one write of these rows; `store` makes them take effect.

    Each row fails for itself. The table may hold some back for some rounds, or until the writer
    gives up; or it refuses one of them as invalid.
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
        self._rounds = {CROWDED: chance.randint(1, ROUNDS - 1), CROWDED_OUT: ROUNDS}.get(fault, 0)

    def put_item(self, **put: object) -> None:
        key = cast("Item", put["Item"])["pk"]["S"]
        self._arrive()
        code = self._write(key, lambda revision: is_met(put, revision), HELD_BACK[:1])
        self._end_round([key])
        if code is not None:
            shown = {"Item": encode(self._stored[key])} if key in self._stored else {}
            raise ClientError({"Error": {"Code": ALONE[code]}, **shown}, "PutItem")  # type: ignore[typeddict-item]

    def batch_execute_statement(
        self, *, Statements: Sequence[Mapping[str, object]]
    ) -> Mapping[str, Sequence[Response]]:
        writes: dict[str, Condition] = dict(map(_write_of, Statements))
        self._arrive()
        if not self._says_which and self._refused in writes:
            raise ClientError({"Error": {"Code": "ValidationException"}}, "BatchExecuteStatement")
        codes = [self._write(key, condition, HELD_BACK) for key, condition in writes.items()]
        self._end_round(writes)
        return {"Responses": [{"Error": {"Code": code}} if code else {} for code in codes]}

    def batch_get_item(
        self, *, RequestItems: Mapping[str, Mapping[str, Sequence[Item]]]
    ) -> Mapping[str, Mapping[str, Sequence[Item]]]:
        self._arrive()
        asked = [key["pk"]["S"] for key in RequestItems["ledger"]["Keys"]]
        found = [encode(self._stored[key]) for key in asked if key in self._stored]
        return {"Responses": {"ledger": found}}

    def _arrive(self) -> None:
        if self._calls:
            self._world.pause(LATENCY)
        self._calls += 1

    def _end_round(self, keys: Iterable[str]) -> None:
        if not self._crowded.isdisjoint(keys):
            self._rounds -= 1

    def _write(self, key: str, condition: Condition, codes: Sequence[str]) -> str | None:
        """Store a row, and return the code of its error if it has one."""
        if key == self._refused:
            return "ValidationError"
        chance, code = self._world.weather, None
        if self._rounds > 0 and key in self._crowded:
            code = chance.choice(codes)
            if code != THOUGH_APPLIED or chance.random() < 0.5:
                return code
        stored = self._stored.get(key)
        if condition(None if stored is None else stored.revision):
            self._store([self._rows[key]])
            return code
        return code or "ConditionalCheckFailed"


def _write_of(statement: Mapping[str, object]) -> tuple[str, Condition]:
    """Return the key of what a statement writes, and the condition under which it does."""
    parameters = cast("Sequence[Mapping[str, object]]", statement["Parameters"])
    read = statement_of(str(statement["Statement"]), parameters)
    expected = None if read.expected is None else int(str(read.expected["N"]))
    return str(read.key["pk"]["S"]), lambda revision: revision == expected


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
