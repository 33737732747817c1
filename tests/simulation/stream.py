"""The ledger's stream: ordered by key, in batches, retried after a failure a few times."""

import zlib
from dataclasses import dataclass, field

from couponbus.domain.row import Row
from couponbus.usecases.publishing.publish_events import PublishEvents
from tests.simulation.functions import Function, Habits
from tests.simulation.ledger import Change
from tests.simulation.world import Invocation, World

BATCH = 10
SOON, AGAIN = 0.2, 3.0  # seconds


@dataclass(slots=True)
class Shard:
    """A part of the stream; `place` is the first change that is not handled."""

    changes: list[Change] = field(default_factory=list)
    place: int = 0
    tries: int = 0
    busy: bool = False


class Stream:
    """Hands decided outcomes to the publisher, filtered as the stream's handler filters them."""

    def __init__(self, world: World, habits: Habits, *, publisher: Function[PublishEvents]) -> None:
        self._world = world
        self._habits = habits
        self._publisher = publisher
        self._shards = [Shard(), Shard()]

    def changed(self, change: Change) -> None:
        """Put a change on the stream."""
        before = 0 if change.before is None else change.before.outcomes
        if not change.row.unpublished or change.row.outcomes == before:
            return
        shard = self._shards[zlib.crc32(change.row.key.encode()) % len(self._shards)]
        shard.changes.append(change)
        self._read_after(shard, SOON)

    def _read_after(self, shard: Shard, seconds: float) -> None:
        if not shard.busy:
            shard.busy = True
            delay = seconds * (0.5 + self._world.weather.random())
            self._world.after(delay, lambda: self._read(shard))

    def _read(self, shard: Shard) -> None:
        batch = shard.changes[shard.place : shard.place + BATCH]
        if shard.tries > self._habits.stream_tries or self._world.chance("stream.batch"):
            self._done(shard, len(batch), tried=False)
            return
        rows: dict[str, Row] = {change.row.key: change.row for change in batch}
        failed: list[str] = []

        def work(publisher: PublishEvents) -> None:
            failed.extend(publisher.handle(list(rows.values())).failed)

        def ended(invocation: Invocation) -> None:
            whole = invocation.dead or invocation.error is not None
            places = [i for i, one in enumerate(batch) if whole or one.row.key in failed]
            self._done(shard, min(places, default=len(batch)), tried=bool(places))

        self._publisher.invoke(work, ended)

    def _done(self, shard: Shard, number: int, *, tried: bool) -> None:
        """Continue after `number` changes, with a delay if the batch failed there."""
        shard.place += number
        shard.tries = shard.tries + 1 if tried and not number else 0
        shard.busy = False
        if shard.place < len(shard.changes):
            self._read_after(shard, AGAIN if tried else SOON)
