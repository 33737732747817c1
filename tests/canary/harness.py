"""The real handlers with their real wiring, on moto and the simulators, with a settable clock."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from types import MappingProxyType

from typer.testing import CliRunner, Result

from couponbus.aws.clients import Clients
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.names import stored_as
from couponbus_cli.app.stage import Stage, target_of
from couponbus_cli.app.world import World, open_world
from couponbus_cli.main import app
from couponbus_sandbox.coniq import ConiqSandbox
from functions.audit_barcodes.handler import handler as audit_barcodes
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.publish_events.handler import handler as publish_events
from functions.sweep_due.handler import handler as sweep_due
from tests.canary import kept, planted
from tests.canary.kept import Item
from tests.canary.observer import Observer
from tests.canary.planted import Person
from tests.functions.invocation import FakeContext
from tests.unit.cli.stage import FakeDeployment

STAGE = Stage("dev")
TABLE = f"couponbus-{STAGE}"
NOTHING: Mapping[str, object] = MappingProxyType({})
MOMENT = 0.02  # of real time
FUNCTIONS = (
    "issue_barcodes",
    "publish_events",
    "sweep_due",
    "audit_barcodes",
    "schedule_polls",
    "poll_redemptions",
    "receive_callback",
    "fan_out_webhooks",
    "deliver_webhooks",
)


class TurnedClock:
    """The time of this machine plus what a test added; sleep advances it after a real moment.

    In that moment a receiver can answer: a worker that polls would otherwise see it hang.
    """

    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(min(max(seconds, 0.0), MOMENT))
        self.ahead += timedelta(seconds=max(seconds, 0.0))


class CanaryHarness:
    """One deployed couponbus with its observers."""

    secrets: Sequence[str] = planted.ALWAYS

    def __init__(self, *, clients: Clients, coniq: ConiqSandbox, observer: Observer) -> None:
        self.coniq = coniq
        self.observer = observer
        self.clock = TurnedClock()
        self.clients = clients
        self.open_stage = cache(_opened)
        self._numbers = iter(range(1, 100))
        self._noted: set[str] = set()

    def person(self) -> Person:
        """Return a new customer."""
        return Person(number=next(self._numbers))

    def sign_up(self, **customer: object) -> str:
        """Return the sign-up of a new customer; see `sign_up_of`."""
        return self.sign_up_of(self.person(), customer=customer)

    def sign_up_of(
        self,
        person: Person,
        *,
        source: str = "shop",
        signup_id: str | None = None,
        customer: Mapping[str, object] = NOTHING,
    ) -> str:
        """Return a sign-up with everything private that one can carry."""
        who = {
            "coniq_customer_id": 1000 + person.number,
            "email": planted.EMAIL,
            "birth_date": planted.BIRTH_DATE,
            "uniqodo_user_id": person.uniqodo_user,
            "koupon_consumer": person.koupon_consumer,
            **customer,
        }
        detail = {
            "signup_id": signup_id or f"signup-{person.number}",
            "occurred_at": "2026-01-31T12:00:00Z",
            "customer": {name: value for name, value in who.items() if value is not None},
            "attributes": {"telephone": planted.TELEPHONE, "e-mail": planted.EMAIL},
            "traceparent": planted.EMAIL,
        }
        return json.dumps({"detail-type": "CustomerSignedUp", "source": source, "detail": detail})

    def issue(self, *bodies: str) -> None:
        records = records_of(bodies)
        self.run_observed(lambda: issue_barcodes({"Records": records}, FakeContext()))  # type: ignore[typeddict-item]

    def sweep(self) -> None:
        """Let much time pass, sweep, and handle the hints that the sweeper sends."""
        self.sweep_alone()
        self.issue(*self.taken("SIGNUPS_QUEUE_URL"))

    def sweep_alone(self) -> None:
        """Let much time pass, and sweep."""
        self.clock.sleep(1_000)
        self.run_observed(lambda: sweep_due({}, FakeContext()))

    def stream(self) -> None:
        """Give all rows to the publisher, as the stream would."""
        self.show(self.rows())

    def show(self, items: Sequence[Item]) -> None:
        """Give these items to the publisher."""
        records = [
            {"dynamodb": {"SequenceNumber": str(number), "NewImage": item}}
            for number, item in enumerate(items)
        ]
        self.run_observed(lambda: publish_events({"Records": records}, FakeContext()))  # type: ignore[typeddict-item]

    def log(self) -> list[str]:
        """Give CloudWatch a line that names each traced row; return the trace ids."""
        target = target_of(STAGE)
        trace = stored_as("trace_id")
        traced = {
            str(item[trace]["S"]): str(item["pk"]["S"]) for item in self.rows() if trace in item
        }
        line = {"traces": {"issued": [*traced]}, "rows": {"issued": [*traced.values()]}}
        group, client = target.log_group("issue_barcodes"), target.logs()
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="live")
        client.put_log_events(
            logGroupName=group,
            logStreamName="live",
            logEvents=[
                {
                    "timestamp": round(self.clock.now().timestamp() * 1000),
                    "message": json.dumps({"message": "batch done", **line}),
                }
            ],
        )
        return [*traced]

    def audit(self) -> None:
        self.run_observed(lambda: audit_barcodes({}, FakeContext()))

    def command(self, *arguments: str) -> None:
        """Run `couponbus` as an operator would."""
        # In a thread its calls begin at another depth. Below all those of pytest the interpreter
        # took and gave back memory for nearly each of them, which cost as much as the command.
        with ThreadPoolExecutor(1) as thread:
            result = thread.submit(self._invoked, arguments).result()
        self.observer.note("command", result.output + str(result.exception or ""))
        self._look_into_the_ledger()

    def _invoked(self, arguments: Sequence[str]) -> Result:
        return CliRunner().invoke(app, [*arguments, "--stage", STAGE], obj=self.open_stage)

    def run_observed(self, work: Callable[[], object]) -> None:
        """Run `work` under observation."""
        self.observer.observe(work)
        self._look_into_the_ledger()

    def listen_again(self) -> None:
        """Observe the loggers that a library has silenced by a filter."""
        for logger in map(logging.getLogger, list(logging.root.manager.loggerDict)):
            logger.filters.clear()

    def rows(self) -> list[Item]:
        return [item for item in kept.items_of(TABLE) if kept.kind_of(item) in KINDS]

    def kinds(self) -> set[str]:
        """Return the kinds of the stored items."""
        return {kept.kind_of(item) for item in kept.items_of(TABLE)}

    def restart(self) -> None:
        """Start cold, with the present settings."""
        for folder in FUNCTIONS:
            import_module(f"functions.{folder}.wiring").service.cache_clear()

    def keep_secret(self, name: str, text: str) -> None:
        self.clients.secrets.put_secret_value(SecretId=name, SecretString=text)

    def hits(self) -> list[planted.Hit]:
        """Return the leaks; the names in watch commands are allowed in their queue only."""
        for index, item in kept.items_of_indexes(TABLE):
            self.observer.note("indexes", kept.scanned_of_index(index, item))
        self._look_into_the_ledger()
        numbers = [str(each["barcode_number"]) for each in self.coniq.barcodes()]
        found = planted.hits(self.observer.seen, [*self.secrets, *numbers])
        return [hit for hit in found if hit.place != "customers" or hit.secret in planted.KEYS]

    def taken(self, queue: str) -> list[str]:
        """Take all messages out of the queue that this setting names."""
        return list(self._taken(os.environ[queue]))

    def _taken(self, url: str) -> Iterator[str]:
        sqs = self.clients.sqs
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in found:
                yield each["Body"]
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])

    def _look_into_the_ledger(self) -> None:
        """Observe what the ledger holds now and did not hold before."""
        found = {kept.scanned(item) for item in kept.items_of(TABLE)} - self._noted
        for text in found:
            self.observer.note("ledger", text)
        self._noted |= found


def records_of(bodies: Sequence[str]) -> list[dict[str, str]]:
    """Return messages as Lambda delivers them."""
    return [{"messageId": f"message-{number}", "body": body} for number, body in enumerate(bodies)]


def _opened(stage: Stage) -> World:
    return replace(open_world(stage), deployment=FakeDeployment())
