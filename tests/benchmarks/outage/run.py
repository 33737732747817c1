"""An hour in which Coniq does not issue, and its aftermath: real use cases, production times."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import override

# Before anything that imports aws_cdk: it points jsii at the bundled Node.
import infra.node  # noqa: F401
from couponbus.domain.durations import timing
from couponbus.domain.issuing.account import Lookup
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.rate_limit import Limits
from couponbus.domain.row import Row
from couponbus.events.base import Command
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.usecases.publishing.publish_events import PublishEvents
from tests.benchmarks.outage.ledger import PricedLedger
from tests.benchmarks.outage.provider import TroubledProvider
from tests.benchmarks.outage.workers import Workers
from tests.infra.stages import PROD
from tests.simulation.coniq import Coniq, Shop
from tests.simulation.course import silence
from tests.simulation.faults import Planned
from tests.simulation.functions import Function, Habits
from tests.simulation.keys import CachedKeys
from tests.simulation.ledger import Change
from tests.simulation.pace import SharedRateLimits
from tests.simulation.ports import CommandQueue, QuarantineQueue, SimulatedBus, SkewedClock
from tests.simulation.process import Surroundings
from tests.simulation.scenario import program
from tests.simulation.settings import account, end_of
from tests.simulation.sources import TICK, Issue, handled_by
from tests.simulation.witness import Witness
from tests.simulation.world import World

MINUTE = 60.0
NAME = "north"
STREAM_SECONDS, STREAM_BATCH = 1.0, 100
TIMING = timing(
    settle=PROD.timing.settle,
    answered_settle=PROD.timing.answered_settle,
    between_look_ups=PROD.timing.between_look_ups,
    post=PROD.timing.post,
    publish_grace=PROD.timing.publish_grace,
    handover=PROD.timing.handover,
)
HABITS = Habits(
    concurrency=PROD.concurrency,
    batch=PROD.batch_size,
    window=PROD.window_seconds,
    warm=1.0,
    skew=0.0,
    stream_tries=PROD.stream_retries,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`rate` sign-ups a second all the time; seconds without trouble, of outage, and afterwards."""

    trouble: str
    rate: int
    well: float = 10 * MINUTE
    outage: float = 60 * MINUTE
    shortest_after: float = 30 * MINUTE
    longest_after: float = 240 * MINUTE

    @property
    def ends(self) -> float:
        return self.well + self.outage


