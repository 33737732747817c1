"""Months pass, the table deletes expired rows, and the same people sign up again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from couponbus.aws.ledger import retention
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from tests.simulation.course import silence
from tests.simulation.report import Report
from tests.simulation.run import Run
from tests.simulation.scenario import SignUp, issuance_key_of, resolution_key_of
from tests.simulation.seeds import drawn
from tests.simulation.settings import SETTLE
from tests.simulation.verdict import Verdict

HOURS = timedelta(hours=2)  # more than a first round takes
LATE = timedelta(hours=48)  # DynamoDB deletes expired rows so late, and shows them until then
WITHIN = 300.0  # seconds in which the second round comes


class ExpiredVerdict(Verdict):
    """What the table deleted after its last sign-up is gone, and not owed again."""

    sent: dict[str, float]
    deleted: dict[str, float]

    def _outcome(self, sign_up: SignUp, program: Program) -> Iterator[str]:
        person = self._scenario.person_of(sign_up)
        keys = [resolution_key_of(program, sign_up.signup_id)]
        keys += [] if person is None else [issuance_key_of(program, person.customer_id)]
        if not any(self.deleted.get(key, -1.0) >= self.sent[sign_up.signup_id] for key in keys):
            yield from super()._outcome(sign_up, program)

    def _barcode(self, row: Issuance) -> Iterator[str]:
        yield from super()._barcode(row)
        is_old = row.barcode is not None and row.barcode.number in self._coniq.forgotten
        if is_old and row.attempt > 0:
            yield f"I3 {row.key}: the barcode of an issuance that was deleted"


class ExpiredRun(Run):
    """A second round of known and new sign-ups, around the time at which the table expires rows."""

    judge = ExpiredVerdict
    kept = retention.PUBLISHED
    issuances_kept: timedelta | None = None

    def expire(self, *, seed: int) -> None:
        """Let months pass, and schedule the deletions and the second round."""
        self.chance = Random(f"expiry {seed}")
        self.witness.violations += self.verdict().problems()
        with silence():  # late effects at Coniq happen before
            self.world.run(until=self.world.now + 2 * SETTLE)
        gap = self.kept + self.chance.choice((-HOURS, HOURS, LATE + HOURS))
        self.world.leap(gap.total_seconds())
        for key in sorted(self.ledger.rows):
            self._delete_some_time(key)
        self._sign_up_again()

    def verdict(self) -> Verdict:
        verdict = super().verdict()
        assert isinstance(verdict, ExpiredVerdict)
        verdict.sent, verdict.deleted = self.sent, self.deleted
        return verdict

    def prepare(self) -> None:
        super().prepare()
        self.sent = {one.signup_id: one.times[-1] for one in self.scenario.sign_ups}
        self.deleted: dict[str, float] = {}

    def _delete_some_time(self, key: str) -> None:
        """Delete a row now, during the second round, or not in this run unless that is too late."""
        when = self.chance.choice((0.0, self.chance.uniform(0.0, WITHIN), None))
        if self._is_over(key, late=LATE):
            self._delete(key)
        elif when is not None:
            self.world.after(when, partial(self._delete, key))

    def _delete(self, key: str) -> None:
        if not self._is_over(key, late=timedelta(0)):
            return
        row = self.ledger.rows[key]
        self.world.steps[f"deleted {type(row).__name__}"] += 1
        self.ledger.delete(key)
        self.deleted[key] = self.world.now
        if isinstance(row, Issuance) and not self._may_be_forgotten(row):
            self.witness.report_violation(f"I2 {key}: deleted too soon, in the state {row.state}")
        else:
            self.witness.forget(key)

    def _is_over(self, key: str, *, late: timedelta) -> bool:
        row = self.ledger.rows[key]
        if row.unpublished:  # it is for minutes, which the leap of the clock made months
            return False
        until = retention.kept_until(row, decided=self.issuances_kept)
        return until is not None and until + late <= self.world.moment()

    def _may_be_forgotten(self, row: Issuance) -> bool:
        """Whether an operator who has chosen this retention may expect that it is deleted."""
        is_told = not row.unpublished and row.due_at is None
        is_final = row.state in (IssuanceState.ISSUED, IssuanceState.REJECTED)
        kept = self.issuances_kept
        if kept is None or row.decided_at is None or not (is_final and is_told):
            return False
        return row.decided_at + kept <= self.world.moment()

    def _sign_up_again(self) -> None:
        """Send known sign-ups once more, and new ones of the same people."""
        known = self.scenario.sign_ups
        for sign_up in known:
            if self.chance.random() < 0.5:
                self._send(sign_up, self.world.now + self.chance.uniform(0.0, WITHIN))
        again = [
            replace(
                sign_up,
                signup_id=f"{sign_up.signup_id}-again",
                times=(self.world.now + self.chance.uniform(0.0, WITHIN),),
            )
            for sign_up in known
        ]
        for sign_up in again:
            self._send(sign_up, sign_up.times[0])
        self.scenario = replace(self.scenario, sign_ups=[*known, *again])

    def _send(self, sign_up: SignUp, when: float) -> None:
        self.sent[sign_up.signup_id] = when
        self._arrive(when, sign_up.body)


class RetainedRun(ExpiredRun):
    """The same in a stage that keeps decided issuances for the shortest time that it may."""

    kept = retention.DECIDED_LEAST
    issuances_kept = retention.DECIDED_LEAST

    def expire(self, *, seed: int) -> None:
        self._audited()  # what was in doubt is kept until it was audited
        super().expire(seed=seed)

    def report(self, seed: int | str) -> Report:
        self._audited()
        self.go(chaos=self.world.now)  # a tick may just have handed something over
        return super().report(seed)

    def _audited(self) -> None:
        """Run an audit: a barcode of an issuance that was deleted is no second one."""
        with silence():
            self.world.run(until=self.world.now + 2 * SETTLE)
        found = self.audit()
        for code in found.duplicates:
            if len(self.coniq.coded(code)) < 2:
                self.witness.report_violation(f"I1 {code}: the audit reports one barcode as two")
        for code in found.refused:
            if not self.coniq.coded(code):
                self.witness.report_violation(f"I3 {code}: the audit reports what was deleted")


def run_retained(seed: int) -> Report:
    """Run a seed in a stage with a retention of issuances, and a second round after it."""
    return _run(drawn(RetainedRun, seed), seed)


def run_expired(seed: int) -> Report:
    """Run a seed under its own faults, and a second round after months."""
    return _run(drawn(ExpiredRun, seed), seed)


def _run(run: ExpiredRun, seed: int) -> Report:
    run.go(chaos=run.conditions.chaos)
    run.expire(seed=seed)
    run.go(chaos=run.world.now)
    return run.report(seed)
