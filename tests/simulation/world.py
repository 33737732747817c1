"""Simulated time, and the invocations that live in it."""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random

from tests.simulation.coroutine import Coroutine
from tests.simulation.faults import CRASH_AFTER, CRASH_BEFORE, CROWDING, SLOW, STALLED, Faults

BEGIN = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
USUAL, SLOWEST, STALLED_FOR = 0.05, 20.0, 70.0  # seconds that a call takes at most


class Killed(BaseException):
    """The process is gone: no code under test may catch this."""


class Invocation:
    """One invocation: `skew` is the error of its clock, `kill_at` is when Lambda ends it."""

    def __init__(
        self, world: "World", *, name: str, work: Callable[[], None], skew: float, kill_at: float
    ) -> None:
        self.name = name
        self.serial = next(world.serials)
        self.started = world.now
        self.skew = skew
        self.kill_at = kill_at
        self.dead = False
        self.over = False
        self.was_slowed = False
        self._work = work
        self.coroutine = Coroutine(self._run)
        self.error: Exception | None = None
        self.roused: Callable[[], None] | None = None  # while it rests: resumes it

    def _run(self) -> None:
        try:
            self._work()
        except Killed:
            self.dead = True
        except Exception as error:
            self.error = error
        self.over = True


class World:
    """Everything that happens, in an order that its seed decides."""

    def __init__(self, *, seed: int | str, faults: Faults) -> None:
        self.now = 0.0
        self.stopped_until = 0.0  # no invocation begins before
        self.weather = Random(f"weather {seed}")
        self.faults = faults
        self.serials = itertools.count(1)
        self.running: Invocation | None = None
        self.names: list[str] = []
        self.crashes = 0
        self.overran: list[Invocation] = []  # Lambda had to end them
        self.trace: list[tuple[float, int, str, str]] = []
        self.steps: Counter[str] = Counter()
        self._order = itertools.count()
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._ids = itertools.count(1)
        self._coroutine: Coroutine | None = None
        self._wake: float | None = None

    @property
    def calls(self) -> int:
        return len(self.names)

    def at(self, when: float, act: Callable[[], object]) -> None:
        """Schedule something."""
        heapq.heappush(self._agenda, (max(when, self.now), next(self._order), act))

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        self.at(self.now + seconds, act)

    def run(self, *, until: float) -> None:
        """Run everything that is scheduled before `until`."""
        while self._agenda and self._agenda[0][0] <= until:
            self.now, _, act = heapq.heappop(self._agenda)
            act()
        self.now = max(self.now, until)

    def leap(self, seconds: float) -> None:
        """Let `seconds` pass in which nothing happens: the whole agenda moves by them."""
        self._agenda = [(when + seconds, order, act) for when, order, act in self._agenda]
        heapq.heapify(self._agenda)
        self.now += seconds

    def start(
        self,
        *,
        name: str,
        work: Callable[[], None],
        skew: float,
        lasts: float,
        ended: Callable[[Invocation], None],
    ) -> Invocation:
        """Start an invocation now; `ended` is called when it is over, by return or crash."""
        invocation = Invocation(self, name=name, work=work, skew=skew, kill_at=self.now + lasts)
        self.at(self.now, lambda: self._go_on(invocation, ended))
        return invocation

    def _go_on(self, invocation: Invocation, ended: Callable[[Invocation], None]) -> None:
        go_on = lambda: self._go_on(invocation, ended)  # noqa: E731
        wake = self._resumed(invocation, invocation.coroutine)
        if invocation.over:
            if invocation.dead:
                self.crashes += 1
            self.note("ended", "dead" if invocation.dead else "")
            ended(invocation)
        elif wake is None:
            invocation.roused = lambda: self.at(self.now, go_on)
        else:
            self.at(wake, go_on)

    def _resumed(self, invocation: Invocation, coroutine: Coroutine) -> float | None:
        """Resume a coroutine, and return when it wants to be resumed again."""
        self.running, self._coroutine, self._wake = invocation, coroutine, None
        coroutine.resume()
        self.running = self._coroutine = None
        return self._wake

    def fork(self, work: Callable[[], None]) -> None:
        """Run `work` concurrently in the running invocation; a crash in it ends all of them."""
        invocation = self.current()

        def beside() -> None:
            with suppress(Killed):
                work()

        coroutine = Coroutine(beside)

        def go_on() -> None:
            wake = self._resumed(invocation, coroutine)
            if wake is not None:
                self.at(wake, go_on)
            elif invocation.roused is not None:
                rouse, invocation.roused = invocation.roused, None
                rouse()

        self.at(self.now, go_on)

    def rest(self) -> None:
        """Suspend the running invocation until one of its concurrent jobs ends."""
        self._leave(None)

    def _leave(self, wake: float | None) -> None:
        """Suspend until `wake`; an invocation that was killed meanwhile does not come back."""
        assert self._coroutine is not None
        coroutine, self._wake = self._coroutine, wake
        coroutine.pause()
        self.current()

    def pause(self, seconds: float) -> None:
        """Let time pass for the running invocation; other ones may run meanwhile."""
        invocation = self.current()
        wake = self.now + max(seconds, 0.0)
        last = min(wake, invocation.kill_at)
        if self._agenda and self._agenda[0][0] <= last:
            self._leave(last)
        else:
            self.now = last
        if wake >= invocation.kill_at:
            self.steps["killed at the deadline"] += 1
            self.overran.append(invocation)
            self.die()

    def current(self) -> Invocation:
        """Return the running invocation; raises Killed in a dead one."""
        assert self.running is not None
        if self.running.dead:
            raise Killed
        return self.running

    def die(self) -> None:
        """End the running invocation as a crash does."""
        assert self.running is not None
        self.running.dead = True
        raise Killed

    def call(self, name: str) -> str | None:
        """Begin a call of a port; returns its fault, if any."""
        invocation = self.current()
        self.names.append(name)
        fault = self.faults.of(len(self.names), name, at=self.now)
        self.trace.append((self.now, invocation.serial, name, fault or ""))
        if fault == CRASH_BEFORE:
            self.die()
        longest = {SLOW: SLOWEST, STALLED: STALLED_FOR}.get(fault or "", USUAL)
        if longest > USUAL or fault in CROWDING:
            invocation.was_slowed = True
        self.pause(0.004 + longest * self.weather.random())
        return fault

    def answer(self, fault: str | None) -> None:
        """End a call: its effect is there, its answer is on the way."""
        if fault == CRASH_AFTER:
            self.die()
        self.pause(0.002 + 0.03 * self.weather.random())

    def note(self, what: str, detail: str) -> None:
        """Add an entry to the trace."""
        self.trace.append((self.now, 0, what, detail))

    def chance(self, event: str) -> str | None:
        """Return the fault of an event outside of all invocations, if any."""
        self.names.append(event)
        fault = self.faults.of(len(self.names), event, at=self.now)
        if fault is not None:
            self.trace.append((self.now, 0, event, fault))
        return fault

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def moment(self, *, skew: float = 0.0) -> datetime:
        return BEGIN + timedelta(seconds=self.now + skew)
