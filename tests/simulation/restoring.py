"""A table that is brought back to an earlier hour in the middle of a run, by the runbook."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from couponbus.domain.copying import replace
from couponbus.domain.restore import RESTORE_KEY, Restore, restore_of
from couponbus.domain.row import Row
from couponbus.usecases.last_restore import FRESH_FOR
from tests.simulation.report import Report
from tests.simulation.run import Run
from tests.simulation.seeds import drawn
from tests.simulation.settings import LIMIT

LEAP = 10**6
OVER = 2.0  # seconds after which each invocation is over that was begun before
# Outcomes that the table has forgotten are published again, and attempts need one look-up only;
# what was issued under another program's prefix is left to an operator, and so is what had no
# usable answer for as long as the table remembers; what comes back without a reference looks like
# what another has made.
NOT_JUDGED = re.compile(
    "^I[456] "
    "|ambiguous without need .(newer_barcode|unreadable_answer)."
    "|^I3 .*: what was issued for it is taken for one that was there"
)

type Copy = Callable[[Mapping[str, Row], Mapping[str, Row]], Mapping[str, Row]]


class RestoredRun(Run):
    """Some minutes of the ledger are lost, and what was sent until then is sent again."""

    recovery = 7200.0

    def restore(self, *, seed: int, chaos: float) -> None:
        """Put the damage, and the steps of the runbook, on the agenda."""
        self.chance = Random(f"restore {seed}")
        self.copy = self.chance.choice(COPIES)
        self.back_to = self.chance.uniform(10.0, 0.4 * chaos)
        stop = self.back_to + self.chance.uniform(20.0, 0.4 * chaos)
        self.world.at(self.back_to, self._back_up)
        self.world.at(stop, self._begin)
        self.world.at(stop + LIMIT + OVER, self._bring_back)

    def end_restore(self) -> None:
        """Declare the lost minutes filled, and let every sign-up come once more."""
        mark = self.ledger.rows[RESTORE_KEY]
        assert isinstance(mark, Restore)
        done = mark.done(now=self.world.moment(skew=0.0)).written("operator")
        self.ledger.memory.rows[RESTORE_KEY] = done
        self._send_again(after=0.0)

    def problems(self) -> list[str]:
        return [one for one in super().problems() if not NOT_JUDGED.search(one)]

    def _back_up(self) -> None:
        self.backup = dict(self.ledger.rows)

    def _begin(self) -> None:
        """Stop the workers, and mark the table."""
        stopped = self.world.now
        self.world.note("operator", f"restore, {self.copy.__name__}")
        self.world.stopped_until = stopped + LIMIT + OVER + FRESH_FOR.total_seconds()
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
        self.ledger.bring_back([*rows.values(), self.mark])

    def _send_again(self, *, after: float) -> None:
        """Send what was sent so far: before the backup as well, for some of it waited then."""
        for sign_up in self.scenario.sign_ups:
            if sign_up.times[0] <= self.world.now:
                later = after + self.chance.uniform(0.0, 60.0)
                self._arrive(self.world.now + later, sign_up.body)


def _of_a_lost_table(rows: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Bring all back: what is newer is gone."""
    del rows
    return backup


def _over_what_there_is(rows: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Replace what was damaged: what is newer stays beside it."""
    return {**rows, **backup}


def _what_is_gone(rows: Mapping[str, Row], backup: Mapping[str, Row]) -> Mapping[str, Row]:
    """Fill gaps: each second row was deleted."""
    left = {key: rows[key] for key in sorted(rows)[::2]}
    return {**backup, **left}


COPIES: Sequence[Copy] = (_of_a_lost_table, _over_what_there_is, _what_is_gone)


def run_restored(seed: int) -> Report:
    """Run a seed with a restore, under its own faults."""
    run = drawn(RestoredRun, seed)
    run.restore(seed=seed, chaos=run.conditions.chaos)
    run.go(chaos=run.conditions.chaos)
    run.end_restore()
    run.go(chaos=run.world.now)
    report = run.report(seed)
    run.world.steps[f"restored {run.copy.__name__}"] += 1
    return report
