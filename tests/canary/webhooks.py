"""A harness that sends webhooks to receivers on this machine."""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest

from couponbus.aws.clients import Clients
from couponbus.aws.clock import RandomIds
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.copying import replace
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.manage_endpoints import EndpointSpec, ManagingEndpoints
from couponbus_sandbox.coniq import ConiqSandbox
from functions.deliver_webhooks.handler import handler as deliver_webhooks
from functions.fan_out_webhooks.handler import handler as fan_out_webhooks
from tests import factories
from tests.canary import kept, planted
from tests.canary.harness import TABLE, CanaryHarness, records_of
from tests.canary.observer import Observer
from tests.canary.stage import a_stage, at_work
from tests.functions.invocation import FakeContext
from tests.integration.sockets import scripts
from tests.integration.sockets.server import FaultyServer, Script, faulty_server
from tests.unit.usecases.webhooks.webhook_world import notification

SECONDS = 0.2  # of real time, for a receiver that is silent
PATH = f"/{planted.URL_TOKEN}?key={planted.URL_TOKEN}"
TAKEN = scripts.answer(b"", status="204 No Content")


class WebhookCanaryHarness(CanaryHarness):
    """A harness with endpoints; only their receivers may see the secrets that belong to them."""

    secrets = (*planted.ALWAYS, *planted.OF_WEBHOOKS)

    def __init__(
        self, *, clients: Clients, coniq: ConiqSandbox, observer: Observer, stack: ExitStack
    ) -> None:
        super().__init__(clients=clients, coniq=coniq, observer=observer)
        self._stack = stack
        self._names: list[str] = []
        self._fetched = 0

    def subscribe(
        self, name: str, script: Script = TAKEN, *, scopes: Sequence[str] = ()
    ) -> FaultyServer:
        """Return a new receiver, with an endpoint of this name."""
        receiver = self._stack.enter_context(faulty_server(script))
        spec = EndpointSpec(
            endpoint_id=name,
            tenant="default",
            url=receiver.url + PATH,
            description="",
            pattern="{}",
            scopes=tuple(scopes),
            rate=None,
        )
        ManagingEndpoints(store=self._store(), clock=self.clock).add(spec)
        self._names.append(name)
        secret = "whsec_" + base64.b64encode(planted.SIGNING_KEY.encode()).decode()
        document = {each: [{"secret": secret, "until": None}] for each in self._names}
        self.keep_secret("webhooks", json.dumps(document))
        return receiver

    def keep_redemption(self, *, custom_params: str) -> None:
        """Store a redemption that is not published yet, to which a shop attached this."""
        row = factories.any_recorded_redemption()
        attached = replace(row, tenant="default", custom_params=custom_params)
        assert self._store().put(attached)

    def keys(self, kind: str) -> list[str]:
        """Return the keys of all rows of a kind."""
        return [str(row["pk"]["S"]) for row in self.rows() if kept.kind_of(row) == kind]

    def fan_out(self, *bodies: str) -> None:
        """Handle these messages of the queue of notifications."""
        records = records_of(bodies)
        self.run_observed(lambda: fan_out_webhooks({"Records": records}, FakeContext()))  # type: ignore[typeddict-item]

    def fan_out_secret_event(self) -> None:
        """Fan out an event with a secret that only receivers may see."""
        event = factories.any_event()
        data = event.data.model_copy(update={"reason": planted.EVENT_SECRET})
        self.fan_out(notification(event.model_copy(update={"data": data})).body)

    def fan_out_published(self) -> None:
        """Fan out all events published since the last call."""
        sent = self.observer.seen["events"][self._fetched :]
        self._fetched += len(sent)
        self.fan_out(*(body for text in sent for body in _delivered(text)))

    def attempt(self, *bodies: str) -> None:
        """Handle these messages of a queue of deliveries."""
        records = records_of(bodies)
        self.run_observed(lambda: deliver_webhooks({"Records": records}, FakeContext()))  # type: ignore[typeddict-item]

    def deliver(self) -> None:
        """Make all first attempts that are enqueued."""
        self.attempt(*self.taken("DELIVERIES_QUEUE_URL"))

    def redeliver(self) -> None:
        """Let much time pass, and retry all due deliveries."""
        self.sweep_alone()
        self.attempt(*self.taken("REDELIVERIES_QUEUE_URL"))

    def states(self) -> set[str]:
        """Return the states of all deliveries."""
        rows = [row for row in self.rows() if str(row["pk"]["S"]).startswith("DELIVERY#")]
        return {str(row["state"]["S"]) for row in rows}

    def _store(self) -> Store:
        ledger = DynamoLedger(client=self.clients.dynamodb, table=TABLE, clock=self.clock)
        return Store(ledger=ledger, ids=RandomIds(), clock=self.clock)


@contextmanager
def a_webhook_harness(
    monkeypatch: pytest.MonkeyPatch, clients: Clients
) -> Iterator[WebhookCanaryHarness]:
    """Set one up on the local stage, where receivers may be on this machine."""
    monkeypatch.setattr("couponbus.providers.webhooks.sender.LONGEST_SECONDS", SECONDS)
    with ExitStack() as stack, a_stage(monkeypatch, clients) as (coniq, observer):
        harness = WebhookCanaryHarness(clients=clients, coniq=coniq, observer=observer, stack=stack)
        monkeypatch.setenv("STAGE", "local")
        with at_work(harness, monkeypatch):
            yield harness


def _delivered(put_events: str) -> Iterator[str]:
    """Yield the events of a call to the bus as a rule sends them to a queue."""
    for entry in json.loads(put_events)["Entries"]:
        yield json.dumps(
            {
                "source": entry["Source"],
                "detail-type": entry["DetailType"],
                "detail": json.loads(entry["Detail"]),
            }
        )
