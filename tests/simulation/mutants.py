"""Known mistakes, planted in the real code one at a time: each of them must be noticed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from couponbus.domain import issuance as issuances
from couponbus.domain.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.domain.barcode import BarcodeRequest
from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.resolution import Resolution
from couponbus.domain.row import Row
from couponbus.providers.coniq import client
from couponbus.providers.coniq.matching import Matched
from couponbus.providers.coniq.wire import Reading
from couponbus.usecases import announcing
from couponbus.usecases.announcing import announcement
from couponbus.usecases.publish_events import PublishEvents
from couponbus.usecases.reconciling import Reconciling
from couponbus.usecases.requesting import Requesting
from couponbus.usecases.resolving import Resolving
from couponbus.usecases.round import Round
from couponbus.usecases.store import Store
from couponbus.usecases.sweep_due import SweepDue
from tests.simulation import stage

TIMEOUTS = ("read_timeout", "deadline_passed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake: what stands in the place of what, and how it should show."""

    name: str
    symptom: str
    patches: Sequence[tuple[object, str, object]]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Make the mistake for a while."""
        originals = [(owner, name, getattr(owner, name)) for owner, name, _ in self.patches]
        for owner, name, wrong in self.patches:
            setattr(owner, name, wrong)
        try:
            yield
        finally:
            for owner, name, original in originals:
                setattr(owner, name, original)


def _taken_for_refused(wrong: Callable[[Attempt], bool]) -> object:
    after = Requesting._after

    def _after(
        self: Requesting, issuance: Issuance, attempt: Attempt, **rest: object
    ) -> Issuance:
        if attempt.outcome is Outcome.UNKNOWN and wrong(attempt):
            attempt = replace(attempt, outcome=Outcome.REFUSED, blame=Blame.NOBODY)
        return after(self, issuance, attempt, **rest)  # type: ignore[arg-type]

    return _after


def _found_nothing(self: Reconciling, issuance: Issuance, until: object) -> Sequence[object]:
    return ()


def _another_id_each_time() -> object:
    numbers = count()
    return lambda **_: f"00000000-0000-0000-0000-{next(numbers):012d}"


def _claimed_briefly() -> object:
    claimed = Issuance.claimed

    def briefly(self: Issuance, *, ready_at: object, deadline: object, **rest: object) -> Issuance:
        soon = deadline - timedelta(seconds=55)  # type: ignore[operator]
        return claimed(self, ready_at=soon, deadline=deadline, **rest)  # type: ignore[arg-type]

    return briefly


def _by_position(
    requests: Sequence[BarcodeRequest], reading: Reading, **_: object
) -> Matched:
    missing = Attempt(outcome=Outcome.UNKNOWN, reason="missing_in_answer")
    found = [
        Attempt(outcome=Outcome.APPLIED, reason="issued", barcode=barcode)
        for barcode in reading.barcodes
    ]
    return Matched(attempts=[*found, *[missing] * len(requests)][: len(requests)], anomalies=0)


def _claimed_again(self: Reconciling, rows: Sequence[Issuance], *, turn: Round) -> list[Issuance]:
    now = self._clock.now()
    free = [
        row.released(now=now, until=now, why="lease expired", batch_limit=None) for row in rows
    ]
    return self._stored(free, turn=turn)


def _without_publishing() -> object:
    handle = SweepDue._due

    def _due(self: SweepDue, seen: set[str]) -> object:
        rows = handle(self, seen)
        return rows and [row for row in rows if not row.unpublished]

    return _due


def _marked_all_the_same(self: PublishEvents, rows: Sequence[Row]) -> list[str]:
    told = [(row, event) for row in rows if (event := announcement(row)) is not None]
    self._bus.publish([event for _, event in told])
    self._mark([row for row, _ in told])
    return []


def _published_first() -> object:
    write = Store.write

    def published_first(self: Store, rows: Sequence[Row]) -> object:
        fresh = [row for row in rows if isinstance(row, Issuance) and row.unpublished]
        events = [event for row in fresh if (event := announcement(row)) is not None]
        for bus in stage.BUSES:
            bus.publish(events)
        return write(self, rows)

    return published_first


def _forgets_first() -> object:
    resolve = Resolving.resolve

    def forgets(
        self: Resolving,
        resolutions: Sequence[Resolution],
        programs: Mapping[str, object],
        *,
        turn: Round,
    ) -> object:
        known = resolve(self, resolutions, programs, turn=turn)  # type: ignore[arg-type]
        now = self._clock.now()
        self._save(
            [
                one.resolved(customer_id=found.customer_id, now=now)
                for one, found in known
                if one.revision
            ],
            turn=turn,
        )
        return known

    return forgets


def _settled_too_soon() -> object:
    look_at = Requesting._look_at

    def soon(self: Requesting, issuance: Issuance, attempt: Attempt, *, now: object) -> object:
        return now + timedelta(seconds=5)  # type: ignore[operator]

    del look_at
    return soon


MUTANTS: Sequence[Mutant] = ()
