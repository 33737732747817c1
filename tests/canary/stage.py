"""The set-up of a harness: moto, the simulated Coniq, settings, secrets and programs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest
from moto import mock_aws
from moto.core.config import DefaultConfig

from couponbus.aws.clients import Clients
from couponbus.aws.clock import SystemClock
from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import PollPolicy, WatchRule
from couponbus.domain.provider import Provider
from couponbus_cli.app.queues import QUEUES
from couponbus_cli.app.stage import target_of
from couponbus_sandbox.coniq import (
    ApiAccount,
    ConiqSandbox,
    ConiqSettings,
    NewCustomer,
    coniq_server,
)
from couponbus_sandbox.uniqodo import ONE_USE, THREE_USES
from tests.canary import planted
from tests.canary.harness import STAGE, TABLE, CanaryHarness
from tests.canary.observer import Observer, observing
from tests.integration.aws import cloud as aws

ACCOUNT = "main"
CLUB = "club"  # the source of sign-ups that also match the program that only watches
# Simulators are called over real HTTP; everything else is moto.
THROUGH: DefaultConfig = {"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}
NOWHERE = "http://127.0.0.1:1"
SECONDS = {
    "SETTLE": 6,
    "ANSWERED_SETTLE": 2,
    "BETWEEN_LOOK_UPS": 2,
    "POST": 0.5,
    "RESOLVE_FOR": 5_000,
    "PUBLISH_GRACE": 10,
    "HANDOVER": 5,
}
SECRETS = {
    "key": json.dumps({"api_key": planted.API_KEY}),
    "uniqodo": json.dumps({"api_key": planted.UNIQODO_KEY}),
    "koupon": json.dumps(
        {"identifier": planted.KOUPON_IDENTIFIER, "secret": planted.KOUPON_SECRET}
    ),
    "pepper": planted.PEPPER,
    "sign-ups": planted.SIGN_UPS_SECRET,
    "callbacks": planted.PATH_SECRET,
    "webhooks": "{}",
}


def made_clients() -> Clients:
    """Return clients for all harnesses: making them takes longer than a short test."""
    with pytest.MonkeyPatch.context() as patch:
        # Before the mock, which restores what it finds; the patch undoes it afterwards.
        for name, value in aws.FAKE_ACCOUNT.items():
            patch.setenv(name, value)
        with mock_aws(config=THROUGH):
            clients = Clients()
            assert all((clients.dynamodb, clients.events, clients.secrets, clients.sqs))
            return clients


@contextmanager
def a_harness(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Iterator[CanaryHarness]:
    """Set up a harness whose polled providers are unreachable."""
    with a_stage(monkeypatch, clients) as (coniq, observer):
        harness = CanaryHarness(clients=clients, coniq=coniq, observer=observer)
        with at_work(harness, monkeypatch):
            yield harness


@contextmanager
def a_stage(
    monkeypatch: pytest.MonkeyPatch, clients: Clients
) -> Iterator[tuple[ConiqSandbox, Observer]]:
    """Deploy, plant the secrets, and start the observer."""
    settings = ConiqSettings(accounts=(ApiAccount(name=ACCOUNT, api_key=planted.API_KEY),))
    with ExitStack() as stack:
        coniq = stack.enter_context(coniq_server(settings))
        for name, value in aws.FAKE_ACCOUNT.items():
            monkeypatch.setenv(name, value)
        stack.enter_context(mock_aws(config=THROUGH))
        observer = stack.enter_context(observing(monkeypatch, clients.sqs, clients.events))
        for name, value in {**_create_resources(monkeypatch, clients), **_accounts(coniq)}.items():
            monkeypatch.setenv(name, value)
        coniq.add_customers(NewCustomer(customer_id=77, email=planted.EMAIL))
        yield coniq, observer


@contextmanager
def at_work(harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the whole product use the clock and the clients of the harness."""
    monkeypatch.setattr(SystemClock, "now", lambda _: harness.clock.now())
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: harness.clock.sleep(seconds))
    monkeypatch.setattr("couponbus.runtime.start.Clients", lambda: harness.clients)
    harness.restart()
    yield
    harness.restart()


