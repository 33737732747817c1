"""The Lambda service: starts invocations, ends them in time, keeps some processes warm."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.simulation.settings import LIMIT
from tests.simulation.world import Invocation, World

KILLED_LATE = 0.7  # seconds (docs/reliability.md#delivery-semantics)


class ErrorLog(Protocol):
    """Records that a function raised."""

    def raised(self, name: str, error: Exception) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the platform runs the functions; `warm` is the probability that a process is kept."""

    concurrency: int
    batch: int
    window: float
    warm: float
    skew: float
    stream_tries: int


class Function[P]:
    """One function: each invocation gets a process that `build` makes, or an idle one.

    It `may_raise` an exception where that is harmless: a schedule runs again in any case.
    """

    def __init__(
        self,
        world: World,
        errors: ErrorLog,
        habits: Habits,
        *,
        name: str,
        build: Callable[[], P],
        may_raise: tuple[type[Exception], ...] = (),
    ) -> None:
        self._world = world
        self._errors = errors
        self._habits = habits
        self._name = name
        self._build = build
        self._may_raise = may_raise
        self._idle: list[P] = []

    def invoke(self, work: Callable[[P], None], ended: Callable[[Invocation], None]) -> None:
        """Run `work` in an invocation; `ended` is called when it is over, by return or crash."""
        if self._world.now < self._world.stopped_until:
            self._world.at(self._world.stopped_until, lambda: self.invoke(work, ended))
            return
        chance = self._world.weather
        warm = bool(self._idle) and chance.random() < self._habits.warm
        process = self._idle.pop() if warm else self._build()

        def over(invocation: Invocation) -> None:
            if not invocation.dead:
                self._idle.append(process)
            error = invocation.error
            if error is not None and not isinstance(error, self._may_raise):
                self._errors.raised(self._name, error)
            ended(invocation)

        self._world.start(
            name=self._name,
            work=lambda: work(process),
            skew=chance.uniform(-self._habits.skew, self._habits.skew),
            lasts=LIMIT + KILLED_LATE * chance.random(),
            ended=over,
        )
