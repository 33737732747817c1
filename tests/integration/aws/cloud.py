"""A small AWS in this process (moto) with the table, bus, queues and secrets of couponbus."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from couponbus.aws.clients import Clients
from couponbus.aws.ledger.codec import encode
from couponbus.domain.row import Row
from tests.integration.aws.cheaper import (
    answer_values_as_they_are,
    copy_tables_once,
    find_methods_once,
    know_the_services_of_couponbus,
    measure_items_once,
    read_models_once,
    sort_by_texts,
)
from tests.integration.aws.lagging import Lag
from tests.integration.aws.lending import LENDER, notice_sufferings
from tests.integration.aws.statements import understand_the_statements_of_the_ledger
from tests.integration.aws.table import table_description

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

read_models_once()
know_the_services_of_couponbus()
find_methods_once()
answer_values_as_they_are()
copy_tables_once()
measure_items_once()
sort_by_texts()
notice_sufferings()
understand_the_statements_of_the_ledger()

TABLE = "couponbus-test"
BUS = "couponbus-test"
REGION = "eu-west-1"
FAKE_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "test-key-not-real",
    "AWS_SECRET_ACCESS_KEY": "test-secret-not-real",
    "AWS_DEFAULT_REGION": REGION,
}


def bodies_in(queue_url: str) -> list[str]:
    """Return the messages of a queue without taking them."""
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[queue_url.rpartition("/")[2]]
    return [message.body for message in queue.messages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """What an adapter needs, and how to look into a queue without taking anything."""

    clients: Clients
    commands_url: str
    quarantine_url: str
    bodies_in: Callable[[str], list[str]] = bodies_in


@contextmanager
def a_cloud() -> Iterator[Cloud]:
    """Create all resources, and leave nothing behind."""
    before = {name: os.environ.get(name) for name in FAKE_ACCOUNT}
    os.environ.update(FAKE_ACCOUNT)
    try:
        with mock_aws(), LENDER.lent() as clients:
            create_table(clients.dynamodb)
            with Lag(table=TABLE, region=REGION).on(clients.dynamodb):
                yield furnished(clients)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def furnished(clients: Clients, *, bodies_in: Callable[[str], list[str]] = bodies_in) -> Cloud:
    """Create the bus and the queues."""
    clients.events.create_event_bus(Name=BUS)
    return Cloud(
        clients=clients,
        commands_url=clients.sqs.create_queue(QueueName="commands")["QueueUrl"],
        quarantine_url=clients.sqs.create_queue(QueueName="quarantine")["QueueUrl"],
        bodies_in=bodies_in,
    )


def create_table(client: "DynamoDBClient") -> None:
    """Make the table as the stack of the ledger describes it."""
    client.create_table(**table_description(TABLE))


def everything_on_the_bus_goes_to(queue_url: str, *, cloud: Cloud) -> None:
    """Subscribe a queue to the bus."""
    events, sqs = cloud.clients.events, cloud.clients.sqs
    pattern = '{"source": [{"prefix": "couponbus."}]}'
    events.put_rule(Name="everything", EventBusName=BUS, EventPattern=pattern)
    wanted = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    arn = wanted["Attributes"]["QueueArn"]
    events.put_targets(Rule="everything", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])


def damage(cloud: Cloud, row: Row) -> None:
    """Store a row in a state that no version of couponbus writes."""
    item = {**encode(row), "state": {"S": "NOBODY_KNOWS"}}
    cloud.clients.dynamodb.put_item(TableName=TABLE, Item=item)