def accounts_at(url: str) -> str:
    """Return the setting with Coniq at this address."""
    account = {"name": ACCOUNT, "base_url": url, "secret_id": "key", "calls_per_second": 1000}
    return json.dumps([account])


def polled_at(url: str, *, secret: str, calls_per_day: int | None = None) -> str:
    """Return the setting with a polled provider at this address."""
    account = {
        "name": ACCOUNT,
        "base_url": url,
        "secret_id": secret,
        "calls_per_second": 1000,
        "calls_per_day": calls_per_day,
        "max_interval_seconds": 172_800,
    }
    return json.dumps([account])


def _create_resources(monkeypatch: pytest.MonkeyPatch, clients: Clients) -> Mapping[str, str]:
    """Make table, bus, queues, secrets and programs, and return their settings."""
    monkeypatch.setattr(aws, "TABLE", TABLE)
    aws.create_table(clients.dynamodb)
    clients.events.create_event_bus(Name="bus")
    target = target_of(STAGE)
    urls = {
        name: clients.sqs.create_queue(QueueName=target.part(name))["QueueUrl"] for name in QUEUES
    }
    for name, text in SECRETS.items():
        clients.secrets.create_secret(Name=name, SecretString=text)
    _programs(clients)
    return {
        "STAGE": STAGE,
        "TABLE_NAME": TABLE,
        "BUS_NAME": "bus",
        "NOTIFICATIONS_QUEUE_URL": urls["notifications"],
        "QUARANTINE_QUEUE_URL": urls["quarantine"],
        "UNIDENTIFIED_QUEUE_URL": urls["unidentified"],
        "SIGNUPS_QUEUE_URL": urls["signups"],
        "POLLS_QUEUE_URL": urls["polls"],
        "DELIVERIES_QUEUE_URL": urls["deliveries"],
        "REDELIVERIES_QUEUE_URL": urls["redeliveries"],
        "SIGN_UP_TENANTS": "{}",
        "PEPPER_SECRET_ID": "pepper",
        "SIGN_UPS_SECRET_ID": "sign-ups",
        "WEBHOOKS_SECRET_ID": "webhooks",
        "PRODUCERS": "[]",
        "UNIQODO_CALLBACKS": json.dumps([{"name": ACCOUNT, "secret_id": "callbacks"}]),
        **{f"{name}_SECONDS": str(value) for name, value in SECONDS.items()},
    }


def _accounts(coniq: ConiqSandbox) -> Mapping[str, str]:
    return {
        "CONIQ_ACCOUNTS": accounts_at(coniq.url),
        "UNIQODO_ACCOUNTS": polled_at(NOWHERE, secret="uniqodo"),
        "KOUPON_ACCOUNTS": polled_at(NOWHERE, secret="koupon"),
    }


def _programs(clients: Clients) -> None:
    programs = DynamoPrograms(client=clients.dynamodb, table=TABLE, clock=SystemClock(), seconds=0)
    programs.put(
        Program(
            name="welcome",
            pattern={},
            account=ACCOUNT,
            offer_id=101,
            channel=Channel.MOBILE,
            tracking_prefix="",
            required_consents=(),
            minimum_age=18,
            valid_from=None,
            valid_until=None,
            precheck_existing=False,
            watches=(_order(Provider.UNIQODO, THREE_USES), _order(Provider.KOUPON, None)),
        )
    )
    programs.put(
        Program(
            name="watching",
            pattern={"source": [CLUB]},
            account=None,
            offer_id=None,
            channel=None,
            tracking_prefix="",
            required_consents=(),
            minimum_age=None,
            valid_from=None,
            valid_until=None,
            precheck_existing=False,
            watches=(_order(Provider.UNIQODO, ONE_USE),),
        )
    )


def _order(provider: Provider, promotion: str | None) -> WatchRule:
    return WatchRule(
        provider=provider,
        account=ACCOUNT,
        promotion=promotion,
        poll_policy=PollPolicy(),
        grace_seconds=86_400,
        warn_days=7,
    )
