"""What a sign-up costs in the plain design, ten messages an invocation."""

import warnings
from importlib import import_module
from types import ModuleType

import pytest
from moto import mock_aws

from tests.benchmarks import load
from tests.benchmarks.bill import Bill
from tests.benchmarks.cost.deployment import PLATFORM_BYTES
from tests.benchmarks.cost.output import printed
from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.cost.simulators import simulators
from tests.benchmarks.cost.stage import THROUGH
from tests.benchmarks.meter import Meter
from tests.integration.aws.cloud import FAKE_ACCOUNT, REGION

TEN = 10  # messages of a batch without a window
TABLE, BUS = "idempotency", "bus"


def plain() -> Bill:
    """Return the bill of a sign-up."""
    with pytest.MonkeyPatch.context() as patch, simulators() as found, mock_aws(config=THROUGH):
        for name, value in {**FAKE_ACCOUNT, "PROVIDER_URL": found.coniq.url}.items():
            patch.setenv(name, value)
        warnings.filterwarnings("ignore", message="No application metrics to publish")
        design = import_module("tests.benchmarks.plain")  # makes its clients when it is imported
        _create(design)
        meter = Meter(table=TABLE, region=REGION)
        with meter.on(design.store.client, design.events()):
            with printed(design.SERVICE):
                design.handler({"Records": _records(0)}, load.Context())
            meter.take_bill()
            with printed(design.SERVICE) as output:
                answer = design.handler({"Records": _records(TEN)}, load.Context())
            assert answer == {"batchItemFailures": []}
            bill = meter.take_bill()
    seconds = PRICES.gigabyte_seconds("plain", records=TEN)
    whole = bill + Bill(
        sqs=TEN + 2,  # a rule sends each, and Lambda receives and deletes ten a call
        invocations=1,
        gigabyte_seconds=seconds,
        logged=PLATFORM_BYTES + len(output.getvalue().encode()),
    )
    return whole / TEN


def _create(design: ModuleType) -> None:
    design.store.client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    design.events().create_event_bus(Name=BUS)


def _records(first: int) -> list[dict[str, object]]:
    return [load.record(number) for number in range(first, first + TEN)]
