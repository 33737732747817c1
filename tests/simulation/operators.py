"""Actions of operators and deployments in the middle of a run."""

from collections.abc import Callable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from couponbus.domain.issuing.account import Account, Lookup
from couponbus.domain.issuing.program import Program
from couponbus.domain.timing import Timing
from couponbus.usecases.issuing.refuse import PROGRAM_GRACE
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.settings import SETTLE, TIMING
from tests.simulation.world import World

GRACE = PROGRAM_GRACE.total_seconds()
SHORT = 0.6 * GRACE  # restored so soon it is never missed, even by a row that was read before
RENAMED = " (renamed)"
NOWHERE = {"source": ["no shop has this name"]}
TIMINGS: Sequence[Timing] = (
    TIMING,
    replace(TIMING, settle=2 * SETTLE, handover=300.0, backoff=20.0),
    replace(TIMING, answered_settle=60.0, publish_grace=90.0, backoff_cap=120.0),
    replace(TIMING, between_look_ups=60.0, slot_wait=2.0),
)


@dataclass(slots=True)
class Changes:
    """All changes to the programs, for the judges: `until` is when the last of them was over."""

    versions: dict[str, list[Program]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    until: float = 0.0

    def of(self, program: Program) -> Sequence[Program]:
        """Return every version of a program that was ever in force."""
        return (program, *self.versions.get(program.name, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What operators can reach: programs, accounts, deployed timings, rows."""

    world: World
    programs: MutableSequence[Program]
    accounts: dict[str, Account]
    deployed: list[Timing]
    ledger: SimulatedLedger


class Operators:
    """Perform some of their actions, at times that the seed decides, before `chaos` is over."""

    def __init__(self, stage: Stage, *, seed: int, chaos: float) -> None:
        self.changes = Changes()
        self.done: list[str] = []
        self._stage = stage
        self._chance = Random(f"operators {seed}")
        self._chaos = chaos

    def begin(self) -> None:
        """Schedule the operators' actions."""
        acts: Sequence[Callable[[], None]] = (
            self._remove,
            self._remove_for_good,
            self._rename,
            self._narrow,
            self._move_to_another_offer,
            self._ask_for_more,
            self._change_accounts,
            self._deploy,
            self._roll_back,
        )
        for act in self._chance.choices(acts, k=self._chance.choice((1, 2, 3))):
            when = self._chance.uniform(0.0, 0.5 * self._chaos)
            self._stage.world.at(when, partial(self._do, act))

    def _do(self, act: Callable[[], None]) -> None:
        self.done.append(act.__name__.strip("_"))
        self._stage.world.note("operator", self.done[-1])
        act()

    def _remove(self) -> None:
        self._for_a_while(lambda _: None)

    def _rename(self) -> None:
        self._for_a_while(lambda one: replace(one, name=one.name + RENAMED))

    def _narrow(self) -> None:
        self._for_a_while(lambda one: replace(one, pattern=NOWHERE))

    def _move_to_another_offer(self) -> None:
        self._for_a_while(lambda one: replace(one, offer_id=(one.offer_id or 0) + 100))

    def _ask_for_more(self) -> None:
        consents = ("marketing", "terms")
        self._for_a_while(lambda one: replace(one, required_consents=consents))

    def _remove_for_good(self) -> None:
        for program in self._some_program():
            self._stage.programs.remove(program)
            self.changes.removed.add(program.name)
            self.changes.until = max(self.changes.until, self._chaos)

    def _for_a_while(self, change: Callable[[Program], Program | None]) -> None:
        """Change or remove a program for a while, then restore it."""
        for program in self._some_program():
            other = change(program)
            self._stage.programs.remove(program)
            versions = self.changes.versions.setdefault(program.name, [])
            if other is not None:
                self._stage.programs.append(other)
                versions.append(other)
            over = self._stage.world.now + self._chance.uniform(5.0, SHORT)
            self.changes.until = max(self.changes.until, over)
            self._stage.world.at(over, partial(self._put_back, program, other))

    def _put_back(self, program: Program, other: Program | None) -> None:
        if other is not None:
            self._stage.programs.remove(other)
        self._stage.programs.append(program)

    def _some_program(self) -> Iterator[Program]:
        """Yield one program that was not changed yet, if there is any."""
        changed = {one.name for each in self.changes.versions.values() for one in each}
        left = [one for one in self._stage.programs if one.name not in changed]
        if left:
            yield self._chance.choice(left)

    def _change_accounts(self) -> None:
        for name, account in self._stage.accounts.items():
            self._stage.accounts[name] = replace(
                account,
                batch_max=self._chance.choice((1, 2, 200)),
                lookup=self._chance.choice(tuple(Lookup)),
            )

    def _deploy(self) -> None:
        """Give new processes another timing, while old ones keep theirs."""
        self._stage.deployed.append(self._chance.choice(TIMINGS))

    def _roll_back(self) -> None:
        """Deploy a version for a while that cannot read some rows of its successor."""
        ledger = self._stage.ledger
        keys = [key for key in ledger.rows if key.startswith(("ISSUANCE", "RESOLUTION"))]
        newer = set(self._chance.sample(sorted(keys), min(3, len(keys))))
        ledger.memory.broken |= newer
        self.done += ["met a row of a newer version"] * bool(newer)
        over = self._chance.uniform(30.0, 0.4 * self._chaos)
        self._stage.world.after(over, lambda: ledger.memory.broken.difference_update(newer))
