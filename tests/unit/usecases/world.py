"""All dependencies of the use cases, in memory, with a manual clock."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.row import Row
from couponbus.domain.tenancy import ANY_TENANT, Tenancy
from couponbus.events.commands import ContinueWork
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.issuing import assembly as issuing_assembly
from couponbus.usecases.issuing import audit_assembly
from couponbus.usecases.issuing.audit_barcodes import AuditReport
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.messages import Message
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.sweep_due import SweepDue, SweepReport
from couponbus.usecases.publishing import assembly as publishing_assembly
from couponbus.usecases.publishing.publish_events import PublishEvents
from tests import factories
from tests.fakes.barcodes import MemoryBarcodes
from tests.fakes.clock import ManualClock
from tests.fakes.event_bus import MemoryBus
from tests.fakes.ids import CountingIds
from tests.fakes.programs import MemoryPrograms
from tests.fakes.pseudonyms import PlainPseudonyms
from tests.fakes.queues import MemoryCommands, MemoryQuarantine, MemoryUnidentified
from tests.fakes.rate_limiter import PLENTY, MemoryRateLimiter
from tests.fakes.unreliable_ledger import UnreliableLedger

BRAND = "brand"
OFFER_ID = 7
INVOCATION = 60.0
TIMING = factories.any_timing()
PROGRAM = Program(
    name="welcome",
    pattern={"detail-type": ["CustomerSignedUp"]},
    account=BRAND,
    offer_id=OFFER_ID,
    channel=Channel.MAIL,
    tracking_prefix="",
    required_consents=(),
    minimum_age=None,
    valid_from=None,
    valid_until=None,
    precheck_existing=False,
)


def continued(*rows: Row) -> Message:
    """Return the sweeper's command that names these rows."""
    command = ContinueWork(keys=tuple(row.key for row in rows))
    return Message(message_id="continued", body=command.model_dump_json())


def message(
    customer_id: int | None = 42,
    *,
    signup_id: str = "signup-1",
    message_id: str | None = None,
    email: str | None = None,
    consents: Sequence[str] = (),
    occurred_at: str = "2026-06-01T11:59:00Z",
    **customer: object,
) -> Message:
    """Return a sign-up as a producer sends it to the queue."""
    who = {"coniq_customer_id": customer_id, "email": email, **customer}
    detail = {
        "signup_id": signup_id,
        "occurred_at": occurred_at,
        "customer": {name: value for name, value in who.items() if value is not None},
        "consents": list(consents),
    }
    return Message(message_id=message_id or f"m-{signup_id}", body=json.dumps(detail))


class World:
    """The whole product in one process; `cycle` is one tick of the sweeper and what follows."""

    def __init__(
        self,
        *programs: Program,
        accounts: Sequence[Account] = (),
        tenancy: Tenancy = ANY_TENANT,
        calls_per_second: float = PLENTY,
        ledger: UnreliableLedger | None = None,
    ) -> None:
        self.tenancy = tenancy
        self.clock = ManualClock()
        self.ledger = ledger or UnreliableLedger()
        self.barcodes = MemoryBarcodes(clock=self.clock)
        self.limiter = MemoryRateLimiter(
            clock=self.clock, calls_per_second={BRAND: calls_per_second}
        )
        self.bus = MemoryBus()
        self.commands = MemoryCommands()
        self.polls = MemoryCommands()
        self.redeliveries = MemoryCommands()
        self.quarantine = MemoryQuarantine()
        self.unidentified = MemoryUnidentified()
        self.pseudonyms = PlainPseudonyms()
        self.programs = MemoryPrograms(*(programs or (PROGRAM,)))
        self.ids = CountingIds()
        self.base = Foundation(ledger=self.ledger, clock=self.clock, ids=self.ids, timing=TIMING)
        named = accounts or (replace(factories.any_account(), name=BRAND),)
        self.accounts = {account.name: account for account in named}
        self._issue_barcodes = self._assembled()

    def handle(self, *messages: Message, within: float = INVOCATION) -> BatchResult:
        """Run one invocation of issue_barcodes with these messages."""
        return self._issue_barcodes.handle(messages, deadline=self.in_seconds(within))

    def publish(self) -> None:
        """Publish the owed events of every row."""
        self.publisher().handle(list(self.ledger.rows.values()))

    def publisher(self) -> PublishEvents:
        return publishing_assembly.publish_events(self.base, bus=self.bus)

    def sweep(self, *, within: float = INVOCATION) -> SweepReport:
        return self.sweeper().handle(deadline=self.in_seconds(within))

    def sweeper(self) -> SweepDue:
        return outbox_assembly.sweep_due(
            self.base,
            bus=self.bus,
            commands=self.commands,
            polls=self.polls,
            redeliveries=self.redeliveries,
            limiter=self.limiter,
            accounts=self.accounts,
        )

    def deliver(self) -> BatchResult:
        """Run one invocation with every command that was sent."""
        sent, self.commands.sent = self.commands.sent, []
        bodies = [command.model_dump_json() for command in sent]
        return self.handle(
            *(Message(message_id=f"c-{index}", body=body) for index, body in enumerate(bodies))
        )

    def cycle(self, *, seconds: float = 60.0) -> BatchResult:
        """Let time pass, run the sweeper, then deliver its commands."""
        self.clock.pass_time(seconds)
        self.sweep()
        return self.deliver()

    def audit(self, *, within: float = INVOCATION) -> AuditReport:
        auditor = audit_assembly.audit_barcodes(
            self.base, barcodes=self.barcodes, limiter=self.limiter, accounts=self.accounts
        )
        return auditor.handle(deadline=self.in_seconds(within))

    def in_seconds(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def store(self, *rows: Issuance | Resolution) -> None:
        """Put rows into the ledger as another worker's first revision."""
        for row in rows:
            self.ledger.rows[row.key] = row.written("another-worker")

    @property
    def issuances(self) -> list[Issuance]:
        return [row for row in self.ledger.rows.values() if isinstance(row, Issuance)]

    @property
    def resolutions(self) -> list[Resolution]:
        return [row for row in self.ledger.rows.values() if isinstance(row, Resolution)]

    @property
    def issuance(self) -> Issuance:
        """Return the only one."""
        (only,) = self.issuances
        return only

    @property
    def states(self) -> list[IssuanceState]:
        return [one.state for one in self.issuances]

    @property
    def published_types(self) -> list[str]:
        """Return the types of the events on the bus, in order."""
        return [event.detail_type for event in self.bus.events]

    def _assembled(self) -> IssueBarcodes:
        return issuing_assembly.issue_barcodes(
            self.base,
            programs=self.programs,
            barcodes=self.barcodes,
            limiter=self.limiter,
            quarantine=self.quarantine,
            unidentified=self.unidentified,
            pseudonyms=self.pseudonyms,
            polls=self.polls,
            bus=self.bus,
            accounts=self.accounts,
            tenancy=self.tenancy,
        )


def assert_waits_unwritten(world: World) -> None:
    """Process the row that waits for its look-up once more: it is counted, and not written."""
    waiting = world.issuance

    world.clock.pass_time(70)
    report = world.handle(continued(waiting))

    assert waiting.lookup_first
    assert report.metrics[Metric.POSTPONED] == 1
    assert world.issuance == waiting
