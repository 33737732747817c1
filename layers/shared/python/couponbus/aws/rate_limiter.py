"""Distributed rate limiter: one item per account, changed by all workers by compare-and-swap."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SORT
from couponbus.aws.ledger.errors import CallFailed, code_of, ledger_call
from couponbus.aws.pace_item import attributes_of, pace_in
from couponbus.domain import braking, rate_limit
from couponbus.domain.brake import Finding
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import ConfigurationInvalid, LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Limits, NoSlot, Outlook, Pace, Reservation
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient

PACE = "PACE#"  # begins the key of each
WEBHOOK = "webhook"  # stands for the provider where an endpoint is the account
SWAPS = 12
PAUSE = 0.005


class _Condition(TypedDict):
    ConditionExpression: str
    ExpressionAttributeValues: NotRequired[Item]


@dataclass(slots=True, kw_only=True)
class DynamoRateLimiter:
    """`ports.RateLimiter`, with the limits of the provider's accounts by name.

    The answers that could not be stored for the other workers are counted. A worker that found its
    own last pace unchanged expects to find it so again: a lease then costs one call.
    """

    client: "DynamoDBClient"
    table: str
    clock: Clock
    provider: str
    limits: Mapping[str, Limits]
    _unreported: int = field(default=0, init=False)
    _stored: dict[str, Pace] = field(default_factory=dict, init=False)
    _undisturbed: set[str] = field(default_factory=set, init=False)

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
        """Read the pace unless it is known, and write it with the slots taken.

        Raises LedgerUnavailable, ConfigurationInvalid for an account without a limit.
        """
        if account not in self.limits:
            raise ConfigurationInvalid(f"account {account} has no calls per second")

        def take(pace: Pace) -> tuple[Pace, Reservation | NoSlot]:
            granted = rate_limit.reserve(
                pace,
                account=account,
                calls=calls,
                limits=self.limits[account].leaving(leaving),
                now=self._now(),
                within=within,
                purpose=purpose,
                items=items,
            )
            return (pace, granted) if isinstance(granted, NoSlot) else granted

        return self._change(account, take)

    def report(
        self, *, reservation: Reservation, health: Health, retry_after: float | None
    ) -> None:
        """Change the pace if the answer is news; costs nothing otherwise. Never raises."""
        if not rate_limit.is_news(reservation=reservation, health=health):
            return

        def learn(pace: Pace) -> tuple[Pace, None]:
            changed = rate_limit.observed(
                pace,
                reservation=reservation,
                health=health,
                retry_after=retry_after,
                now=self._now(),
            )
            return changed, None

        try:
            self._change(reservation.account, learn)
        except LedgerUnavailable:
            self._unreported += 1

    def note(self, *, reservation: Reservation, finding: Finding) -> bool:
        """Count a finding if it changes anything; returns whether it braked the account."""
        if not braking.is_worth_noting(reservation=reservation, finding=finding):
            return False
        limits = self.limits[reservation.account].brake

        def count(pace: Pace) -> tuple[Pace, bool]:
            noted = braking.noted(pace, finding=finding, limits=limits, now=self._now())
            return noted, noted.brake.is_held and not pace.brake.is_held

        try:
            return self._change(reservation.account, count)
        except LedgerUnavailable:
            self._unreported += 1
            return False

    def take_unreported(self) -> int:
        """Return how many answers could not be stored since this was last called."""
        unreported, self._unreported = self._unreported, 0
        return unreported

    def change(self, account: str, change: Callable[[Pace], Pace]) -> Pace:
        """Store an operator's change of a pace; returns the new one. Raises LedgerUnavailable."""

        def changed(pace: Pace) -> tuple[Pace, Pace]:
            after = change(pace)
            return after, after

        return self._change(account, changed)

    def pace(self, account: str) -> Pace:
        """Return the pace as it is now. Raises LedgerUnavailable."""
        with ledger_call(f"pace of {account}"):
            answer = self.client.get_item(
                TableName=self.table, Key=self._key(account), ConsistentRead=True
            )
        return pace_in(answer.get("Item"))

    def spent(self, account: str) -> int:
        """Return how many calls were leased since midnight (UTC). Raises LedgerUnavailable."""
        return rate_limit.spent(self.pace(account), now=self._now())

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        """Read the pace as it is now, and take no slot. Raises LedgerUnavailable."""
        return rate_limit.outlook(self.pace(account), purpose=purpose)

    def _change[Answer](
        self, account: str, change: Callable[[Pace], tuple[Pace, Answer]]
    ) -> Answer:
        """Store a changed pace, retrying on conflict; writes nothing if it is unchanged.

        Raises LedgerUnavailable, also after too many conflicts.
        """
        pace, is_read = self._expected(account)
        for each in range(SWAPS):
            changed, answer = change(pace)
            if changed is pace:
                if is_read:
                    return answer
                pace, is_read = self._read(account), True  # it may be another by now
                continue
            stored = self._swap(account, changed)
            if stored is None:
                self._stored[account] = changed
                return answer
            pace, is_read = stored, True
            self._undisturbed.discard(account)
            self.clock.sleep(PAUSE * (each + 1))
        text = f"pace of {account}: too many concurrent writers"
        raise LedgerUnavailable(text, code="pace:contended")

    def _expected(self, account: str) -> tuple[Pace, bool]:
        """Return the pace from which to change it, and whether it was read."""
        if account in self._undisturbed:
            return self._stored[account], False
        return self._read(account), True

    def _read(self, account: str) -> Pace:
        pace = self.pace(account)
        if pace == self._stored.get(account):
            self._undisturbed.add(account)
        else:
            self._undisturbed.discard(account)
        return pace

    def _swap(self, account: str, pace: Pace) -> Pace | None:
        """Return what another worker has stored first, None where this pace is stored."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item={**self._key(account), **attributes_of(pace)},
                **_over(pace.revision - 1),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except CallFailed as error:
            if code_of(error) != "ConditionalCheckFailedException":
                code = code_of(error)
                raise LedgerUnavailable(f"pace of {account}: {code}", code=f"pace:{code}") from None
            response = cast("ClientError", error).response
            return pace_in(cast("Mapping[str, Item]", response).get("Item"))
        return None

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _key(self, account: str) -> Item:
        return {"pk": {"S": f"{PACE}{self.provider}#{account}"}, "sk": {"S": SORT}}


def _over(revision: int) -> "_Condition":
    """Return the condition that this revision is stored: 0 means none, and no other one does."""
    if not revision:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "revision = :seen",
        "ExpressionAttributeValues": {":seen": {"N": str(revision)}},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoEndpointPace:
    """`ports.webhooks.EndpointPace`: slots of the endpoints that have a rate."""

    client: "DynamoDBClient"
    table: str
    clock: Clock

    def reserve(
        self, *, endpoint_id: str, per_second: int, calls: int, within: float
    ) -> Reservation | NoSlot:
        """Take slots at the endpoint's current rate, which may change between calls.

        Raises LedgerUnavailable.
        """
        limiter = DynamoRateLimiter(
            client=self.client,
            table=self.table,
            clock=self.clock,
            provider=WEBHOOK,
            limits={endpoint_id: Limits(calls_per_second=per_second)},
        )
        return limiter.reserve(account=endpoint_id, calls=calls, within=within)
