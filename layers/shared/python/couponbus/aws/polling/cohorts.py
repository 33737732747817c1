"""Cohorts on DynamoDB: a registry of the existing ones, and two indexes of their watches."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.errors import CallFailed, code_of, ledger_call
from couponbus.aws.ledger.pages import items
from couponbus.aws.polling.cohort_items import (
    PARTITION,
    document_of,
    expiry_of,
    hour_name,
    index_of,
    key_of,
    member_of,
    partition_of,
    sizes_of,
)
from couponbus.domain.polling.cohort import Cohort, CohortSizes, Member, Span

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALLS_AT_ONCE = 8


class DynamoCohorts:
    """`ports.Cohorts`; `uncounted` is the number of departures that could not be counted.

    Counts are approximate: a call that the SDK retries may count twice.
    """

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """`table` is the ledger's."""
        self._client = client
        self._table = table
        self.uncounted = 0

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        """Add to the counts, one call for the cohorts of a day. Raises LedgerUnavailable."""
        days: dict[str, dict[Cohort, int]] = {}
        for cohort, number in arrivals.items():
            days.setdefault(key_of(cohort)["sk"]["S"], {})[cohort] = number
        with ledger_call("enter"):
            self._each(self._add, list(days.values()))

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        """Subtract from the counts of cohorts that are still registered. Never raises."""
        self._each(self._take_away, list(departures.items()))

    def sizes(self) -> CohortSizes:
        """Read the registry (eventually consistent). Raises LedgerUnavailable."""
        registered = items(
            self._client.query,
            TableName=self._table,
            KeyConditionExpression="pk = :cohorts",
            ExpressionAttributeValues={":cohorts": {"S": PARTITION}},
        )
        with ledger_call("sizes"):
            return sizes_of(registered)

    def members(self, span: Span) -> Sequence[Member]:
        """Query the index of this kind of cohort (eventually consistent).

        Raises LedgerUnavailable.
        """
        index = index_of(span)
        indexed = items(
            self._client.query,
            TableName=self._table,
            IndexName=index.name,
            KeyConditionExpression=f"{index.cohort} = :cohort"
            f" AND {index.place} BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":cohort": {"S": partition_of(span.cohort_key, span.shard)},
                ":first": {"S": span.first},
                ":last": {"S": span.last},
            },
        )
        with ledger_call("members"):
            found = [member_of(item) for item in indexed]
        return [member for member in found if member is not None]

    def _each[Change](self, call: Callable[[Change], None], changes: Sequence[Change]) -> None:
        if len(changes) <= 1:
            for each in changes:
                call(each)
            return
        for _ in self._threads.map(call, changes):
            pass

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="cohorts")

    def _add(self, arrivals: Mapping[Cohort, int]) -> None:
        of_day = next(iter(arrivals))
        names = {f"#{hour_name(one)}": hour_name(one) for one in arrivals}
        counts: Item = {f":{hour_name(one)}": {"N": str(n)} for one, n in arrivals.items()}
        added = ", ".join(f"#{hour_name(one)} :{hour_name(one)}" for one in arrivals)
        self._client.update_item(
            TableName=self._table,
            Key=key_of(of_day),
            UpdateExpression=f"ADD {added} SET #document = :document, #ttl = :ttl",
            ExpressionAttributeNames={**names, "#document": "document", "#ttl": "ttl"},
            ExpressionAttributeValues={
                **counts,
                ":document": {"S": document_of(of_day.group)},
                ":ttl": {"N": expiry_of(of_day)},
            },
        )

    def _take_away(self, departure: tuple[Cohort, int]) -> None:
        cohort, number = departure
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key_of(cohort),
                UpdateExpression="ADD #watches :number",
                # Otherwise it would come back as a cohort without watches.
                ConditionExpression="attribute_exists(#watches)",
                ExpressionAttributeNames={"#watches": hour_name(cohort)},
                ExpressionAttributeValues={":number": {"N": str(-number)}},
            )
        except CallFailed as error:
            if code_of(error) != "ConditionalCheckFailedException":
                self.uncounted += number
