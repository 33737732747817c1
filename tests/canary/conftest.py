"""Harnesses for the tests; the polled providers and the clients are made once for all of them."""

from collections.abc import Iterator

import pytest

from couponbus.aws.clients import Clients
from tests.canary.harness import CanaryHarness
from tests.canary.polling import (
    PollingCanaryHarness,
    Providers,
    a_polling_harness,
    running_providers,
)
from tests.canary.stage import a_harness, made_clients
from tests.canary.webhooks import WebhookCanaryHarness, a_webhook_harness


@pytest.fixture(scope="session")
def providers() -> Iterator[Providers]:
    with running_providers() as running:
        yield running


@pytest.fixture(scope="session")
def clients() -> Clients:
    return made_clients()


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Iterator[CanaryHarness]:
    with a_harness(monkeypatch, clients) as opened:
        yield opened


@pytest.fixture
def polling(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, providers: Providers
) -> Iterator[PollingCanaryHarness]:
    with a_polling_harness(monkeypatch, clients, providers) as opened:
        yield opened


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Iterator[WebhookCanaryHarness]:
    with a_webhook_harness(monkeypatch, clients) as opened:
        yield opened
