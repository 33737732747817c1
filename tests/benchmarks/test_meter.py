"""The meter bills what DynamoDB does, whatever the request looks like."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from couponbus.aws.ledger.due_index import DUE_INDEX
from couponbus.aws.ledger.history_index import HISTORY_INDEX
from couponbus.aws.ledger.names import stored_as
from tests.benchmarks.bill import Bill
from tests.benchmarks.meter import Meter
from tests.benchmarks.units import Item, index_units
from tests.integration.aws.cloud import BUS, REGION, TABLE, Cloud, a_cloud

DUE: dict[str, Any] = {"due_shard": {"S": "I0"}, "due_at": {"N": "1"}}
LATER: dict[str, Any] = {**DUE, "due_at": {"N": "2"}}
IN_HISTORY: dict[str, Any] = {
    "history_shard": {"S": "h"},
    "history_place": {"S": "p"},
    "tenant": {"S": "one"},
}
KEY = {"pk": {"S": "a"}, "sk": {"S": "ROW"}}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with a_cloud() as made:
        yield made


@pytest.fixture
def meter(cloud: Cloud) -> Iterator[Meter]:
    made = Meter(table=TABLE, region=REGION)
    clients = cloud.clients
    with made.on(clients.dynamodb, clients.sqs, clients.events):
        yield made


def item(key: str = "a", *, size: int = 10, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": key}, "sk": {"S": "ROW"}, "text": {"S": "x" * size}, **more}


def written(meter: Meter) -> tuple[float, float]:
    bill = meter.take_bill()
    return bill.table, bill.index


def test_a_write_costs_a_unit_for_each_kilobyte_of_the_larger_image(
    cloud: Cloud, meter: Meter
) -> None:
    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item(size=2000))
    assert written(meter) == (2, 0)

    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item(size=1))
    assert written(meter) == (2, 0)

    cloud.clients.dynamodb.delete_item(TableName=TABLE, Key=KEY)
    assert written(meter) == (1, 0)


def test_a_transaction_doubles_the_table_and_not_the_indexes(cloud: Cloud, meter: Meter) -> None:
    puts = [{"Put": {"TableName": TABLE, "Item": item(key, **DUE)}} for key in ("a", "b")]

    cloud.clients.dynamodb.transact_write_items(TransactItems=puts)  # type: ignore[arg-type]

    assert written(meter) == (4, 2)


def test_statements_are_billed_as_single_writes(cloud: Cloud, meter: Meter) -> None:
    text = f"""INSERT INTO "{TABLE}" VALUE {{'pk':?,'sk':?,'due_shard':?,'due_at':?}}"""
    statements = [
        {"Statement": text, "Parameters": [{"S": key}, {"S": "ROW"}, {"S": "I0"}, {"N": "1"}]}
        for key in ("a", "b")
    ]

    cloud.clients.dynamodb.batch_execute_statement(Statements=statements)  # type: ignore[arg-type]

    assert written(meter) == (2, 2)


def test_a_write_that_fails_its_condition_is_billed_and_touches_no_index(
    cloud: Cloud, meter: Meter
) -> None:
    client = cloud.clients.dynamodb
    client.put_item(TableName=TABLE, Item=item(**DUE))
    meter.take_bill()
    twice = {
        "TableName": TABLE,
        "Item": item(size=2000, **LATER),
        "ConditionExpression": "attribute_not_exists(pk)",
    }

    with suppress(ClientError):
        client.put_item(**twice)  # type: ignore[arg-type]
    assert written(meter) == (2, 0)

    other = {"TableName": TABLE, "Item": item("b")}
    with suppress(ClientError):
        client.transact_write_items(TransactItems=[{"Put": twice}, {"Put": other}])  # type: ignore[typeddict-item]
    assert written(meter) == (6, 0)


def test_a_write_that_changes_nothing_costs_one_unit(cloud: Cloud, meter: Meter) -> None:
    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item())
    meter.take_bill()

    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item())

    assert written(meter) == (1, 0)


def test_an_update_is_billed_by_what_it_changes(cloud: Cloud, meter: Meter) -> None:
    client = cloud.clients.dynamodb
    client.put_item(TableName=TABLE, Item=item(**DUE))
    meter.take_bill()

    client.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET due_at = :later",
        ExpressionAttributeValues={":later": {"N": "2"}},
    )

    assert written(meter) == (1, 2)


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, item(**DUE), {DUE_INDEX: 1}),
        (item(**DUE), item(), {DUE_INDEX: 1}),
        (item(**DUE), item(**LATER), {DUE_INDEX: 2}),
        (item(**DUE), item(size=500, **DUE), {}),
        (item(), item(due_at={"N": "1"}), {}),
        (item(**IN_HISTORY), item(size=500, **IN_HISTORY), {}),
        (
            item(**IN_HISTORY),
            item(**{**IN_HISTORY, stored_as("tenant"): {"S": "two"}}),
            {HISTORY_INDEX: 1},
        ),
    ],
)
def test_an_index_is_billed_for_what_it_shows(
    before: Item | None, after: Item, units: dict[str, int]
) -> None:
    assert index_units(before, after) == units


def test_reads_are_billed_by_four_kilobytes_and_half_if_they_may_lag(
    cloud: Cloud, meter: Meter
) -> None:
    client = cloud.clients.dynamodb
    client.put_item(TableName=TABLE, Item=item(size=5000, signup={"S": "s"}))
    meter.take_bill()

    client.get_item(TableName=TABLE, Key=KEY)
    assert meter.take_bill().reads == 1
    client.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True)
    assert meter.take_bill().reads == 2
    keys = [KEY, {"pk": {"S": "missing"}, "sk": {"S": "ROW"}}]
    client.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    assert meter.take_bill().reads == 3
    client.query(
        TableName=TABLE,
        IndexName="signups",
        KeyConditionExpression="signup = :it",
        ExpressionAttributeValues={":it": {"S": "s"}},
    )
    assert meter.take_bill().reads == 0.5


def test_messages_and_events_are_billed_by_sixty_four_kilobytes(cloud: Cloud, meter: Meter) -> None:
    entries = [{"Id": str(number), "MessageBody": "x" * 40_000} for number in range(2)]
    cloud.clients.sqs.send_message_batch(QueueUrl=cloud.commands_url, Entries=entries)  # type: ignore[arg-type]
    entry = {"EventBusName": BUS, "Source": "s", "DetailType": "t", "Detail": '{"a": "b"}'}
    cloud.clients.events.put_events(Entries=[entry, entry])  # type: ignore[list-item]

    bill = meter.take_bill()

    assert (bill.sqs, bill.bus, bill.requests) == (2, 2, 0)
    assert meter.sent["commands"] == ["x" * 40_000] * 2
    assert bill.bytes > 80_000


def test_bills_add_up_and_are_shared() -> None:
    whole = Bill(table=2, reads=1) + Bill(table=1, index=3)

    assert whole.written == 6
    assert whole - Bill(index=3) == Bill(table=3, reads=1)
    assert whole / 2 == Bill(table=1.5, index=1.5, reads=0.5)
