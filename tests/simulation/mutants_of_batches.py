"""Bugs about the batch that is the only due entry of its issuances."""

from collections.abc import Collection, Sequence
from datetime import datetime

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.issuing_batch import IssuingBatch, batch_of
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.issuing_batches import IssuingBatches
from couponbus.usecases.issuing.request_barcodes import RequestBarcodes
from couponbus.usecases.publishing.publish_events import PublishReport
from couponbus.usecases.store import Stored
from tests.simulation.mutant import Mutant, Patch


def _claimed_first() -> Patch:
    request = RequestBarcodes._claim

    def claiming(
        self: RequestBarcodes, chunk: Sequence[Issuance], batch: IssuingBatch, *, run: Invocation
    ) -> Sequence[Issuance]:
        claimed = request(self, chunk, batch, run=run)
        if claimed:
            self.store.write([replace(batch, revision=0)])
        return claimed

    return Patch(RequestBarcodes, "_claim", claiming)


def _unstored(
    self: IssuingBatches,
    issuances: Sequence[Issuance],
    *,
    claim_id: str,
    due_at: datetime,
    settled_at: datetime,
) -> IssuingBatch:
    return batch_of(issuances, claim_id=claim_id, due_at=due_at, settled_at=settled_at)


def _closed_first() -> Patch:
    conclude = IssuingBatches.conclude

    def closing(
        self: IssuingBatches,
        batch: IssuingBatch,
        claimed: Sequence[Issuance],
        stored: Stored[Issuance],
        *,
        run: Invocation,
    ) -> None:
        self._drop(batch, left=(), due_at=None)
        conclude(self, batch, claimed, stored, run=run)

    return Patch(IssuingBatches, "conclude", closing)


def _nothing_is_claimed(self: IssuingBatch, issuance: Issuance) -> bool:
    return False


def _refused_are_dropped() -> Patch:
    drop = IssuingBatches._drop

    def dropping(
        self: IssuingBatches,
        batch: IssuingBatch,
        *,
        left: Collection[str],
        due_at: datetime | None,
    ) -> frozenset[str]:
        return drop(self, batch, left=(), due_at=due_at)

    return Patch(IssuingBatches, "_drop", dropping)


def _published_by_nothing(self: IssuingBatches, batch: IssuingBatch) -> PublishReport:
    rows = self.store.read(batch.issuance_keys).of(Issuance)
    now = self.clock.now()
    self.store.write([one.handed_over(until=now) for one in rows if batch.has_claimed(one)])
    self._drop(batch, left=(), due_at=None)
    return self.publish_events.publish(())


MUTANTS_OF_BATCHES = (
    Mutant(
        name="claims come before their batch",
        shows=("I2",),
        patches=(Patch(IssuingBatches, "open", _unstored), _claimed_first()),
    ),
    Mutant(
        name="a batch is closed before its events are published",
        shows=("I4",),
        patches=(_closed_first(),),
    ),
    Mutant(
        name="a batch is closed whatever the bus has refused",
        shows=("I4",),
        patches=(_refused_are_dropped(),),
    ),
    Mutant(
        name="the sweeper closes a batch and publishes nothing",
        shows=("I4",),
        patches=(Patch(IssuingBatches, "take_over", _published_by_nothing),),
    ),
    Mutant(
        name="the sweeper gives what was claimed no due entry of its own",
        shows=("I2",),
        patches=(Patch(IssuingBatch, "has_claimed", _nothing_is_claimed),),
    ),
)
