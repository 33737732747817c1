"""Runs with operators and deployments that change things meanwhile, and their verdict."""

from collections.abc import Iterator
from dataclasses import replace

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.program import Program, Refusal
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.row import Row
from tests.simulation.operators import RENAMED, Changes, Operators, Stage
from tests.simulation.report import Report
from tests.simulation.run import Run
from tests.simulation.scenario import SignUp, issuance_key_of
from tests.simulation.seeds import drawn
from tests.simulation.verdict import Verdict


class OperatedVerdict(Verdict):
    """A program in force at a sign-up's time decides about it; no slip refuses for good."""

    changes: Changes

    def _outcome(self, sign_up: SignUp, program: Program) -> Iterator[str]:
        versions = self.changes.of(program)
        problems = [[*super(OperatedVerdict, self)._outcome(sign_up, one)] for one in versions]
        if [] in problems or self._may_have_missed(sign_up, program):
            return
        yield from problems[0]

    def _may_have_missed(self, sign_up: SignUp, program: Program) -> bool:
        """Whether the sign-up may have come while the program was changed, and is not lost."""
        if program.name in self.changes.removed or self._was_asked_for_more(sign_up, program):
            return True
        if program.name not in self.changes.versions or sign_up.times[0] > self.changes.until:
            return False
        return any(self._has_come(sign_up, row) for row in self._ledger.rows.values())

    def _was_asked_for_more(self, sign_up: SignUp, program: Program) -> bool:
        """Whether its row belongs to a changed program that required more consents for a while."""
        person = self._scenario.person_of(sign_up)
        key = "" if person is None else issuance_key_of(program, person.customer_id)
        row = self._ledger.rows.get(key)
        if not isinstance(row, Issuance) or row.reason != Refusal.CONSENT_MISSING:
            return False
        return row.program.removesuffix(RENAMED) in self.changes.versions

    def _has_come(self, sign_up: SignUp, row: Row) -> bool:
        """Whether the sign-up is in a row, maybe as a later one of the same customer."""
        person = self._scenario.person_of(sign_up)
        if isinstance(row, Issuance) and person is not None:
            return row.customer_id == person.customer_id
        return isinstance(row, Resolution | UnmatchedSignUp) and row.signup_id == sign_up.signup_id

    def _refusal(self, row: Issuance) -> Iterator[str]:
        name = row.program.removesuffix(RENAMED)
        if name in self.changes.removed and row.reason == Refusal.PROGRAM_REMOVED:
            return
        if name in self.changes.versions and row.reason == Refusal.CONSENT_MISSING:
            return
        if row.reason == Refusal.PROGRAM_REMOVED and name != row.program:
            yield from self._ended(replace(row, program=name))
            return
        yield from super()._refusal(replace(row, program=name))


class OperatedRun(Run):
    """A run with operators."""

    judge = OperatedVerdict

    def operate(self, *, seed: int, chaos: float) -> None:
        """Schedule the operators' actions of this seed."""
        programs = self.here.programs
        assert isinstance(programs, list)
        self.scenario = replace(self.scenario, programs=tuple(programs))
        stage = Stage(
            world=self.world,
            programs=programs,
            accounts=self.here.accounts,
            deployed=self.here.deployed,
            ledger=self.ledger,
        )
        self.operators = Operators(stage, seed=seed, chaos=chaos)
        self.operators.begin()

    def verdict(self) -> Verdict:
        verdict = super().verdict()
        assert isinstance(verdict, OperatedVerdict)
        verdict.changes = self.operators.changes
        return verdict


def run_operated(seed: int) -> Report:
    """Run a seed with operators under its own faults."""
    run = drawn(OperatedRun, seed)
    run.operate(seed=seed, chaos=run.conditions.chaos)
    run.go(chaos=run.conditions.chaos)
    report = run.report(seed)
    for act in run.operators.done:
        run.world.steps[f"operator {act}"] += 1
    return report
