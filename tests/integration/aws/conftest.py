"""A fresh small AWS for each test, with an SDK that retries without waiting."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from tests.fakes.clock import ManualClock
from tests.integration.aws.cloud import TABLE, Cloud, a_cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with a_cloud() as made:
        yield made


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ledger(cloud: Cloud, clock: ManualClock) -> DynamoLedger:
    return DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=clock)
