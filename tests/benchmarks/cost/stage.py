"""The set-up of a deployment: moto, the simulated providers, settings, secrets, programs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module

import pytest
from moto import mock_aws
from moto.core.config import DefaultConfig

from couponbus.aws.clients import Clients
from couponbus.aws.clock import SystemClock
from couponbus.aws.programs import DynamoPrograms
from tests.benchmarks import ours
from tests.benchmarks.cost.deployment import TABLE, Deployment
from tests.benchmarks.cost.simulators import KEY, Simulators
from tests.benchmarks.cost.waiting_clock import WaitingClock
from tests.benchmarks.meter import Meter
from tests.benchmarks.webhooks.functions import signing_secret
from tests.integration.aws.cloud import FAKE_ACCOUNT, REGION
from tests.integration.aws.table import table_description

# Simulators are called over real HTTP; everything else is moto.
THROUGH: DefaultConfig = {"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}
QUEUES = (
    "notifications",
    "quarantine",
    "unidentified",
    "signups",
    "polls",
    "deliveries",
    "redeliveries",
)
FUNCTIONS = (
    "issue_barcodes",
    "publish_events",
    "sweep_due",
    "schedule_polls",
    "poll_redemptions",
    "fan_out_webhooks",
    "deliver_webhooks",
)
ENDPOINTS_MAX = 3
ELSEWHERE = ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE")  # of a measured process that has another AWS


@contextmanager
def a_deployment(simulators: Simulators) -> Iterator[Deployment]:
    """Deploy with a program for each of `SOURCES`; nothing is left behind."""
    clock = WaitingClock()
    simulators.reset(clock.now())
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in FAKE_ACCOUNT.items():
            patch.setenv(name, value)
        for name in ELSEWHERE:
            patch.delenv(name, raising=False)
        clients = _clients()
        stack.enter_context(mock_aws(config=THROUGH))
        for name, value in {**_settings(simulators), **_resources(clients)}.items():
            patch.setenv(name, value)
        patch.setattr(SystemClock, "now", lambda _: clock.now())
        patch.setattr(SystemClock, "sleep", lambda _, seconds: clock.sleep(seconds))
        patch.setattr("couponbus.runtime.start.Clients", lambda: clients)
        stack.callback(_restart)
        _restart()
        meter = Meter(table=TABLE, region=REGION)
        stack.enter_context(meter.on(clients.dynamodb, clients.sqs, clients.events))
        yield Deployment(meter=meter, clients=clients, clock=clock, simulators=simulators)


@cache
def _clients() -> Clients:
    """Return clients for all deployments: making them takes longer than most of the rest."""
    with mock_aws(config=THROUGH):
        clients = Clients()
        assert all((clients.dynamodb, clients.events, clients.secrets, clients.sqs))
        return clients


def _restart() -> None:
    for function in FUNCTIONS:
        import_module(f"functions.{function}.wiring").service.cache_clear()


def _settings(simulators: Simulators) -> Mapping[str, str]:
    polled = {
        "name": "main",
        "base_url": simulators.uniqodo.url,
        "secret_id": "uniqodo",
        "calls_per_second": 1_000_000,
        "calls_per_day": None,
        "max_interval_seconds": 172_800,
    }
    return {
        **ours.environment(provider_url=simulators.coniq.url),
        "TABLE_NAME": TABLE,
        "UNIQODO_ACCOUNTS": json.dumps([polled]),
        "KOUPON_ACCOUNTS": "[]",
        "WEBHOOKS_SECRET_ID": "webhooks",
    }


def _resources(clients: Clients) -> Mapping[str, str]:
    """Make table, bus, queues, secrets and programs; return the settings of the queues."""
    clients.dynamodb.create_table(**table_description(TABLE))
    clients.events.create_event_bus(Name="couponbus-bench")
    secrets = {
        "couponbus/bench/coniq/main": json.dumps({"api_key": KEY}),
        "couponbus/bench/pepper": "p" * 64,
        "uniqodo": json.dumps({"api_key": KEY}),
        "webhooks": signing_secret(ENDPOINTS_MAX),
    }
    for name, text in secrets.items():
        clients.secrets.create_secret(Name=name, SecretString=text)
    table = DynamoPrograms(client=clients.dynamodb, table=TABLE, clock=SystemClock(), seconds=0)
    for program in ours.PROGRAMS:
        table.put(program)
    return {
        f"{name.upper()}_QUEUE_URL": clients.sqs.create_queue(QueueName=name)["QueueUrl"]
        for name in QUEUES
    }
