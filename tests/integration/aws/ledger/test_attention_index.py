"""The index of what waits for an operator: what it costs, and how older rows come into it."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import boto3
import pytest

from couponbus.aws.ledger.attention_index import ATTENTION_KEY
from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus.usecases.outbox.attention_levels import ambiguous_open, endpoints_disabled
from tests import factories, webhook_factories
from tests.architecture import tree
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws.cloud import REGION, TABLE, Cloud

type Bringing = Callable[[object], int]


@pytest.fixture
def ledger(cloud: Cloud) -> DynamoLedger:
    return DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock())


def the_python_of_the_page() -> Bringing:
    page = tree.text(tree.ROOT / "infra" / "README.md")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (block,) = [each for each in blocks if "def bring_in(" in each]
    names: dict[str, Bringing] = {}
    exec(compile(block, "infra/README.md", "exec"), names)
    return names["bring_in"]


def brought_in() -> int:
    return the_python_of_the_page()(boto3.resource("dynamodb", region_name=REGION).Table(TABLE))


def ambiguous() -> Issuance:
    row = factories.any_requested().ambiguous(numbers=(), reason="any", now=NOON, publish_by=NOON)
    return row.announced(now=NOON).written("write-1")


def before_the_index(cloud: Cloud, *rows: Row) -> None:
    """Store rows as a version wrote them that knew no such index."""
    for row in rows:
        item = {name: value for name, value in encode(row).items() if name != ATTENTION_KEY}
        cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item)


def count_requests(cloud: Cloud) -> Counter[str]:
    """Count what the client sends from now on, by operation."""
    sent: Counter[str] = Counter()
    cloud.clients.dynamodb.meta.events.register(
        "before-call.dynamodb", lambda model, **_: sent.update([model.name])
    )
    return sent


def test_where_nothing_waits_the_levels_cost_a_query_for_each_partition(
    cloud: Cloud, ledger: DynamoLedger
) -> None:
    sent = count_requests(cloud)

    assert (ambiguous_open(ledger), endpoints_disabled(ledger)) == (0, 0)
    assert sent == {"Query": 5}


def test_endpoints_cost_one_read_of_their_rows(cloud: Cloud, ledger: DynamoLedger) -> None:
    ledger.write([webhook_factories.any_endpoint().written(f"write-{n}") for n in range(50)])
    sent = count_requests(cloud)

    assert endpoints_disabled(ledger) == 0
    assert sent == {"Query": 1, "BatchGetItem": 1}


def test_rows_that_are_older_than_the_index_are_brought_into_it_once(
    cloud: Cloud, ledger: DynamoLedger
) -> None:
    endpoint = replace(webhook_factories.any_endpoint(), state=EndpointState.DISABLED)
    removed = replace(webhook_factories.any_endpoint(), state=EndpointState.REMOVED)
    rows = [ambiguous(), ambiguous(), endpoint.written("w"), removed.written("w")]
    before_the_index(cloud, *rows, factories.any_issued().written("w"))
    seen_before = [ledger.attention(kind, limit=10) for kind in Attention]

    changed = [brought_in(), brought_in()]

    assert seen_before == [[], []]
    assert changed == [3, 0]
    assert (ambiguous_open(ledger), endpoints_disabled(ledger)) == (2, 1)
    assert ledger.read([row.key for row in rows]) == {row.key: row for row in rows}


def test_a_row_that_was_brought_in_leaves_with_the_write_that_settles_it(
    cloud: Cloud, ledger: DynamoLedger
) -> None:
    row = ambiguous()
    before_the_index(cloud, row)
    brought_in()

    barcode = factories.any_barcode(of=row.request)
    settled = row.issued(barcode=barcode, origin=Origin.CHOSEN, now=NOON, publish_by=NOON)
    ledger.write([settled.written("write-2")])

    assert ambiguous_open(ledger) == 0
