"""Theatres for the tests; the polled providers and the clients are made once for all of them."""

from collections.abc import Iterator

import pytest

from couponbus.aws.clients import Clients
from tests.canary.polling import (
    PollingTheatre,
    Providers,
    a_polling_theatre,
    running_providers,
)
from tests.canary.stage import a_theatre, made_clients
from tests.canary.theatre import Theatre
from tests.canary.webhooks import WebhookTheatre, a_webhook_theatre


@pytest.fixture(scope="session")
def providers() -> Iterator[Providers]:
    with running_providers() as running:
        yield running


@pytest.fixture(scope="session")
def clients() -> Clients:
    return made_clients()


@pytest.fixture
def theatre(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Iterator[Theatre]:
    with a_theatre(monkeypatch, clients) as opened:
        yield opened


@pytest.fixture
def polling(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, providers: Providers
) -> Iterator[PollingTheatre]:
    with a_polling_theatre(monkeypatch, clients, providers) as opened:
        yield opened


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Iterator[WebhookTheatre]:
    with a_webhook_theatre(monkeypatch, clients) as opened:
        yield opened
