"""The shared pace of each account, one item that all workers change by compare-and-swap."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SORT
from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.pace_item import attributes_of, pace_in
from couponbus.domain import braking, rate_limit
from couponbus.domain.brake import Finding
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import ConfigurationInvalid, LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Limits, NoSlot, Outlook, Pace, Reservation
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PACE = "PACE#"  # begins the key of each
SWAPS = 12
PAUSE = 0.005


class _Overtaken(Exception):
    """Somebody changed the pace first; what stands there now comes along."""

    def __init__(self, stored: Pace) -> None:
        super().__init__("overtaken")
        self.stored = stored


class DynamoRateLimiter:
    """`ports.RateLimiter`; `unreported` counts the answers that could not be told to the others."""

    def __init__(
        self,
        *,
        client: "DynamoDBClient",
        table: str,
        clock: Clock,
        provider: str,
        limits: Mapping[str, Limits],
    ) -> None:
        """Take the limits of each of the provider's accounts by the account's name."""
        self._client = client
        self._table = table
        self._clock = clock
        self._provider = provider
        self._limits = limits
        self.unreported = 0

    def reserve(
        self,
        *,
        account: str,
        calls: int,
        within: float,
        purpose: Purpose = Purpose.QUESTION,
        items: int = 0,
    ) -> Reservation | NoSlot:
        """Read the pace, then write it with the slots taken: two calls while nobody interferes.

        Raises LedgerUnavailable, ConfigurationInvalid for an account without a limit.
        """
        if account not in self._limits:
            raise ConfigurationInvalid(f"account {account} has no calls per second")
        try:
            pace = self._read(account)
            for each in range(SWAPS):
                granted = rate_limit.reserve(
                    pace,
                    account=account,
                    calls=calls,
                    limits=self._limits[account],
                    now=self._clock.now().timestamp(),
                    within=within,
                    purpose=purpose,
                    items=items,
                )
                if isinstance(granted, NoSlot):
                    return granted
                try:
                    self._swap(account, granted[0])
                except _Overtaken as overtaken:
                    pace = overtaken.stored
                    self._clock.sleep(PAUSE * (each + 1))
                else:
                    return granted[1]
        except CallFailed as error:
            raise LedgerUnavailable(f"pace of {account}: {code_of(error)}") from None
        raise LedgerUnavailable(f"pace of {account}: too many want it")

    def report(
        self, *, reservation: Reservation, health: Health, retry_after: float | None
    ) -> None:
        """Change the pace if the answer was news; costs nothing otherwise, and never raises."""
        if not rate_limit.is_news(reservation=reservation, health=health):
            return

        def learn(pace: Pace) -> Pace:
            return rate_limit.observed(
                pace,
                reservation=reservation,
                health=health,
                retry_after=retry_after,
                now=self._clock.now().timestamp(),
            )

        try:
            self._change(reservation.account, learn)
        except (*CallFailed, LedgerUnavailable):
            self.unreported += 1

    def note(self, *, reservation: Reservation, finding: Finding) -> bool:
        """Count what was found, if it is worth it; returns whether that braked the account."""
        if not braking.is_worth_noting(reservation=reservation, finding=finding):
            return False
        limits = self._limits[reservation.account].brake

        def count(pace: Pace) -> Pace:
            now = self._clock.now().timestamp()
            return braking.noted(pace, finding=finding, limits=limits, now=now)

        try:
            before, after = self._change(reservation.account, count)
        except (*CallFailed, LedgerUnavailable):
            self.unreported += 1
            return False
        return after.brake.is_held and not before.brake.is_held

    def change(self, account: str, change: Callable[[Pace], Pace]) -> Pace:
        """Store what an operator makes of a pace; returns it. Raises LedgerUnavailable."""
        try:
            return self._change(account, change)[1]
        except CallFailed as error:
            raise LedgerUnavailable(f"pace of {account}: {code_of(error)}") from None

    def pace(self, account: str) -> Pace:
        """Return the pace as it is now. Raises LedgerUnavailable."""
        try:
            return self._read(account)
        except CallFailed as error:
            raise LedgerUnavailable(f"pace of {account}: {code_of(error)}") from None

    def spent(self, account: str) -> int:
        """Read how many calls were leased since midnight. Raises LedgerUnavailable."""
        return rate_limit.spent(self.pace(account), now=self._clock.now().timestamp())

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        """Read the pace as it is now, and take no slot. Raises LedgerUnavailable."""
        return rate_limit.outlook(self.pace(account), purpose=purpose)

    def _change(self, account: str, change: Callable[[Pace], Pace]) -> tuple[Pace, Pace]:
        """Return the pace before and after; the same one twice where nothing is to be stored.

        Raises LedgerUnavailable when others change it all the time.
        """
        pace = self._read(account)
        for each in range(SWAPS):
            changed = change(pace)
            if changed is pace:
                return pace, pace
            try:
                self._swap(account, changed)
            except _Overtaken as overtaken:
                pace = overtaken.stored
                self._clock.sleep(PAUSE * (each + 1))
            else:
                return pace, changed
        raise LedgerUnavailable(f"pace of {account}: too many want it")

    def _read(self, account: str) -> Pace:
        answer = self._client.get_item(
            TableName=self._table, Key=self._key(account), ConsistentRead=True
        )
        return pace_in(answer.get("Item"))

    def _swap(self, account: str, pace: Pace) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._key(account), **attributes_of(pace)},
                ConditionExpression="attribute_not_exists(pk) OR revision = :seen",
                ExpressionAttributeValues={":seen": {"N": str(pace.revision - 1)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            response = cast("Mapping[str, Item]", error.response)
            raise _Overtaken(pace_in(response.get("Item"))) from None

    def _key(self, account: str) -> Item:
        return {"pk": {"S": f"{PACE}{self._provider}#{account}"}, "sk": {"S": SORT}}
