"""What Lambda and its event sources do: poll, invoke, retry, keep processes warm, tick."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.usecases.intake import Message
from tests.simulation.ledger import Change
from tests.simulation.process import Surroundings
from tests.simulation.queue import SimulatedQueue
from tests.simulation.settings import LIMIT
from tests.simulation.world import Invocation, World

TICK = 60.0
STREAM_BATCH = 10

type Issue = Callable[[Sequence[Message], float], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How this platform treats its functions in a run."""

    concurrency: int
    batch: int
    window: float
    warm: float
    skew: float
    stream_tries: int


class Warmth[S]:
    """Processes that are kept for the next invocation, or not."""

    def __init__(self, world: World, *, build: Callable[[], S], warm: float) -> None:
        self._world = world
        self._build = build
        self._warm = warm
        self._idle: list[S] = []

    def take(self) -> S:
        if self._idle and self._world.weather.random() < self._warm:
            return self._idle.pop()
        return self._build()

    def give_back(self, process: S, invocation: Invocation) -> None:
        if not invocation.dead:
            self._idle.append(process)


@dataclass(slots=True)
class Shard:
    """A part of the stream, read in order."""

    changes: list[Change] = field(default_factory=list)
    place: int = 0
    tries: int = 0
    busy: bool = False


class Platform:
    """Invokes the functions for as long as there is anything to do."""

    def __init__(
        self, here: Surroundings, queue: SimulatedQueue, habits: Habits, *, issuer: Callable[[], Issue]
    ) -> None:
        self._here = here
        self._world = here.world
        self._queue = queue
        self._habits = habits
        self._issuers = Warmth(self._world, build=issuer, warm=habits.warm)
        self._publishers = Warmth(self._world, build=here.publisher, warm=habits.warm)
        self._sweepers = Warmth(self._world, build=here.sweeper, warm=habits.warm)
        self._shards = [Shard(), Shard()]
        self.active = 0
        self._polling = False
        self.invocations = 0

    # The queue

    def wake(self) -> None:
        """Poll soon, unless that is planned already."""
        if not self._polling:
            self._polling = True
            self._world.after(self._habits.window * self._world.weather.random(), self._poll)

    def _poll(self) -> None:
        self._polling = False
        if self.active >= self._habits.concurrency:
            return
        messages = self._queue.receive(self._habits.batch)
        if not messages:
            return
        self.active += 1
        process = self._issuers.take()
        failed: list[str] = []

        def work() -> None:
            failed.extend(process(messages, LIMIT))

        def ended(invocation: Invocation) -> None:
            self.active -= 1
            self._issuers.give_back(process, invocation)
            self._complain(invocation)
            if not invocation.dead and invocation.error is None:
                done = [one.message_id for one in messages if one.message_id not in failed]
                self._queue.delete(done)
            self.wake()

        self._invoke("issue", work, ended)
        self.wake()

    # The stream

    def changed(self, change: Change) -> None:
        """Put a change on the stream."""
        if not _decides(change):
            return
        shard = self._shards[zlib.crc32(change.row.key.encode()) % len(self._shards)]
        shard.changes.append(change)
        self._read_soon(shard, 0.2)

    def _read_soon(self, shard: Shard, seconds: float) -> None:
        if not shard.busy:
            shard.busy = True
            self._world.after(
                seconds * (0.5 + self._world.weather.random()), lambda: self._read(shard)
            )

    def _read(self, shard: Shard) -> None:
        batch = shard.changes[shard.place : shard.place + STREAM_BATCH]
        if shard.tries > self._habits.stream_tries or self._world.chance("stream.batch"):
            shard.place += len(batch)
            shard.tries = 0
            self._go_on(shard, 0.1)
            return
        process = self._publishers.take()
        rows: dict[str, Row] = {change.row.key: change.row for change in batch}
        failed: list[str] = []

        def work() -> None:
            failed.extend(process.handle(list(rows.values())).failed)

        def ended(invocation: Invocation) -> None:
            self._publishers.give_back(process, invocation)
            self._complain(invocation)
            broken = invocation.dead or invocation.error is not None
            places = [i for i, one in enumerate(batch) if broken or one.row.key in failed]
            done = min(places, default=len(batch))
            shard.place += done
            shard.tries = 0 if done else shard.tries + 1
            self._go_on(shard, 3.0 if places else 0.1)

        self._invoke("publish", work, ended)

    def _go_on(self, shard: Shard, seconds: float) -> None:
        shard.busy = False
        if shard.place < len(shard.changes):
            self._read_soon(shard, seconds)

    # The schedule

    def tick(self) -> None:
        """Sweep once a minute; a tick may be missed or come twice."""
        late = 3.0 * self._world.weather.random()
        self._world.after(TICK + late, self.tick)
        if not self._anything_due():
            return
        fault = self._world.chance("tick")
        for _ in range({"missed": 0, "twice": 2}.get(fault or "", 1)):
            self._sweep()

    def _sweep(self) -> None:
        process = self._sweepers.take()

        def work() -> None:
            clock = self._here.base.clock
            process.handle(deadline=deadline_of(clock.now()))

        def ended(invocation: Invocation) -> None:
            self._sweepers.give_back(process, invocation)
            self._complain(invocation)

        self._invoke("sweep", work, ended)

    def _anything_due(self) -> bool:
        """A sweep with nothing to do changes nothing: it is left out of the run."""
        latest = self._world.moment(skew=10.0)
        return any(
            row.due_at is not None and row.due_at <= latest for row in self._here.ledger.rows.values()
        )

    # All of them

    def _invoke(
        self, name: str, work: Callable[[], None], ended: Callable[[Invocation], None]
    ) -> None:
        self.invocations += 1
        chance = self._world.weather
        self._world.start(
            name=name,
            work=work,
            skew=chance.uniform(-self._habits.skew, self._habits.skew),
            lasts=LIMIT + 0.7 * chance.random(),
            ended=ended,
        )

    def _complain(self, invocation: Invocation) -> None:
        """Only the schedule may see an error: it comes again in a minute whatever happened."""
        if isinstance(invocation.error, LedgerUnavailable) and invocation.name == "sweep":
            return
        if invocation.error is not None:
            error = invocation.error
            self._here.witness.accuse(f"{invocation.name} raised {type(error).__name__}: {error}")


def _decides(change: Change) -> bool:
    """Let through what the handler of the stream lets through."""
    before = 0 if change.before is None else change.before.outcomes
    return change.row.unpublished and change.row.outcomes != before


def deadline_of(now: datetime) -> datetime:
    return now + timedelta(seconds=LIMIT)
