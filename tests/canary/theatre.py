"""The real handlers with their real wiring, on moto and the simulator, with a clock to turn."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import cast

import pytest
from moto import mock_aws
from moto.core.config import DefaultConfig
from typer.testing import CliRunner

from cli.main import app
from cli.queues import QUEUES
from cli.stage import Stage, target_of
from cli.world import World, open_world
from couponbus.aws.clients import Clients
from couponbus.aws.clock import SystemClock
from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.barcode import Channel
from couponbus.domain.program import Program
from functions.audit_barcodes.handler import handler as audit_barcodes
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.publish_events.handler import handler as publish_events
from functions.sweep_due.handler import handler as sweep_due
from sandbox.coniq import ApiAccount, ConiqSandbox, ConiqSettings, NewCustomer, coniq_server
from tests.canary import planted
from tests.canary.eyes import Eyes, open_eyes, without
from tests.functions.invocation import FakeContext
from tests.integration.aws import cloud as aws
from tests.unit.cli.stage import FakeDeployment

type Item = Mapping[str, Mapping[str, object]]

STAGE = Stage.DEV
ACCOUNT = "main"
FUNCTIONS = ("issue_barcodes", "publish_events", "sweep_due", "audit_barcodes")
# A simulator is reached for real; everything else is moto.
THROUGH: DefaultConfig = {"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}
ALLOWED = {
    # The ledger is where barcodes are kept; an e-mail only while Coniq is asked for it.
    "ISSUANCE": ("barcode", "candidates"),
    "RESOLUTION": ("email",),
}
SECONDS = {
    "SETTLE": 6,
    "ANSWERED_SETTLE": 2,
    "BETWEEN_LOOKS": 2,
    "POST": 0.5,
    "RESOLVE_FOR": 5_000,
    "PUBLISH_GRACE": 10,
    "HANDOVER": 5,
}


class TurnedClock:
    """The time of this machine and what a test added; sleeping only turns the hands."""

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=max(seconds, 0.0))


class Theatre:
    """One deployed couponbus and who watches it."""

    def __init__(self, *, clients: Clients, coniq: ConiqSandbox, eyes: Eyes) -> None:
        self.coniq = coniq
        self.eyes = eyes
        self.clock = TurnedClock()
        self._clients = clients
        self._numbers = iter(range(1, 10_000))

    def sign_up(self, **customer: object) -> str:
        """Return a sign-up with everything private that one can carry."""
        number = next(self._numbers)
        who = {"coniq_customer_id": 1000 + number, "email": planted.EMAIL, **customer}
        detail = {
            "signup_id": f"signup-{number}",
            "occurred_at": "2026-01-31T12:00:00Z",
            "customer": {
                "birth_date": planted.BIRTH_DATE,
                **{name: value for name, value in who.items() if value is not None},
            },
            "attributes": {"telephone": planted.TELEPHONE, "e-mail": planted.EMAIL},
        }
        return json.dumps({"detail-type": "CustomerSignedUp", "source": "shop", "detail": detail})

    def issue(self, *bodies: str) -> None:
        records = [
            {"messageId": f"message-{number}", "body": body} for number, body in enumerate(bodies)
        ]
        self.eyes.watch(lambda: issue_barcodes({"Records": records}, FakeContext()))  # type: ignore[typeddict-item]

    def sweep(self) -> None:
        """Let much time pass, sweep, and do what the sweeper asks for."""
        self.clock.sleep(1_000)
        self.eyes.watch(lambda: sweep_due({}, FakeContext()))
        self.issue(*self._commands())

    def stream(self) -> None:
        """Show all rows to the publisher, as the stream would."""
        self.show(self.rows())

    def show(self, items: Sequence[Item]) -> None:
        """Show these items to the publisher."""
        records = [
            {"dynamodb": {"SequenceNumber": str(number), "NewImage": item}}
            for number, item in enumerate(items)
        ]
        self.eyes.watch(lambda: publish_events({"Records": records}, FakeContext()))  # type: ignore[typeddict-item]

    def audit(self) -> None:
        self.eyes.watch(lambda: audit_barcodes({}, FakeContext()))

    def command(self, *arguments: str) -> None:
        """Run `couponbus` as an operator would."""
        result = CliRunner().invoke(app, [*arguments, "--stage", STAGE.value], obj=_open)
        self.eyes.note("command", result.output + str(result.exception or ""))

    def listen_again(self) -> None:
        """Hear loggers that somebody has silenced."""
        for logger in map(logging.getLogger, list(logging.root.manager.loggerDict)):
            logger.filters.clear()

    def rows(self) -> list[Item]:
        pages = self._clients.dynamodb.get_paginator("scan").paginate(TableName=_table())
        items = [item for page in pages for item in page["Items"]]
        kinds = [str(item["pk"].get("S")).partition("#")[0] for item in items]
        return [
            cast("Item", item)
            for kind, item in zip(kinds, items, strict=True)
            if kind in ("ISSUANCE", "RESOLUTION", "REJECTION")
        ]

    def restart(self, **settings: str) -> None:
        """Begin cold, with settings changed."""
        os.environ.update(settings)
        for folder in FUNCTIONS:
            import_module(f"functions.{folder}.wiring").service.cache_clear()

    def keep_secret(self, name: str, text: str) -> None:
        self._clients.secrets.put_secret_value(SecretId=name, SecretString=text)

    def hits(self) -> list[planted.Hit]:
        """Return what was seen that must not be, in the ledger too."""
        for item in self.rows():
            kind = str(item["pk"]["S"]).partition("#")[0]
            waits = kind != "RESOLUTION" or item["state"] == {"S": "WAITING"}
            self.eyes.note("ledger", without(item, ALLOWED.get(kind, ()) if waits else ()))
        numbers = [str(each["barcode_number"]) for each in self.coniq.barcodes()]
        return planted.hits(self.eyes.seen, [*planted.ALWAYS, *numbers])

    def _commands(self) -> Sequence[str]:
        url, bodies = os.environ["SIGNUPS_QUEUE_URL"], []
        while found := self._clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for each in found:
                bodies.append(each["Body"])
                self._clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return bodies


@contextmanager
def a_theatre(monkeypatch: pytest.MonkeyPatch) -> Iterator[Theatre]:
    """Deploy, plant the secrets, open all eyes."""
    settings = ConiqSettings(accounts=(ApiAccount(name=ACCOUNT, api_key=planted.API_KEY),))
    with ExitStack() as stack:
        coniq = stack.enter_context(coniq_server(settings))
        for name, value in aws.FAKE_ACCOUNT.items():
            monkeypatch.setenv(name, value)
        stack.enter_context(mock_aws(config=THROUGH))
        eyes = stack.enter_context(open_eyes(monkeypatch))
        clients = Clients()
        theatre = Theatre(clients=clients, coniq=coniq, eyes=eyes)
        monkeypatch.setattr(SystemClock, "now", lambda _: theatre.clock.now())
        monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: theatre.clock.sleep(seconds))
        _furnish(monkeypatch, clients, coniq)
        theatre.restart()
        yield theatre
        theatre.restart()


def accounts_at(url: str) -> str:
    """Return the setting that leads to Coniq at this address."""
    account = {"name": ACCOUNT, "base_url": url, "secret_id": "key", "calls_per_second": 1000}
    return json.dumps([account])


def _furnish(monkeypatch: pytest.MonkeyPatch, clients: Clients, coniq: ConiqSandbox) -> None:
    monkeypatch.setattr(aws, "TABLE", _table())
    aws.create_table(clients.dynamodb)
    clients.events.create_event_bus(Name="bus")
    target = target_of(STAGE)
    urls = {
        name: clients.sqs.create_queue(QueueName=target.part(name))["QueueUrl"] for name in QUEUES
    }
    clients.secrets.create_secret(Name="key", SecretString=json.dumps({"api_key": planted.API_KEY}))
    clients.secrets.create_secret(Name="pepper", SecretString=planted.PEPPER)
    coniq.add_customers(NewCustomer(customer_id=77, email=planted.EMAIL))
    _program(clients)
    environment = {
        "STAGE": STAGE.value,
        "TABLE_NAME": _table(),
        "BUS_NAME": "bus",
        "QUARANTINE_QUEUE_URL": urls["quarantine"],
        "SIGNUPS_QUEUE_URL": urls["signups"],
        "PEPPER_SECRET_ID": "pepper",
        "CONIQ_ACCOUNTS": accounts_at(coniq.url),
        **{f"{name}_SECONDS": str(value) for name, value in SECONDS.items()},
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def _program(clients: Clients) -> None:
    programs = DynamoPrograms(
        client=clients.dynamodb, table=_table(), clock=SystemClock(), seconds=0
    )
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
        )
    )


def _table() -> str:
    return target_of(STAGE).table


def _open(stage: Stage) -> World:
    return replace(open_world(stage), deployment=FakeDeployment())
