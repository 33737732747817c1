"""A fresh small AWS for each test, with an SDK that retries without waiting."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.rate_limit import Limits
from tests.fakes.clock import ManualClock
from tests.integration.aws.cloud import FAKE_ACCOUNT, TABLE, Cloud, a_cloud
from tests.integration.aws.faults import Faults, faults_on


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with a_cloud() as made:
        yield made


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FAKE_ACCOUNT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ledger(cloud: Cloud, clock: ManualClock) -> DynamoLedger:
    return DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=clock)


@pytest.fixture
def limiter(cloud: Cloud, clock: ManualClock) -> DynamoRateLimiter:
    return DynamoRateLimiter(
        client=cloud.clients.dynamodb,
        table=TABLE,
        clock=clock,
        provider="coniq",
        limits={"brand": Limits(calls_per_second=10.0)},
    )


@pytest.fixture
def script(cloud: Cloud) -> Iterator[Faults]:
    with faults_on(cloud.clients.dynamodb) as scripted:
        yield scripted
