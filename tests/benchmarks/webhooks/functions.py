"""The three functions of webhooks as they are deployed, wired from an environment."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path

from couponbus.aws.clients import Clients
from couponbus.aws.clock import SystemClock
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.row import Row
from couponbus.domain.webhooks.directory import TenantEndpoints
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.runtime.queue_batches import SqsEvent
from functions.deliver_webhooks.handler import handler as deliver_webhooks
from functions.fan_out_webhooks.handler import handler as fan_out_webhooks
from functions.sweep_due.handler import handler as sweep_due
from tests.benchmarks.load import Context
from tests.benchmarks.surroundings import AWS
from tests.benchmarks.webhooks.events import TENANT

TABLE = "couponbus-bench-ledger"
SECRET = "whsec_dGVzdC1rZXktbm90LXJlYWwtLS0tLS0tLS0tLS0="
QUEUES = "https://sqs.eu-west-1.amazonaws.com/123456789012"
ACCOUNT = {  # the sweeper hands issuances over at the account's rate; there are none here
    "name": "main",
    "base_url": "https://coniq.invalid",
    "secret_id": "couponbus/bench/coniq/main",
    "calls_per_second": 3,
}
_numbers = count()


def names(endpoints: int) -> list[str]:
    """Return the ids of this number of endpoints."""
    return [f"endpoint-{number:02}" for number in range(endpoints)]


def signing_secret(endpoints: int) -> str:
    """Return the text of the secret that holds all signing secrets."""
    return json.dumps({name: [{"secret": SECRET, "until": None}] for name in names(endpoints)})


def environment(*, aws_url: str, clock_file: Path) -> Mapping[str, str]:
    """Return the three functions' environment as the stack sets it."""
    return {
        **AWS,
        "AWS_ENDPOINT_URL": aws_url,
        "STAGE": "local",
        "CLOCK_FILE": str(clock_file),
        "TABLE_NAME": TABLE,
        "BUS_NAME": "couponbus-bench",
        "NOTIFICATIONS_QUEUE_URL": f"{QUEUES}/notifications",
        "SIGNUPS_QUEUE_URL": f"{QUEUES}/sign-ups",
        "POLLS_QUEUE_URL": f"{QUEUES}/polls",
        "DELIVERIES_QUEUE_URL": f"{QUEUES}/deliveries",
        "REDELIVERIES_QUEUE_URL": f"{QUEUES}/redeliveries",
        "QUARANTINE_QUEUE_URL": f"{QUEUES}/quarantine",
        "WEBHOOKS_SECRET_ID": "couponbus/bench/webhooks",
        "CONIQ_ACCOUNTS": json.dumps([ACCOUNT]),
        "PUBLISH_GRACE_SECONDS": "60",
        "HANDOVER_SECONDS": "300",
    }


def fan_out(bodies: Iterable[str]) -> None:
    """Handle a batch. Raises AssertionError if a message would be redelivered."""
    context = Context(function_name="fan_out_webhooks")
    answer = fan_out_webhooks(_batch(bodies), context)
    assert answer == {"batchItemFailures": []}, answer


def deliver(bodies: Iterable[str]) -> None:
    """Handle a batch. Raises AssertionError if a message would be redelivered."""
    context = Context(function_name="deliver_webhooks")
    answer = deliver_webhooks(_batch(bodies), context)
    assert answer == {"batchItemFailures": []}, answer


def sweep() -> None:
    """Run one tick of the sweeper."""
    sweep_due({}, Context(function_name="sweep_due"))


def have(rows: Sequence[Row]) -> None:
    """Store these rows."""
    clock = SystemClock()
    ledger = DynamoLedger(client=Clients().dynamodb, table=TABLE, clock=clock)
    assert not ledger.write([row.written("another-worker") for row in rows])


def tenant(*, urls: Sequence[str], pattern: str) -> list[Row]:
    """Return the rows of a tenant whose endpoints have this pattern."""
    listed = names(len(urls))
    return [
        TenantEndpoints(directory_id=TENANT, endpoint_ids=tuple(listed)),
        *(
            Endpoint(
                endpoint_id=name,
                tenant=TENANT,
                url=url,
                pattern=pattern,
                created_at=SystemClock().now(),
            )
            for name, url in zip(listed, urls, strict=True)
        ),
    ]


def _batch(bodies: Iterable[str]) -> SqsEvent:
    return {"Records": [{"messageId": f"m-{next(_numbers)}", "body": body} for body in bodies]}
