"""The pace of endpoints that asked for one: slots that all workers share through the ledger."""

from typing import TYPE_CHECKING

from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.rate_limit import Limits, NoSlot, Reservation
from couponbus.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KIND = "webhook"


class DynamoEndpointPace:
    """`ports.webhooks.EndpointPace`."""

    def __init__(self, *, client: "DynamoDBClient", table: str, clock: Clock) -> None:
        """Take the ledger's table and a clock to pause with."""
        self._client = client
        self._table = table
        self._clock = clock

    def reserve(
        self, *, endpoint_id: str, per_second: int, calls: int, within: float
    ) -> Reservation | NoSlot:
        """Take slots at the pace of the moment, which its owner may change.

        Raises LedgerUnavailable.
        """
        limiter = DynamoRateLimiter(
            client=self._client,
            table=self._table,
            clock=self._clock,
            provider=KIND,
            limits={endpoint_id: Limits(calls_per_second=per_second)},
        )
        return limiter.reserve(account=endpoint_id, calls=calls, within=within)
