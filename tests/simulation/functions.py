"""What Lambda does: start invocations, end them in time, keep processes warm or not."""

from collections.abc import Callable
from dataclasses import dataclass

from couponbus.domain.errors import LedgerUnavailable
from tests.simulation.settings import LIMIT
from tests.simulation.witness import Witness
from tests.simulation.world import Invocation, World

KILLED_LATE = 0.7  # seconds (RELIABILITY 2.1)
SCHEDULED = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the platform treats the functions in a run; `warm` is how often a process is kept."""

    concurrency: int
    batch: int
    window: float
    warm: float
    skew: float
    stream_tries: int


class Function[P]:
    """One function: each invocation gets a process that `build` makes, or an idle one."""

    def __init__(
        self,
        world: World,
        witness: Witness,
        habits: Habits,
        *,
        name: str,
        build: Callable[[], P],
    ) -> None:
        self._world = world
        self._witness = witness
        self._habits = habits
        self._name = name
        self._build = build
        self._idle: list[P] = []

    def invoke(self, work: Callable[[P], None], ended: Callable[[Invocation], None]) -> None:
        """Do some work; `ended` is called when it is over, however that came."""
        chance = self._world.weather
        warm = bool(self._idle) and chance.random() < self._habits.warm
        process = self._idle.pop() if warm else self._build()

        def over(invocation: Invocation) -> None:
            if not invocation.dead:
                self._idle.append(process)
            self._complain(invocation)
            ended(invocation)

        self._world.start(
            name=self._name,
            work=lambda: work(process),
            skew=chance.uniform(-self._habits.skew, self._habits.skew),
            lasts=LIMIT + KILLED_LATE * chance.random(),
            ended=over,
        )

    def _complain(self, invocation: Invocation) -> None:
        """Only the schedule may see an error: it comes again in a minute, whatever happened."""
        error = invocation.error
        if error is None or (self._name == SCHEDULED and isinstance(error, LedgerUnavailable)):
            return
        self._witness.accuse(f"I2 {self._name} raised {type(error).__name__}: {error}")
