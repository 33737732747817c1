"""Bugs about what is stored, published and kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.reopening import may_reopen, reopened
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from couponbus.usecases.causes import Cause
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.issuing.resolve_customers import Known, ResolveCustomers
from couponbus.usecases.outbox.sweep_due import SweepDue
from couponbus.usecases.publishing import event_metadata
from couponbus.usecases.publishing.event_mapping import announcement
from couponbus.usecases.publishing.publish_events import PublishEvents, _Progress
from couponbus.usecases.store import Store, Stored
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.ports import SimulatedBus
from tests.simulation.process import Surroundings


def _another_id_each_time() -> Patch:
    numbers = count(1)

    def numbered(*, entity: str, detail_type: str, version: int) -> str:
        return f"{detail_type} {next(numbers)}"

    return Patch(event_metadata, "event_id", numbered)


def _without_publishing() -> Patch:
    is_due = SweepDue._is_due

    def unpublished_ignored(self: SweepDue, row: Row) -> bool:
        return is_due(self, row) and not row.unpublished

    return Patch(SweepDue, "_is_due", unpublished_ignored)


def _all_taken(self: PublishEvents, rows: Sequence[Row], run: _Progress) -> Sequence[Row]:
    announced = [(row, event) for row in rows if (event := announcement(row)) is not None]
    self.bus.publish([event for _, event in announced])
    return [row for row, _ in announced]


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlyStore(Store):
    """Publishes before it stores."""

    bus: SimulatedBus

    def write[R: Row](self, rows: Sequence[R]) -> Stored[R]:
        decided = [row for row in rows if row.outcomes and isinstance(row, Issuance)]
        events = [event for row in decided if (event := announcement(row))]
        if events:
            self.bus.publish(events)
        return Store.write(self, rows)


def _published_first() -> Patch:
    issuer = Surroundings.issuer

    def publishing_first(self: Surroundings) -> IssueBarcodes:
        job = issuer(self)
        step = job.request_barcodes
        store = step.store
        early = _EarlyStore(ledger=store.ledger, ids=store.ids, clock=store.clock, bus=self.bus)
        return replace(job, request_barcodes=replace(step, store=early))

    return Patch(Surroundings, "issuer", publishing_first)


def _nothing_is_own(self: Store, conflict: Conflict) -> bool:
    return False


def _nothing_is_lost(self: Invocation, rows: Iterable[Row], *, why: Cause) -> None:
    return None


def _forgotten_first() -> Patch:
    resolve = ResolveCustomers.resolve

    def forgetting(
        self: ResolveCustomers,
        resolutions: Sequence[Resolution],
        programs: Mapping[str, Program],
        *,
        run: Invocation,
    ) -> list[Known]:
        known = resolve(self, resolutions, programs, run=run)
        self.conclude(known, run=run)
        return [(one, issuance) for one, issuance in known if one.revision == 0] + [
            (one.written("-"), issuance) for one, issuance in known if one.revision > 0
        ]

    return Patch(ResolveCustomers, "resolve", forgetting)


def _reopened_unpublished() -> Patch:
    standing = Admission._standing

    def careless(
        self: Admission, conflict: Conflict, *, now: datetime, run: Invocation
    ) -> Issuance | None:
        stored, attempted = conflict.stored, conflict.attempted
        if isinstance(stored, Issuance) and isinstance(attempted, Issuance):
            another = stored.signup_id != attempted.signup_id
            if may_reopen(stored) and another and attempted.revision == 1:
                return reopened(stored, by=attempted, now=now)
        return standing(self, conflict, now=now, run=run)

    return Patch(Admission, "_standing", careless)


NO_SELF_RECOGNITION = Mutant(
    name="one's own write is not recognised",
    shows=("I9",),
    patches=(Patch(Store, "_is_own", _nothing_is_own),),
)
MUTANTS_OF_PUBLISHING = (
    Mutant(
        name="a random event id",
        shows=("I5", "I4"),
        patches=(_another_id_each_time(),),
    ),
    Mutant(
        name="no sweep for events",
        shows=("I2", "I4"),
        patches=(_without_publishing(),),
    ),
    Mutant(
        name="refused entries are ignored",
        shows=("I4",),
        patches=(Patch(PublishEvents, "_published", _all_taken),),
    ),
    Mutant(
        name="published before it is stored",
        shows=("I5",),
        patches=(_published_first(),),
    ),
    Mutant(
        name="a message is acknowledged though nothing is stored",
        shows=("I2",),
        patches=(Patch(Invocation, "mark_unsaved", _nothing_is_lost),),
    ),
    Mutant(
        name="reopened before its refusal is published",
        shows=("I2", "I4"),
        patches=(_reopened_unpublished(),),
    ),
    Mutant(
        name="an e-mail is forgotten before the issuance is stored",
        shows=("I2",),
        patches=(_forgotten_first(),),
    ),
)
