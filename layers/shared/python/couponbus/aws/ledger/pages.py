"""A query or a scan to its last page.

Not botocore's paginators: each would load and compile its own model at a cold start.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from couponbus.aws.ledger.attributes import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef, ScanOutputTypeDef

type Page = "QueryOutputTypeDef | ScanOutputTypeDef"


def pages[**Request](
    call: Callable[Request, Page], *args: Request.args, **request: Request.kwargs
) -> Iterator[Page]:
    """Yield the pages of `client.query` or `client.scan`. Raises CallFailed."""
    while True:
        page = call(*args, **request)
        yield page
        if not page.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def items[**Request](
    call: Callable[Request, Page], *args: Request.args, **request: Request.kwargs
) -> Iterator[Item]:
    """Yield the items of all pages. Raises CallFailed."""
    for page in pages(call, *args, **request):
        yield from page["Items"]
