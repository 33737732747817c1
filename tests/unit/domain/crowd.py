"""Many workers that share one rate limiter, in simulated time."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import (
    Limits,
    NoSlot,
    Pace,
    Reservation,
    is_news,
    observed,
    reserve,
)

START = 1_780_000_000.0
LIMIT = 10.0

type Provider = Callable[[float], tuple[Health, float | None]]


@dataclass(slots=True)
class World:
    """Workers that reserve slots, use them, report and repeat, until the time is over.

    Each has a clock that is wrong by up to half of `skew`; each call leaves up to `jitter` late.
    """

    provider: Provider
    seed: int = 0
    workers: int = 50
    limit: float = LIMIT
    within: float = 5.0
    skew: float = 0.0
    jitter: float = 0.0
    latency: float = 0.2
    pace: Pace = field(default_factory=Pace)
    sent: list[tuple[float, int]] = field(default_factory=list)
    leased: list[float] = field(default_factory=list)
    answers: list[tuple[float, Health]] = field(default_factory=list)
    _source: random.Random = field(default_factory=random.Random)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _agenda: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        self._source = random.Random(self.seed)
        for number in range(self.workers):
            worker = Worker(world=self, number=number, wrong=self.up_to(self.skew) - self.skew / 2)
            self.later(START + self.up_to(0.1), worker.come)
        while self._agenda and self._agenda[0][0] < START + seconds:
            at, _, what = heapq.heappop(self._agenda)
            what(at)

    def later(self, at: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), what))

    def up_to(self, most: float) -> float:
        return self._source.uniform(0, most)

    def reserve(self, now: float, *, calls: int) -> Reservation | NoSlot:
        granted = reserve(
            self.pace,
            account="brand",
            calls=calls,
            limits=Limits(calls_per_second=self.limit),
            now=now,
            within=self.within,
        )
        if isinstance(granted, NoSlot):
            return granted
        self.pace = granted[0]
        self.leased.append(granted[1].starts_at)
        return granted[1]

    def report(
        self, granted: Reservation, health: Health, retry_after: float | None, now: float
    ) -> None:
        if is_news(reservation=granted, health=health):
            self.pace = observed(
                self.pace, reservation=granted, health=health, retry_after=retry_after, now=now
            )

    def times(self) -> list[float]:
        return sorted(at - START for at, _ in self.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Reserves slots, uses them, reports the outcome of each call, and repeats."""

    world: World
    number: int
    wrong: float

    def come(self, now: float) -> None:
        world = self.world
        taken = world.reserve(now + self.wrong, calls=1 + self.number % 5)
        if isinstance(taken, NoSlot):
            pause = max(taken.until - self.wrong - now, 0.001)
            world.later(now + pause + world.up_to(0.05), self.come)
            return
        for index in range(taken.calls):
            slot = max(taken.slot(index) - self.wrong, now) + world.up_to(world.jitter)
            world.later(slot, partial(self.send, taken))
        world.later(slot + world.latency, self.come)

    def send(self, taken: Reservation, now: float) -> None:
        self.world.sent.append((now, self.number))
        health, retry_after = self.world.provider(now)
        answered = now + self.world.latency / 2 + self.world.up_to(self.world.latency)
        self.world.later(answered, partial(self.hear, taken, health, retry_after))

    def hear(
        self, taken: Reservation, health: Health, retry_after: float | None, now: float
    ) -> None:
        self.world.answers.append((now, health))
        self.world.report(taken, health, retry_after, now + self.wrong)


def granted(
    pace: Pace, *, now: float = START, calls: int = 1, purpose: Purpose = Purpose.GET
) -> tuple[Pace, Reservation]:
    limits = Limits(calls_per_second=LIMIT)
    answer = reserve(
        pace,
        account="brand",
        calls=calls,
        limits=limits,
        now=now,
        within=1e9,
        purpose=purpose,
    )
    assert not isinstance(answer, NoSlot)
    return answer


def failed(pace: Pace, *, times: int, now: float = START, purpose: Purpose = Purpose.GET) -> Pace:
    for _ in range(times):
        pace, taken = granted(pace, now=now, purpose=purpose)
        pace = observed(pace, reservation=taken, health=Health.FAILING, retry_after=None, now=now)
    return pace
