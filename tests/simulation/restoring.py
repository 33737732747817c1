"""A table that is restored to an earlier hour in the middle of a run, by the runbook."""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from random import Random
from typing import cast

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore, restore_of
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.row import Row
from couponbus.usecases.issuing.last_restore import MARK_FRESH_FOR
from tests.simulation.report import Report
from tests.simulation.run import Run
from tests.simulation.seeds import drawn
from tests.simulation.settings import LIMIT

LEAP = 10**6
REMATCHED = 600.0  # seconds after which rematched sign-ups are in the ledger
OVER = 2.0  # seconds after which each earlier invocation is over
# Forgotten outcomes are published again, and attempts need one look-up only. An operator decides
# about barcodes under another program's prefix, and about attempts without a usable answer for as
# long as the table remembers. A barcode without a reference looks like another worker's.
NOT_JUDGED = re.compile(
    "^I[456] "
    "|ambiguous without need .(newer_barcode|unreadable_answer)."
    "|^I3 .*: what was issued for it is taken for one that was there"
)

type Copy = Callable[[Mapping[str, Row], Mapping[str, Row]], Mapping[str, Row]]


class RestoredRun(Run):
    """Some minutes of the ledger are lost, and the sign-ups up to then are sent again.

    In some runs a program is missing up to the backup: its sign-ups are kept, and matched again in
    the lost minutes, and once more at the end, as no producer has to send them again.
    """

    recovery = 7200.0

    def restore(self, *, seed: int, chaos: float) -> None:
        """Schedule the damage and the steps of the runbook."""
        self.chance = Random(f"restore {seed}")
        self.copy = self.chance.choice(COPIES)
        self.kept: set[str] = set()
        self.back_to = self.chance.uniform(10.0, 0.4 * chaos)
        stop = self.back_to + self.chance.uniform(20.0, 0.4 * chaos)
        self.world.at(self.back_to, self._back_up)
        if seed % 4 == 1:
            self._take_a_program_away(Random(f"missing {seed}"))
        self.world.at(stop, self._begin)
        self.world.at(stop + LIMIT + OVER, self._bring_back)

    def end_restore(self) -> None:
        """Declare the lost minutes filled; rematch the kept sign-ups, and send the rest again."""
        mark = self.ledger.rows[RESTORE_KEY]
        assert isinstance(mark, Restore)
        done = mark.done(now=self.world.moment(skew=0.0)).written("operator")
        self.ledger.memory.rows[RESTORE_KEY] = done
        self._rematch()
        after, self.kept = REMATCHED if self.kept else 0.0, set()
        self._send_again(after=after)

    def problems(self) -> list[str]:
        return [one for one in super().problems() if not NOT_JUDGED.search(one)]

    def _take_a_program_away(self, chance: Random) -> None:
        programs = cast("list[Program]", self.here.programs)
        self.scenario = dataclasses.replace(self.scenario, programs=tuple(programs))
        missing = chance.choice([one for one in programs if one.valid_until is None])
        programs.remove(missing)
        self.world.at(self.back_to, partial(self._put_back, missing))

    def _put_back(self, program: Program) -> None:
        cast("list[Program]", self.here.programs).append(program)
        # Where only gaps are filled, a kept sign-up may have been matched, and its issuance be
        # gone.
        if self.copy is not _what_is_gone:
            self.kept = {row.signup_id for row in _kept_in(self.backup)}
        self._rematch()

    def _back_up(self) -> None:
        self.backup = dict(self.ledger.rows)

    def _rematch(self) -> None:
        now = self.world.moment(skew=0.0)
        again = [row.rematching(now=now) for row in _kept_in(self.ledger.rows)]
        self.ledger.memory.rows.update({row.key: row.written("operator") for row in again})

    def _begin(self) -> None:
        """Stop the workers, and write the restore mark."""
        stopped = self.world.now
        self.world.note("operator", f"restore, {self.copy.__name__}")
        self.world.stopped_until = stopped + LIMIT + OVER + MARK_FRESH_FOR.total_seconds()
        mark = restore_of(
            to=self.world.moment(skew=self.back_to - stopped), at=self.world.moment(skew=LIMIT)
        ).written("operator")
        self.mark = mark
        self._send_again(after=self.chance.uniform(LIMIT + 20.0, 400.0))

    def _bring_back(self) -> None:
        backup = {
            key: replace(row, revision=row.revision + LEAP) for key, row in self.backup.items()
        }
        rows = self.copy(self.ledger.rows, backup)
        now = self.world.moment(skew=0.0)
        started = [_due_itself(row, now) for row in rows.values()]
        self.ledger.bring_back([*started, self.mark])

    def _send_again(self, *, after: float) -> None:
        """Send all sign-ups so far again, even those from before the backup: some waited then."""
        for sign_up in self.scenario.sign_ups:
            if sign_up.times[0] <= self.world.now and sign_up.signup_id not in self.kept:
                later = after + self.chance.uniform(0.0, 60.0)
                self._arrive(self.world.now + later, sign_up.body)


def _of_a_lost_table(rows: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Return the backup: newer rows are gone."""
    del rows
    return backup


def _over_what_there_is(rows: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Return the backup over the damaged rows: newer ones stay beside it."""
    return {**rows, **backup}


def _what_is_gone(rows: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Return the backup for every second row, as if these had been deleted."""
    left = {key: rows[key] for key in sorted(rows)[::2]}
    return {**backup, **left}


def _due_itself(row: Row, now: datetime) -> Row:
    """Return an open attempt as `couponbus restore start` makes it due: its batch may be closed."""
    is_open = isinstance(row, Issuance) and row.state is IssuanceState.REQUESTED
    return row.handed_over(until=now) if is_open and row.due_at is None else row


def _kept_in(rows: Mapping[str, Row]) -> Sequence[UnmatchedSignUp]:
    return [row for row in rows.values() if isinstance(row, UnmatchedSignUp) and row.is_kept]


COPIES: Sequence[Copy] = (_of_a_lost_table, _over_what_there_is, _what_is_gone)


def run_restored(seed: int) -> Report:
    """Run a seed with a restore, under its own faults."""
    run = drawn(RestoredRun, seed)
    run.restore(seed=seed, chaos=run.conditions.chaos)
    run.go(chaos=run.conditions.chaos)
    has_kept = bool(run.kept)
    run.end_restore()
    run.go(chaos=run.world.now)
    report = run.report(seed)
    run.world.steps[f"restored {run.copy.__name__}"] += 1
    run.world.steps["matched again"] += has_kept
    return report
