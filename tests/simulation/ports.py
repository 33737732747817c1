"""The small ports: clock, ids, programs, secrets, rate limiter, outgoing queues, the bus."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from couponbus.domain.errors import (
    BusUnavailable,
    LedgerUnavailable,
    QueueUnavailable,
    SecretUnavailable,
)
from couponbus.domain.identity import customer_ref
from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus.domain.trace import trace_id_for
from couponbus.events.base import Command, PublishedEvent
from couponbus.events.commands import QuarantineLetter
from tests.simulation.faults import ERROR, LOST, PARTLY, UNANSWERED
from tests.simulation.world import World

PEPPER = "test-pepper-not-real"
KEPT = 30.0


class SkewedClock:
    """Shows each invocation the time of its own clock."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.moment(skew=self._world.current().skew)

    def sleep(self, seconds: float) -> None:
        self._world.pause(seconds)


class CountedIds:
    """Ids that never repeat in a run, and are the same in each repetition of the run."""

    def __init__(self, world: World) -> None:
        self._world = world

    def new(self) -> str:
        return self._world.new_id()


class CachedPrograms:
    """The programs as a process has read them, cached by it for a while."""

    def __init__(self, world: World, programs: Sequence[Program]) -> None:
        self._world = world
        self._stored = programs
        self._programs = ProgramsInForce(readable=())
        self._read_at: float | None = None

    def active(self, *, since: datetime | None = None) -> ProgramsInForce:
        is_old = self._read_at is None or self._world.now - self._read_at > KEPT
        if is_old or since is not None:
            if self._world.call("programs.active") == ERROR:
                raise LedgerUnavailable("query: ThrottlingException")
            self._read_at = self._world.now
            self._programs = ProgramsInForce(readable=tuple(self._stored))
        return self._programs


class CachedPseudonyms:
    """The pepper, which each process reads once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known = False

    def of(self, *, tenant: str, customer: str) -> str:
        self._read()
        return customer_ref(pepper=PEPPER, tenant=tenant, customer=customer)

    def trace_id(self, *, tenant: str, signup_id: str) -> str:
        self._read()
        return trace_id_for(pepper=PEPPER, tenant=tenant, signup_id=signup_id)

    def _read(self) -> None:
        if self._known:
            return
        if self._world.call("pseudonyms.of") == ERROR:
            raise SecretUnavailable("get_secret_value: ThrottlingException")
        self._known = True


class Outbox[T]:
    """Calls that hand several things over, any part of which may arrive."""

    def __init__(self, world: World, *, name: str, arrive: Callable[[T], None]) -> None:
        self._world = world
        self._name = name
        self._arrive = arrive

    def put(self, things: Sequence[T]) -> None:
        fault = self._world.call(self._name)
        if fault == LOST:
            raise QueueUnavailable("send_message_batch: EndpointConnectionError")
        arriving = things[: len(things) // 2] if fault == PARTLY else things
        for each in arriving:
            self._arrive(each)
        self._world.answer(fault)
        if fault in (PARTLY, UNANSWERED):
            raise QueueUnavailable("send_message_batch: ReadTimeoutError")


class CommandQueue:
    """The sending side of one of the product's queues."""

    def __init__(self, world: World, *, arrive: Callable[[Command], None]) -> None:
        self._world = world
        self._arrive = arrive
        self._outbox = Outbox(world, name="commands.send", arrive=self._kept_back)

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        if commands:
            seconds = delays or [0] * len(commands)
            self._outbox.put(list(zip(commands, seconds, strict=True)))

    def _kept_back(self, sent: tuple[Command, int]) -> None:
        command, seconds = sent
        if seconds:
            self._world.after(seconds, partial(self._arrive, command))
        else:
            self._arrive(command)


class QuarantineQueue:
    """The queue in which quarantine records end."""

    def __init__(self, world: World) -> None:
        self.records: list[QuarantineLetter] = []
        self._outbox = Outbox(world, name="quarantine.put", arrive=self.records.append)

    def put(self, letters: Sequence[QuarantineLetter]) -> None:
        self._outbox.put(letters)


class SimulatedBus:
    """Takes events, or some of them, or reports success without having taken them."""

    def __init__(self, world: World) -> None:
        self.watchers: list[Callable[[PublishedEvent], None]] = []
        self._world = world

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        fault = self._world.call("bus.publish")
        if fault == LOST:
            raise BusUnavailable("put_events: EndpointConnectionError")
        refused = self._refused(len(events), fault)
        for index, event in enumerate(events):
            if index not in refused:
                self.arrive(event)
        self._world.answer(fault)
        if fault in (PARTLY, UNANSWERED):
            raise BusUnavailable("put_events: ReadTimeoutError")
        return sorted(refused)

    def arrive(self, event: PublishedEvent) -> None:
        for watch in self.watchers:
            watch(event)

    def _refused(self, number: int, fault: str | None) -> set[int]:
        if fault not in (PARTLY, "entries refused"):
            return set()
        chance = self._world.weather
        return {index for index in range(number) if chance.random() < 0.5}
