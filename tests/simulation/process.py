"""A warm process: use cases wired as in production, over simulated ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import override

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.program import Program
from couponbus.domain.timing import Timing
from couponbus.ports.shared import RateLimiter
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.issuing import assembly as issuing_assembly
from couponbus.usecases.issuing import audit_assembly
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.sweep_due import SweepDue
from couponbus.usecases.publishing import assembly as publishing_assembly
from couponbus.usecases.publishing.publish_events import PublishEvents
from tests.fakes.queues import MemoryCommands, MemoryUnidentified
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.simulation.coniq import Coniq
from tests.simulation.functions import ErrorLog, Function, Habits
from tests.simulation.keys import CachedKeys
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.pace import SharedRateLimits, SimulatedRateLimiter
from tests.simulation.ports import (
    CachedPrograms,
    CachedPseudonyms,
    CommandQueue,
    CountedIds,
    QuarantineQueue,
    SimulatedBus,
    SkewedClock,
)
from tests.simulation.transport import SimulatedTransport
from tests.simulation.witness import ObservedBarcodes, Witness
from tests.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all kinds of processes share; a new one uses the timing that was deployed last."""

    world: World
    timing: Timing
    programs: Sequence[Program]
    ledger: SimulatedLedger
    bus: SimulatedBus
    commands: CommandQueue
    polls: CommandQueue
    quarantine: QuarantineQueue
    unidentified: MemoryUnidentified = field(default_factory=MemoryUnidentified)
    redeliveries: DeliveryQueue = field(default_factory=MemoryCommands)
    deployed: list[Timing] = field(default_factory=list)

    @property
    def base(self) -> Foundation:
        return Foundation(
            ledger=self.ledger,
            clock=SkewedClock(self.world),
            ids=CountedIds(self.world),
            timing=self.deployed[-1] if self.deployed else self.timing,
        )

    def publisher(self) -> PublishEvents:
        return publishing_assembly.publish_events(self.base, bus=self.bus)

    def issuing(self) -> tuple[RateLimiter, Mapping[str, Account]]:
        """Return the rate limiter and the accounts at which barcodes are issued here: none."""
        return MemoryRateLimiter(clock=SkewedClock(self.world), calls_per_second={}), {}

    def sweeper(self) -> SweepDue:
        limiter, accounts = self.issuing()
        return outbox_assembly.sweep_due(
            self.base,
            bus=self.bus,
            commands=self.commands,
            polls=self.polls,
            redeliveries=self.redeliveries,
            limiter=limiter,
            accounts=accounts,
        )

    def publishing(self, habits: Habits, errors: ErrorLog) -> Function[PublishEvents]:
        return Function(self.world, errors, habits, name="publish", build=self.publisher)

    def sweeping(self, habits: Habits, errors: ErrorLog) -> Function[SweepDue]:
        return Function(
            self.world,
            errors,
            habits,
            name="sweep",
            build=self.sweeper,
            may_raise=(LedgerUnavailable,),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings(Ground):
    """What all processes share that call Coniq."""

    settle: float
    accounts: dict[str, Account]
    coniq: Coniq
    pace: SharedRateLimits
    witness: Witness

    @override
    def issuing(self) -> tuple[RateLimiter, Mapping[str, Account]]:
        return SimulatedRateLimiter(self.world, self.pace), self.accounts

    def issuer(self) -> IssueBarcodes:
        return issuing_assembly.issue_barcodes(
            self.base,
            programs=CachedPrograms(self.world, self.programs),
            barcodes=self.barcodes(),
            limiter=SimulatedRateLimiter(self.world, self.pace),
            quarantine=self.quarantine,
            unidentified=self.unidentified,
            pseudonyms=CachedPseudonyms(self.world),
            polls=self.polls,
            bus=self.bus,
            accounts=self.accounts,
        )

    def auditor(self) -> AuditBarcodes:
        return audit_assembly.audit_barcodes(
            self.base,
            barcodes=self.barcodes(),
            limiter=SimulatedRateLimiter(self.world, self.pace),
            accounts=self.accounts,
        )

    def barcodes(self) -> ObservedBarcodes:
        return ObservedBarcodes(self.client(), self.witness)

    def client(self) -> ConiqBarcodes:
        """Return the real client, over a transport that leads to the simulated Coniq."""
        return ConiqBarcodes(
            accounts=self.accounts,
            stage="test",
            keys=CachedKeys(self.world, self.coniq),
            transport=SimulatedTransport(self.world, self.coniq, settle=self.settle),
            clock=SkewedClock(self.world),
        )
