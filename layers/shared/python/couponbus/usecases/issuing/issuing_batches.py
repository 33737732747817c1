"""The batch of a POST: opened before its claims, closed when all that it issued is published."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.issuing_batch import IssuingBatch, batch_of
from couponbus.domain.row import Row
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.publishing.publish_events import PublishEvents, PublishReport
from couponbus.usecases.store import Store, Stored
from couponbus.usecases.traces import Traced, trace_of


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingBatches:
    """Publishes what a batch has issued, and drops it from the batch (an open one is swept)."""

    store: Store
    publish_events: PublishEvents
    clock: Clock

    def open(
        self,
        issuances: Sequence[Issuance],
        *,
        claim_id: str,
        due_at: datetime,
        settled_at: datetime,
    ) -> IssuingBatch:
        """Store the batch under which these may be claimed then.

        Raises RowsBroken when it cannot be stored, LedgerUnavailable.
        """
        batch = batch_of(issuances, claim_id=claim_id, due_at=due_at, settled_at=settled_at)
        stored = self.store.write([batch])
        if not stored.written:
            raise RowsBroken([batch.key])
        return stored.written[0]

    def conclude(
        self,
        batch: IssuingBatch,
        claimed: Sequence[Issuance],
        stored: Stored[Issuance],
        *,
        run: Invocation,
    ) -> None:
        """Publish what was stored as issued; what still needs the batch is left to the sweeper."""
        moved = {each.attempted.key: each.stored for each in stored.conflicts}
        written = {row.key for row in stored.written}
        left = {
            one.key
            for one in claimed
            if one.key not in written and _still_needs(batch, moved.get(one.key, one))
        }
        # A claim that was refused may have been stored before that, by a write that was repeated.
        left |= run.broken.intersection(batch.issuance_keys)
        issued = [one for one in stored.written if batch.has_issued(one)]
        report = self.publish_events.publish(issued)
        run.bugs.extend(report.bugs)
        run.undone.update(report.causes.values())
        for one in issued:
            if one.key in report.causes:
                run.traces.add(Traced.FAILED, trace_of(one), key=one.key)
        with run.leaving(1, after=LedgerUnavailable):
            left |= {*report.failed}
            run.broken.update(self._drop(batch, left=left, due_at=batch.due_at))

    def take_over(self, batch: IssuingBatch) -> PublishReport:
        """Publish what its worker has issued; what it left without an outcome becomes due itself.

        Until `settled_at` a claim may still arrive: what shows none stays in the batch. What cannot
        be read or stored stays too, and is named as broken. Raises LedgerUnavailable.
        """
        now = self.clock.now()  # before the rows are read: what they show is not older
        rows = self.store.read(batch.issuance_keys)
        issuances = rows.of(Issuance)
        claimed = [one for one in issuances if batch.has_claimed(one)]
        released = self.store.write(
            [one.handed_over(until=max(now, one.ready_at or now)) for one in claimed]
        )
        report = self.publish_events.publish([one for one in issuances if batch.has_issued(one)])
        broken = rows.broken | released.broken
        failed = {*report.failed, *broken, *(each.attempted.key for each in released.conflicts)}
        expected = batch.missing(issuances) if now < batch.settled_at else set()
        due_at = batch.due_at if failed else batch.settled_at
        broken |= self._drop(batch, left=failed | expected, due_at=due_at)
        return replace(report, broken=report.broken | broken)

    def _drop(
        self, batch: IssuingBatch, *, left: Collection[str], due_at: datetime | None
    ) -> frozenset[str]:
        """Drop all others from the batch; return its key if no retry can store it so."""
        dropped = batch.left_with(left, due_at=due_at, now=self.clock.now())
        # A conflict means that a sweeper has taken it over, or another one.
        return self.store.write([dropped]).broken if dropped != batch else frozenset()


def _still_needs(batch: IssuingBatch, row: Row | None) -> bool:
    """Whether an issuance that was changed meanwhile waits for its batch, or for its event."""
    return isinstance(row, Issuance) and (batch.has_claimed(row) or batch.has_issued(row))
