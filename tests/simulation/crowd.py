"""Two hundred sign-ups in batches of two hundred, one of which spoils each batch."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.simulation.conditions import Conditions, drawn_conditions
from tests.simulation.scenario import CANARY, Person, Scenario, SignUp, drawn

EVERY = 150  # seeds for one crowd: it takes the time of twenty other seeds
PEOPLE = 200
WITHIN = 4.0  # seconds in which all sign up, so that they come in few batches


def scenario_of(seed: int) -> Scenario:
    """Return the scenario of a seed; some seeds have a crowd."""
    return crowded(drawn(seed), seed) if _is_crowd(seed) else drawn(seed)


def conditions_of(seed: int) -> Conditions:
    """Return the conditions of a seed; a crowd is received in batches of its own size."""
    conditions = drawn_conditions(seed)
    if not _is_crowd(seed):
        return conditions
    habits = replace(conditions.habits, batch=PEOPLE, window=WITHIN)
    return replace(conditions, habits=habits)


def crowded(scenario: Scenario, seed: int | str) -> Scenario:
    """Return this scenario's programs and conditions with a crowd as its people."""
    chance = Random(f"crowd {seed}")
    bad, is_poison = chance.randrange(PEOPLE), chance.random() < 0.5
    people = [_person(number, bad=number == bad, poison=is_poison) for number in range(PEOPLE)]
    shops = chance.choice((("north",), ("south",), ("north", "south", "both")))
    return replace(
        scenario,
        accounts={name: replace(one, batch_max=200) for name, one in scenario.accounts.items()},
        people=people,
        sign_ups=[_sign_up(chance, person, shops) for person in people],
        garbage=(),
    )


def _is_crowd(seed: int) -> bool:
    return seed % EVERY == EVERY - 1


def _person(number: int, *, bad: bool, poison: bool) -> Person:
    return Person(
        customer_id=1001 + number,
        email=f"{CANARY}.{number}@customer.example",
        known_from=0.0,
        blocked=bad and not poison,
        poison=bad and poison,
    )


def _sign_up(chance: Random, person: Person, shops: Sequence[str]) -> SignUp:
    return SignUp(
        signup_id=f"signup-{person.customer_id}",
        customer_id=person.customer_id,
        email=None,
        consents=("marketing",),
        born="1990-05-05",
        shop=chance.choice(shops),
        times=(chance.uniform(0.0, WITHIN),),
        wrapped=False,
    )
