"""The scenario of a seed."""

from collections.abc import Iterator, Sequence
from random import Random

from couponbus.usecases.webhooks.replay_selection import Which
from tests.simulation.webhooks.behaviours import DAY, HOUR, drawn_behaviours
from tests.simulation.webhooks.scenario import (
    FILTERS,
    PROGRAMS,
    TENANTS,
    Kind,
    OperatorTask,
    PlannedEvent,
    Resending,
    Scenario,
    Subscriber,
    Task,
)

GARBAGE = ("no json", '{"source": "couponbus.barcodes"}', '{"detail-type": "X", "detail": 1}')
LASTS = (300.0, 3 * HOUR, 3 * HOUR, 2.5 * DAY, 2.5 * DAY)
FIRST = 60.0  # seconds: by then the endpoints exist that are there from the beginning
CROWDED = 0.12  # of all seeds publish very much at once
MANY = (60, 100)


def drawn(seed: int | str) -> Scenario:
    """Return the scenario of a seed."""
    chance = Random(f"webhooks {seed}")
    lasts = chance.choice(LASTS)
    crowded = chance.random() < CROWDED
    events = _events(chance, lasts, crowded=chance.uniform(FIRST, lasts) if crowded else None)
    rates = (None, 1, 1, 20) if crowded else (None, None, None, 1, 5)
    subscribers = [
        _subscriber(chance, number, lasts, rates) for number in range(chance.randint(1, 4))
    ]
    return Scenario(
        subscribers=subscribers,
        events=events,
        tasks=[
            task
            for one in subscribers
            for task in _tasks(chance, one.endpoint_id, lasts, [event.at for event in events])
        ],
        resendings=list(_resendings(chance, subscribers, lasts, crowded=crowded)),
        garbage=[
            (chance.uniform(0.0, lasts), chance.choice(GARBAGE))
            for _ in range(chance.choice((0, 0, 0, 1, 2)))
        ],
    )


def _subscriber(
    chance: Random, number: int, lasts: float, rates: Sequence[int | None]
) -> Subscriber:
    return Subscriber(
        endpoint_id=f"hook-{number}",
        tenant=chance.choice((*TENANTS, TENANTS[0])),
        filter=chance.choice((*FILTERS, FILTERS[0], FILTERS[0])),
        scopes=chance.choice(((), ("barcode:read",))),
        rate=chance.choice(rates),
        behaviours=drawn_behaviours(chance, lasts=lasts),
        asks=chance.choice((0.2, 7.0, 900.0, 90_000.0)),
        resumed_after=chance.choice((None, 0.5, 0.5, 20.0, HOUR)),
    )


def _events(chance: Random, lasts: float, *, crowded: float | None) -> list[PlannedEvent]:
    """Draw events: some over time, or very many at once."""
    number = chance.randint(2, 9) if crowded is None else chance.choice(MANY)
    return [
        PlannedEvent(
            number=each,
            at=FIRST + chance.uniform(0.0, lasts) if crowded is None else crowded,
            tenant=chance.choice((*TENANTS, TENANTS[0], TENANTS[0])),
            kind=chance.choice((Kind.ISSUED, Kind.ISSUED, Kind.REFUSED, Kind.REJECTED)),
            program=chance.choice(PROGRAMS),
        )
        for each in range(number)
    ]


def _tasks(
    chance: Random, endpoint_id: str, lasts: float, events: Sequence[float]
) -> Iterator[OperatorTask]:
    begins = 0.0 if chance.random() < 0.8 else chance.uniform(0.0, lasts)
    planned = [
        (begins, Task.ADD),
        *_pauses(chance, begins, lasts, events),
        *((chance.uniform(begins, begins + 2 * DAY), Task.ROTATE) for _ in range(_rarely(chance))),
    ]
    if chance.random() < 0.15:
        at = max(_some_time(chance, lasts, events), begins + FIRST)
        planned.append((at, Task.REMOVE))
    for at, task in planned:
        yield OperatorTask(at=at, task=task, endpoint_id=endpoint_id)


def _pauses(
    chance: Random, begins: float, lasts: float, events: Sequence[float]
) -> Iterator[tuple[float, Task]]:
    """Draw a pause and its end, and an end without a pause: it may have been disabled."""
    if chance.random() < 0.4:
        paused = max(_some_time(chance, lasts, events), begins)
        yield paused, Task.PAUSE
        if chance.random() < 0.85:
            yield paused + chance.choice((5.0, 600.0, 9 * HOUR)), Task.RESUME
    if chance.random() < 0.3:
        yield begins + chance.choice((HOUR, DAY, 6 * DAY)), Task.RESUME


def _some_time(chance: Random, lasts: float, events: Sequence[float]) -> float:
    """Draw a time, often one at which something is just being sent."""
    if chance.random() < 0.6:
        return chance.choice(events) + chance.uniform(0.0, 4.0)
    return chance.uniform(0.0, lasts)


def _rarely(chance: Random) -> int:
    return chance.choice((0, 0, 1, 2))


def _resendings(
    chance: Random, subscribers: Sequence[Subscriber], lasts: float, *, crowded: bool
) -> Iterator[Resending]:
    for _ in range(chance.choice((0, 0, 1, 1, 2)) + crowded):
        one = chance.choice(subscribers)
        at = chance.uniform(FIRST, lasts + DAY)
        resending = Resending(
            at=at,
            tenant=one.tenant,
            since=chance.choice((0.0, 0.0, chance.uniform(0.0, lasts))),
            until=at - 100.0,
            kind=chance.choice((None, None, Kind.ISSUED)),
            endpoint_id=chance.choice((None, one.endpoint_id)),
            which=chance.choice((Which.ALL, Which.ALL, Which.UNDELIVERED)),
            rate=1000 if crowded else chance.choice((1, 20)),
        )
        for _ in range(chance.choice((1, 1, 2, 3))):
            yield resending  # several operators send the same replay at the same time
