"""Cohorts on DynamoDB: a registry of the existing ones, and two indexes of their watches."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

from couponbus.aws.ledger.errors import CallFailed, code_of, ledger_call
from couponbus.aws.ledger.pages import items
from couponbus.aws.polling.cohort_items import (
    PARTITION,
    document_of,
    expiry_of,
    index_of,
    key_of,
    member_of,
    partition_of,
    sizes_of,
)
from couponbus.domain.polling.cohort import Cohort, CohortSizes, Member, Span

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Counts = Mapping[Cohort, int]

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
        """Add to the counts, one call for each cohort. Raises LedgerUnavailable."""
        with ledger_call("enter"):
            self._each(self._add, arrivals)

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        """Subtract from the counts of cohorts that are still registered. Never raises."""
        self._each(self._take_away, departures)

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

    def _each(self, call: Callable[[tuple[Cohort, int]], None], counts: Counts) -> None:
        if len(counts) <= 1:
            for each in counts.items():
                call(each)
            return
        for _ in self._threads.map(call, counts.items()):
            pass

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="cohorts")

    def _add(self, arrival: tuple[Cohort, int]) -> None:
        cohort, number = arrival
        self._client.update_item(
            TableName=self._table,
            Key=key_of(cohort),
            UpdateExpression="ADD #watches :number SET #document = :document, #ttl = :ttl",
            ExpressionAttributeNames={
                "#watches": "watches",
                "#document": "document",
                "#ttl": "ttl",
            },
            ExpressionAttributeValues={
                ":number": {"N": str(number)},
                ":document": {"S": document_of(cohort.group)},
                ":ttl": {"N": expiry_of(cohort)},
            },
        )

    def _take_away(self, departure: tuple[Cohort, int]) -> None:
        cohort, number = departure
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key_of(cohort),
                UpdateExpression="ADD #watches :number",
                # Otherwise it would come back as an item without a document.
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#watches": "watches"},
                ExpressionAttributeValues={":number": {"N": str(-number)}},
            )
        except CallFailed as error:
            if code_of(error) != "ConditionalCheckFailedException":
                self.uncounted += number