@dataclass(slots=True, kw_only=True)
class Seen:
    """When each sign-up came and was decided, in seconds of the run, by its number."""

    came: dict[int, float] = field(default_factory=dict)
    decided: dict[int, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def raised(self, name: str, error: Exception) -> None:
        self.errors.append(f"{name}: {type(error).__name__} {error}")


class Troubled(Surroundings):
    """The surroundings of the simulation, with a provider that has no other faults."""

    def __init__(self, provider: TroubledProvider, **parts: object) -> None:
        super().__init__(**parts)  # type: ignore[arg-type]
        object.__setattr__(self, "_provider", provider)

    @override
    def barcodes(self) -> ConiqBarcodes:  # type: ignore[override]
        return ConiqBarcodes(
            accounts=self.accounts,
            stage="test",
            keys=CachedKeys(self.world, self.coniq),
            transport=self._provider,  # type: ignore[attr-defined]
            clock=SkewedClock(self.world),
        )


class OutageRun:
    """Sign-ups come on time; workers and the sweeper handle them."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.world = World(seed=0, faults=Planned({}))
        self.provider = TroubledProvider(self.world)
        self.ledger = PricedLedger(self.world)
        self.seen = Seen()
        here = self._surroundings()
        self.pace = here.pace
        issuer: Function[Issue] = Function(
            self.world,
            self.seen,
            HABITS,
            name="issue",
            build=lambda: handled_by(here.issuer(), here.base.clock),
        )
        self.workers = Workers(
            self.world,
            issuer,
            concurrency=HABITS.concurrency,
            batch=HABITS.batch,
            window=HABITS.window,
        )
        self._here = here
        self._publisher = here.publishing(HABITS, self.seen)
        self._sweeper = here.sweeping(HABITS, self.seen)
        self._decided: dict[str, Row] = {}
        self.ledger.watchers.append(self._changed)

    def go(self) -> None:
        """Run until all sign-ups of the outage are decided, and for a while at least."""
        world, scenario = self.world, self.scenario
        world.at(0.0, self._sign_ups)
        world.at(1.0, self._tick)
        world.at(STREAM_SECONDS, self._stream)
        world.at(scenario.well, lambda: self._set(scenario.trouble))
        world.at(scenario.ends, lambda: self._set(None))
        with silence():
            world.run(until=scenario.ends + scenario.shortest_after)
            while self._undecided() and world.now < scenario.ends + scenario.longest_after:
                world.run(until=world.now + MINUTE)

    def _undecided(self) -> int:
        return sum(
            number not in self.seen.decided
            for number, at in self.seen.came.items()
            if at < self.scenario.ends
        )

    def _set(self, trouble: str | None) -> None:
        self.provider.trouble = trouble

    def _sign_ups(self) -> None:
        self.world.after(1.0, self._sign_ups)
        for _ in range(self.scenario.rate):
            number = len(self.seen.came)
            self.seen.came[number] = self.world.now
            self.workers.send(_body(number, at=self.world.moment().isoformat()))

    def _tick(self) -> None:
        self.world.after(TICK, self._tick)
        clock = self._here.base.clock

        def sweep(sweeper: object) -> None:
            sweeper.handle(deadline=end_of(clock.now()))  # type: ignore[attr-defined]

        self._sweeper.invoke(sweep, lambda _: None)

    def _changed(self, change: Change) -> None:
        row = change.row
        if row.unpublished:
            self._decided[row.key] = row
        if isinstance(row, Issuance) and row.state is IssuanceState.ISSUED:
            self.seen.decided.setdefault(int(row.signup_id), change.at)

    def _stream(self) -> None:
        self.world.after(STREAM_SECONDS, self._stream)
        rows, self._decided = list(self._decided.values()), {}
        for start in range(0, len(rows), STREAM_BATCH):
            self._publish(rows[start : start + STREAM_BATCH])

    def _publish(self, rows: Sequence[Row]) -> None:
        def work(publisher: PublishEvents) -> None:
            publisher.handle(rows)

        self._publisher.invoke(work, lambda _: None)

    def _surroundings(self) -> Troubled:
        world = self.world
        coniq = Coniq(world)
        coniq.open(Shop(name=NAME, key="test-key-not-real"))
        one = account(
            NAME,
            batch_max=PROD.batch_size,
            lookup=Lookup.TRACKING_CODE,
            item_errors_trusted=False,
            envelope=None,
        )
        limits = Limits(calls_per_second=PROD.accounts[0].calls_per_second)
        return Troubled(
            self.provider,
            world=world,
            timing=TIMING,
            settle=TIMING.settle,
            accounts={NAME: replace(one, calls_per_second=PROD.accounts[0].calls_per_second)},
            programs=[program("north-welcome", offer_id=11)],
            coniq=coniq,
            ledger=self.ledger,
            pace=SharedRateLimits(world, provider="coniq", limits={NAME: limits}),
            bus=SimulatedBus(world),
            commands=CommandQueue(world, arrive=self._commanded),
            polls=CommandQueue(world, arrive=lambda _: None),
            quarantine=QuarantineQueue(world),
            witness=Witness(world, self.ledger, coniq),
        )

    def _commanded(self, command: Command) -> None:
        self.workers.send(command.model_dump_json())


def _body(number: int, *, at: str) -> str:
    return json.dumps(
        {
            "signup_id": str(number),
            "occurred_at": at,
            "tenant": "acme",
            "customer": {"coniq_customer_id": 1001 + number},
            "consents": [],
            "attributes": {"shop": "north"},
        }
    )
