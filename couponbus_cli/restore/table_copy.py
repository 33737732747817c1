"""Copy the items of a restored table into the table of the stage."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from couponbus.aws.rate_limiter import PACE
from couponbus.domain.issuing.restore import RESTORE_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, ScanInputTypeDef

type Item = dict[str, "AttributeValueTypeDef"]

SEGMENTS = 16
REFUSED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many items the restored table has, and how many of them were written."""

    read: int
    written: int


class TableCopy:
    """Copies the items of a table, but not the restore mark: the stage keeps its own.

    It also keeps the pace of each account: its changes since, above all a brake, stay in force.

    Each revision is raised by `leap`, so that no revision of the lost hours is used again: a
    message that is left from those hours, in a stream or a queue, finds no row of its revision.
    """

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        """Write to this table."""
        self._client = client
        self._table = table

    def fill(self, source: str, *, leap: int) -> Copied:
        """Write the items that the stage's table lacks. Raises ClientError, BotoCoreError."""
        return self._copied(source, self._fill, leap=leap)

    def replace(self, source: str, *, leap: int) -> Copied:
        """Write all items, over existing ones except paces. Raises ClientError, BotoCoreError."""
        return self._copied(source, self._replace, leap=leap)

    def _copied(self, source: str, write: Callable[[Item], int], *, leap: int) -> Copied:
        stop = threading.Event()

        def segment(number: int) -> Copied:
            read = written = 0
            try:
                for item in self._items(source, number):
                    if stop.is_set():
                        break
                    read += 1
                    written += write(_ahead(item, leap))
            except BaseException:
                stop.set()  # stop the other segments, so that the failure is reported at once
                raise
            return Copied(read=read, written=written)

        with ThreadPoolExecutor(max_workers=SEGMENTS) as threads:
            parts = list(threads.map(segment, range(SEGMENTS)))
        return Copied(
            read=sum(each.read for each in parts), written=sum(each.written for each in parts)
        )

    def _items(self, source: str, segment: int) -> Iterator[Item]:
        scan: ScanInputTypeDef = {
            "TableName": source,
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "ConsistentRead": True,
        }
        while True:
            page = self._client.scan(**scan)
            yield from (item for item in page["Items"] if item["pk"].get("S") != RESTORE_KEY)
            if not page.get("LastEvaluatedKey"):
                return
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _fill(self, item: Item) -> int:
        try:
            self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == REFUSED:
                return 0
            raise
        return 1

    def _replace(self, item: Item) -> int:
        if item["pk"].get("S", "").startswith(PACE):
            return self._fill(item)
        self._client.put_item(TableName=self._table, Item=item)
        return 1


def _ahead(item: Item, leap: int) -> Item:
    revision = item.get("revision", {}).get("N")
    if revision is None:
        return item
    return {**item, "revision": {"N": str(int(revision) + leap)}}
