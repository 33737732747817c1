"""The functions of webhooks on threads: mappings that read queues, and a tick a minute."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol

from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row, Rows
from couponbus.ports.shared import Conflict, DuePage
from couponbus.usecases.messages import Message
from tests.benchmarks.webhooks.fair_queue import Queue, Taken
from tests.benchmarks.webhooks.fast_time import FastClock
from tests.fakes.ledger import MemoryLedger, due_page

INVOCATION = timedelta(seconds=60)  # the time limit of all three functions
EVERY_MINUTE = 60.0
POLL = 0.02


class Report(Protocol):
    """The result of a batch."""

    @property
    def failed(self) -> Sequence[str]: ...

    @property
    def bugs(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """The size of a batch, and the seconds for which one is collected."""

    size: int
    window: float


type Work = Callable[[Sequence[Message], datetime], Report]


class SharedLedger(MemoryLedger):
    """The ledger for many threads."""

    def __init__(self, *rows: Row) -> None:
        super().__init__(*rows)
        self._lock = threading.Lock()

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        with self._lock:
            return super().write(rows)

    def read(self, keys: Sequence[str]) -> Rows:
        with self._lock:
            return super().read(keys)

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        with self._lock:
            rows = list(self.rows.values())
        return due_page(rows, backlog, now=now, limit=limit, after=after)

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        with self._lock:
            return super().attention(kind, limit=limit)


class Platform:
    """Starts all readers and ticks, and ends them; an error in a thread is raised at the end."""

    def __init__(self, *, clock: FastClock) -> None:
        """Start nothing yet."""
        self._clock = clock
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._problems: list[BaseException] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run until the block ends."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()
        for problem in self._problems:
            raise problem

    def reads(self, queue: Queue, *, batching: Batching, workers: Sequence[Work]) -> None:
        """Let each of the workers read one batch after the other."""
        for work in workers:
            self._add(partial(self._read, queue, batching, work))

    def ticks(self, tick: Callable[[datetime], object], *, seed: int) -> None:
        """Tick each minute, the first time at a random moment of it."""
        self._add(partial(self._tick, tick, Random(seed).uniform(0.0, EVERY_MINUTE)))

    def _add(self, job: Callable[[], None]) -> None:
        def watched() -> None:
            try:
                job()
            except BaseException as problem:
                self._problems.append(problem)

        self._threads.append(threading.Thread(target=watched, daemon=True))

    def _read(self, queue: Queue, batching: Batching, work: Work) -> None:
        while not self._over.is_set():
            if queue.wait():
                self._clock.sleep(batching.window)
            taken = queue.take(batching.size)
            if taken is not None:
                self._invoke(work, taken)
                queue.finish(taken)

    def _invoke(self, work: Work, taken: Taken) -> None:
        report = work(taken.messages, self._clock.now() + INVOCATION)
        assert not report.failed, report
        assert not report.bugs, report

    def _tick(self, tick: Callable[[datetime], object], first: float) -> None:
        at = time.monotonic() + first / self._clock.rate
        while not self._over.is_set():
            if time.monotonic() < at:
                time.sleep(POLL)
                continue
            tick(self._clock.now() + INVOCATION)
            at += EVERY_MINUTE / self._clock.rate
