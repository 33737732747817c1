"""The use cases on fakes, at the real time, because handlers read the real clock."""

from datetime import UTC, datetime

from couponbus.domain.issuing.program import Program
from couponbus.usecases.issuing import audit_assembly
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.outbox.sweep_due import SweepDue
from couponbus.usecases.publishing.publish_events import PublishEvents
from tests.unit.usecases.world import World


class IssuingHarness(World):
    """Every dependency that a handler takes."""

    def __init__(self, *programs: Program) -> None:
        super().__init__(*programs)
        self.clock.pass_time((datetime.now(UTC) - self.clock.now()).total_seconds())

    @property
    def issue_barcodes(self) -> IssueBarcodes:
        return self._assembled()

    @property
    def publish_events(self) -> PublishEvents:
        return self.publisher()

    @property
    def sweep_due(self) -> SweepDue:
        return outbox_assembly.sweep_due(
            self.base,
            bus=self.bus,
            commands=self.commands,
            polls=self.polls,
            redeliveries=self.redeliveries,
            limiter=self.limiter,
            accounts=self.accounts,
        )

    @property
    def audit_barcodes(self) -> AuditBarcodes:
        return audit_assembly.audit_barcodes(
            self.base, barcodes=self.barcodes, limiter=self.limiter, accounts=self.accounts
        )
