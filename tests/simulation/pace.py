"""The rate limiter that workers share, by the real rules: stored in the table, compare-and-swap."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.pace_item import attributes_of, pace_in
from couponbus.aws.rate_limiter import SWAPS, DynamoRateLimiter
from couponbus.domain.brake import Finding
from couponbus.domain.braking import is_worth_noting
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Limits, NoSlot, Outlook, Pace, Reservation
from tests.simulation.crowding import is_met
from tests.simulation.faults import ERROR, LOST, OVERTAKEN, OVERTAKEN_OUT, UNANSWERED
from tests.simulation.ports import SkewedClock
from tests.simulation.world import World

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LATENCY = 0.004  # of a read and of a write: another worker may write in between


class SharedRateLimits:
    """The rate limit of each account of a provider, as all processes see it."""

    def __init__(self, world: World, *, provider: str, limits: Mapping[str, Limits]) -> None:
        self._world = world
        self._provider = provider
        self._limits = limits
        self._items: dict[str, Item] = {}

    def limiter(self, *, overtaken: int = 0) -> DynamoRateLimiter:
        """Return the real rate limiter, whose first `overtaken` swaps another worker overtakes."""
        return DynamoRateLimiter(
            client=cast("DynamoDBClient", _Swaps(self._world, self._items, overtaken)),
            table="ledger",
            clock=SkewedClock(self._world),
            provider=self._provider,
            limits=self._limits,
        )

    def pace(self, account: str) -> Pace:
        """Return the rate state of an account, for callers that are no worker."""
        return pace_in(self._items.get(self._key(account)))

    def paces(self) -> Mapping[str, Pace]:
        return {name: self.pace(name) for name in self._limits}

    def change(self, account: str, change: Callable[[Pace], Pace]) -> None:
        """Store an operator's change of a rate state."""
        key = self._key(account)
        self._items[key] = {"pk": {"S": key}, **attributes_of(change(self.pace(account)))}

    def _key(self, account: str) -> str:
        return f"PACE#{self._provider}#{account}"


class _Swaps:
    """The two client calls that the rate limiter needs."""

    def __init__(self, world: World, items: dict[str, Item], overtaken: int) -> None:
        self._world = world
        self._items = items
        self._overtaken = overtaken

    def get_item(self, *, Key: Item, **_: object) -> Mapping[str, object]:
        self._world.pause(LATENCY)
        item = self._items.get(Key["pk"]["S"])
        return {} if item is None else {"Item": item}

    def put_item(self, *, Item: Item, **put: object) -> None:
        self._world.pause(LATENCY)
        key = Item["pk"]["S"]
        if self._overtaken:
            self._overtaken -= 1
            self._items[key] = _moved_on(self._items.get(key, Item))
        stored = self._items.get(key)
        if not is_met(put, None if stored is None else int(stored["revision"]["N"])):
            self._world.steps["swap lost"] += 1
            said = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": stored}
            raise ClientError(said, "PutItem")  # type: ignore[arg-type]
        self._items[key] = Item


def _moved_on(item: Item) -> Item:
    """Return the item as another worker leaves it without taking a slot."""
    return {**item, "revision": {"N": str(int(item["revision"]["N"]) + 1)}}


class SimulatedRateLimiter:
    """The port RateLimiter of one process."""

    def __init__(self, world: World, pace: SharedRateLimits) -> None:
        self._world = world
        self._pace = pace
        self._unreported = 0

    def reserve(
        self,
        *,
        account: str,
        calls: int,
        within: float,
        purpose: Purpose = Purpose.GET,
        items: int = 0,
        leaving: int = 0,
    ) -> Reservation | NoSlot:
        fault = self._world.call("rate_limiter.reserve")
        if fault == LOST:
            raise LedgerUnavailable("update: ThrottlingException")
        limiter = self._pace.limiter(overtaken=self._overtaken(fault))
        reservation = limiter.reserve(
            account=account,
            calls=calls,
            within=within,
            purpose=purpose,
            items=items,
            leaving=leaving,
        )
        self._world.answer(fault)
        if fault == UNANSWERED:
            raise LedgerUnavailable("update: ReadTimeoutError")
        return reservation

    def report(
        self, *, reservation: Reservation, health: Health, retry_after: float | None
    ) -> None:
        if health is Health.GOOD and not reservation.troubled:
            return
        fault = self._world.call("rate_limiter.report")
        if fault == LOST:
            self._unreported += 1
        else:
            limiter = self._pace.limiter()
            limiter.report(reservation=reservation, health=health, retry_after=retry_after)
            self._unreported += limiter.take_unreported()
        self._world.answer(fault)

    def note(self, *, reservation: Reservation, finding: Finding) -> bool:
        if not is_worth_noting(reservation=reservation, finding=finding):
            return False
        fault = self._world.call("rate_limiter.report")
        limiter = self._pace.limiter()
        is_braked = fault != LOST and limiter.note(reservation=reservation, finding=finding)
        self._unreported += int(fault == LOST) + limiter.take_unreported()
        self._world.answer(fault)
        return is_braked

    def take_unreported(self) -> int:
        unreported, self._unreported = self._unreported, 0
        return unreported

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        if self._world.call("rate_limiter.outlook") == ERROR:
            raise LedgerUnavailable("get_item: ThrottlingException")
        return self._pace.limiter().outlook(account, purpose=purpose)

    def spent(self, account: str) -> int:
        if self._world.call("rate_limiter.spent") == ERROR:
            raise LedgerUnavailable("get_item: ThrottlingException")
        return self._pace.limiter().spent(account)

    def _overtaken(self, fault: str | None) -> int:
        if fault == OVERTAKEN:
            return self._world.weather.randint(1, SWAPS - 1)
        return SWAPS if fault == OVERTAKEN_OUT else 0
