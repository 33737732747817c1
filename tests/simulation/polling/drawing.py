"""The scenario of a seed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.provider import Provider
from tests.simulation.polling.customers import (
    BUSY,
    QUIET,
    Times,
    drawn_cut,
    drawn_others,
    drawn_stock,
    drawn_truth,
    of_a_single_use,
)
from tests.simulation.polling.scenario import (
    CAP,
    MIDNIGHT,
    NORTH,
    REST,
    SOUTH,
    Person,
    Scenario,
    consumer_order,
    ending,
    hint,
    key_of,
    places_of,
    program_of,
    promotion_order,
    sign_up,
)
from tests.simulation.polling.truth import Place, Truth

EVENING = MIDNIGHT - 2700.0
CROWDED, NOTICED = 0.5, 0.7
SINGLE = 0.15
FAR = 40_000  # seconds: a run ends before that
GARBAGE = ("no json", '{"type": "SomethingElse"}', '{"type": "ContinueWork", "keys": []}')

type Message = tuple[float, str]


def is_crowded(seed: int | str) -> bool:
    """Whether many hints come at once for one customer in this seed."""
    return Random(f"crowd {seed}").random() < CROWDED


def drawn(seed: int | str) -> Scenario:
    """Return the scenario of a seed."""
    chance = Random(f"polling {seed}")
    begins = EVENING if chance.random() < 0.3 else 0.0
    programs = _programs(chance)
    crowded = is_crowded(seed)
    lasts = 700.0 if crowded else 2000.0
    habits = BUSY if crowded else QUIET
    # A budget is renewed only at midnight; a crowd spends it before.
    some: tuple[int | None, ...] = (None, None, 30, 60) if crowded else (None, 120)
    limiters = some if begins == EVENING else (None,)
    paces = (5.0,) if crowded else (5.0, 5.0, 0.5, 0.1)
    number_of_people = 1 if crowded else chance.choice((1, 1, 2, 3))
    people = [Person(number=number) for number in range(number_of_people)]
    chosen = {person.number: chance.choice(programs[crowded:]) for person in people}
    firsts = {
        person.number: begins + chance.uniform(1.0, 60.0 if crowded else 300.0) for person in people
    }
    places = [place for one in people for place in places_of(one, chosen[one.number])]
    garbage = [
        (begins + chance.uniform(0.0, 600.0), chance.choice(GARBAGE))
        for _ in range(chance.choice((0, 0, 1, 2)))
    ]
    messages = [
        message
        for person in people
        for message in _messages(
            chance, person, chosen[person.number], begins=begins, first=firsts[person.number]
        )
    ]
    times = Times(begins=begins, signs_up=begins, lasts=lasts)
    stock = {provider: drawn_stock(chance, times) for provider in Provider}
    truths = [
        drawn_truth(
            chance,
            place,
            replace(times, signs_up=firsts[int(place[3][-1])]),
            habits,
            left=stock[place[0]],
        )
        for place in places
    ]
    truths = [_varied(one, replace(times, signs_up=firsts[_number(one)]), seed) for one in truths]
    hints = _hints(chance, places, begins=begins)
    if crowded:
        hints = (hint for truth in truths for hint in _crowd(chance, truth, begins=begins))
    return Scenario(
        begins=begins,
        programs=programs,
        accounts=_accounts(chance, limiters, paces),
        people=people,
        truths=truths,
        messages=[*messages, *hints, *garbage],
        garbage=len(garbage),
    )


def _number(truth: Truth) -> int:
    return int(truth.user_id[-1])


def _varied(truth: Truth, times: Times, seed: int | str) -> Truth:
    """Draw a single use, or what makes a total exceed a list; apart: all else stays as it was."""
    if truth.provider is not Provider.UNIQODO:
        return truth
    chance = Random(f"varied {seed} {truth.user_id}")
    if chance.random() < SINGLE:
        return of_a_single_use(chance, truth, times)
    others = drawn_others(chance, times)
    return replace(truth, others=others, uses=drawn_cut(chance, truth.uses, times))


def _crowd(chance: Random, truth: Truth, *, begins: float) -> Iterator[Message]:
    """Draw several hints around a change: each poll may see the old or the new state."""
    body = hint([key_of(truth.place)])
    for change in truth.changes():
        if change > begins and chance.random() < NOTICED:
            for _ in range(chance.choice((2, 4, 6))):
                yield max(change + chance.uniform(-8.0, 6.0), begins), body


def _programs(chance: Random) -> list[Program]:
    poll_policy = PollPolicy(
        share_permille=chance.choice((100, 100, 300)),
        floor_seconds=chance.choice((60, 120, 300)),
        cap_seconds=CAP,
        horizon_seconds=chance.choice((1200, 2400, FAR, FAR, FAR)),
    )
    grace, warn_days = chance.choice((0, 300, 900)), chance.choice((None, 1))
    consumer = consumer_order(poll_policy, warn_days=warn_days)
    user = promotion_order(poll_policy, grace=grace, warn_days=warn_days)
    return [
        program_of("club", user, consumer),
        program_of("shop", user),
        program_of("app", consumer),
    ]


def _accounts(
    chance: Random, limiters: Sequence[int | None], paces: Sequence[float]
) -> list[PollAccount]:
    return [
        PollAccount(
            provider=provider,
            name=name,
            calls_per_second=chance.choice(paces),
            calls_per_day=chance.choice(limiters),
            max_interval_seconds=REST,
        )
        for provider, name in ((Provider.UNIQODO, NORTH), (Provider.KOUPON, SOUTH))
    ]


def _messages(
    chance: Random, person: Person, program: Program, *, begins: float, first: float
) -> Iterator[Message]:
    """Draw sign-ups, some of them repeated or late, and the messages that end the watches."""
    keys = [key_of(place) for place in places_of(person, program)]
    body = sign_up(person, program.name, reference=f"signup-{person.number}")
    yield first, body
    if chance.random() < 0.4:
        yield first + chance.expovariate(0.02), body
    for number in range(chance.choice((0, 0, 1, 2))):
        again = sign_up(person, program.name, reference=f"signup-{person.number}-{number}")
        yield begins + chance.uniform(300.0, 2500.0), again
    if chance.random() < 0.1:
        yield begins + chance.uniform(0.0, 2000.0), ending(keys, reason="cancelled")
    if chance.random() < 0.15:
        for _ in range(chance.choice((1, 1, 2))):
            yield first + chance.uniform(0.0, 1500.0), ending(keys, reason="erased")
        again = sign_up(person, program.name, reference=f"signup-{person.number}-late")
        yield begins + chance.uniform(1000.0, 2500.0), again


def _hints(chance: Random, places: Sequence[Place], *, begins: float) -> Iterator[Message]:
    """Draw hints to poll now, some of them several at once."""
    for _ in range(chance.choice((0, 1, 2, 4))):
        at = begins + chance.uniform(0.0, 2000.0)
        body = hint([key_of(chance.choice(places))])
        for _ in range(chance.choice((1, 1, 2, 3))):
            yield at + chance.choice((0.0, chance.uniform(0.0, 20.0))), body
