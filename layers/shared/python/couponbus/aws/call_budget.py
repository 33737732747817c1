"""The shared pace of each account, one item that all workers change by compare-and-swap."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from couponbus.aws.attributes import Item
from couponbus.aws.failure import CallFailed, code_of
from couponbus.aws.row_codec import SORT
from couponbus.domain import pacing
from couponbus.domain.attempt import Health
from couponbus.domain.breaker import Breaker, Purpose
from couponbus.domain.errors import ConfigurationInvalid, LedgerUnavailable
from couponbus.domain.pacing import Busy, Lease, Limits, Outlook, Pace
from couponbus.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SWAPS = 12
PAUSE = 0.005


class _Overtaken(Exception):
    """Somebody changed the pace first; what stands there now comes along."""

    def __init__(self, stored: Pace) -> None:
        super().__init__("overtaken")
        self.stored = stored


class DynamoCallBudget:
    """`ports.CallBudget`; `unreported` counts the answers that could not be told to the others."""

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

    def lease(
        self, *, account: str, calls: int, within: float, purpose: Purpose = Purpose.QUESTION
    ) -> Lease | Busy:
        """Read the pace, then write it with the slots taken: two calls while nobody interferes.

        Raises LedgerUnavailable, ConfigurationInvalid for an account without a limit.
        """
        if account not in self._limits:
            raise ConfigurationInvalid(f"account {account} has no calls per second")
        try:
            pace = self._read(account)
            for each in range(SWAPS):
                granted = pacing.lease(
                    pace,
                    account=account,
                    calls=calls,
                    limits=self._limits[account],
                    now=self._clock.now().timestamp(),
                    within=within,
                    purpose=purpose,
                )
                if isinstance(granted, Busy):
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

    def report(self, *, lease: Lease, health: Health, retry_after: float | None) -> None:
        """Change the pace if the answer was news; costs nothing otherwise, and never raises."""
        if not pacing.is_news(lease=lease, health=health):
            return
        try:
            self._report(lease, health, retry_after)
        except (*CallFailed, LedgerUnavailable):
            self.unreported += 1

    def spent(self, account: str) -> int:
        """Read how many calls were leased since midnight. Raises LedgerUnavailable."""
        try:
            pace = self._read(account)
        except CallFailed as error:
            raise LedgerUnavailable(f"pace of {account}: {code_of(error)}") from None
        return pacing.spent(pace, now=self._clock.now().timestamp())

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        """Read the pace as it is now, and take no slot. Raises LedgerUnavailable."""
        try:
            pace = self._read(account)
        except CallFailed as error:
            raise LedgerUnavailable(f"pace of {account}: {code_of(error)}") from None
        return pacing.outlook(pace, purpose=purpose)

    def _report(self, lease: Lease, health: Health, retry_after: float | None) -> None:
        pace = self._read(lease.account)
        for each in range(SWAPS):
            learnt = pacing.observed(
                pace,
                lease=lease,
                health=health,
                retry_after=retry_after,
                now=self._clock.now().timestamp(),
            )
            if learnt is pace:
                return
            try:
                self._swap(lease.account, learnt)
            except _Overtaken as overtaken:
                pace = overtaken.stored
                self._clock.sleep(PAUSE * (each + 1))
            else:
                return
        self.unreported += 1

    def _read(self, account: str) -> Pace:
        answer = self._client.get_item(
            TableName=self._table, Key=self._key(account), ConsistentRead=True
        )
        return _pace(answer.get("Item"))

    def _swap(self, account: str, pace: Pace) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._key(account), **_attributes(pace)},
                ConditionExpression="attribute_not_exists(pk) OR revision = :seen",
                ExpressionAttributeValues={":seen": {"N": str(pace.revision - 1)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            response = cast("Mapping[str, Item]", error.response)
            raise _Overtaken(_pace(response.get("Item"))) from None

    def _key(self, account: str) -> Item:
        return {"pk": {"S": f"PACE#{self._provider}#{account}"}, "sk": {"S": SORT}}


def _attributes(pace: Pace) -> Item:
    return {
        "revision": {"N": str(pace.revision)},
        "next_slot": {"N": repr(pace.next_slot)},
        "paused_until": {"N": repr(pace.paused_until)},
        "day": {"N": str(pace.day)},
        "calls": {"N": str(pace.calls)},
        **_breaker_attributes("questions", pace.questions),
        **_breaker_attributes("posts", pace.posts),
    }


def _breaker_attributes(name: str, breaker: Breaker) -> Item:
    return {
        f"{name}_failures": {"N": str(breaker.failures)},
        f"{name}_closed_until": {"N": repr(breaker.closed_until)},
        f"{name}_openings": {"N": str(breaker.openings)},
        f"{name}_healed_at": {"N": repr(breaker.healed_at)},
    }


def _pace(item: Item | None) -> Pace:
    if not item:
        return Pace()
    try:
        return Pace(
            revision=int(item["revision"]["N"]),
            next_slot=float(item["next_slot"]["N"]),
            paused_until=float(item["paused_until"]["N"]),
            # Not in what the first version wrote.
            day=int(item["day"]["N"]) if "day" in item else 0,
            calls=int(item["calls"]["N"]) if "calls" in item else 0,
            questions=_breaker(item, "questions"),
            posts=_breaker(item, "posts"),
        )
    except (KeyError, ValueError):
        raise LedgerUnavailable(f"the ledger's {item['pk']['S']} cannot be read") from None


def _breaker(item: Item, name: str) -> Breaker:
    if f"{name}_failures" not in item:
        return Breaker()  # nor was this
    return Breaker(
        failures=int(item[f"{name}_failures"]["N"]),
        closed_until=float(item[f"{name}_closed_until"]["N"]),
        openings=int(item[f"{name}_openings"]["N"]),
        healed_at=float(item[f"{name}_healed_at"]["N"]) if f"{name}_healed_at" in item else 0.0,
    )
