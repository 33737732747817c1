"""Providers that are down when customers sign up, some of them made by the sign-up."""

from dataclasses import replace
from random import Random

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.provider import Provider
from couponbus.events.commands import WatchCustomers
from tests.simulation.polling.scenario import Person, Scenario, places_of
from tests.simulation.polling.story import Story, story
from tests.simulation.polling.truth import Listed, Standing, Truth, Use

LATE, NEW, DOWN, LASTS, ILLEGIBLE = 0.3, 0.7, 0.7, 0.7, 0.3
OUTAGES = (620.0, 2500.0)  # seconds
SOON = 900.0


def with_late_first_polls(scenario: Scenario, seed: int | str) -> Scenario:
    """Return the scenario; in some seeds first polls come late, and some customers are new."""
    chance = Random(f"late {seed}")
    if chance.random() >= LATE:
        return scenario
    programs = [
        _of_new_customers(one) if chance.random() < NEW else one for one in scenario.programs
    ]
    truths = [_lasting(truth, chance) for truth in scenario.truths]
    scenario = replace(
        scenario, programs=programs, truths=truths, outages=_outages(scenario, chance)
    )
    for person in scenario.people:
        if chance.random() < NEW:
            scenario = _signing_up_live(scenario, person, chance)
    return scenario


def _of_new_customers(program: Program) -> Program:
    rules = tuple(replace(rule, customers=Customers.NEW) for rule in program.watches)
    return replace(program, watches=rules)


def _outages(scenario: Scenario, chance: Random) -> dict[Provider, tuple[float, float]]:
    first = min(at for one in scenario.people for at, _ in scenario.sign_ups_of(one))
    return {
        provider: (first - 5.0, first + chance.uniform(*OUTAGES))
        for provider in Provider
        if chance.random() < DOWN
    }


def _lasting(truth: Truth, chance: Random) -> Truth:
    """Let offers outlast the outage: what a first poll does not show, no later one can."""
    offers = (one if chance.random() >= LASTS else _endless(one) for one in truth.offers)
    return replace(truth, offers=tuple(offers))


def _endless(offer: Listed) -> Listed:
    first, *facts = offer.standings.facts
    shown = (fact for fact in facts if fact.state.shown)
    later = ((fact.at, fact.state) for fact in shown)
    return replace(offer, ends=None, limit=None, standings=story(first.state, *later))


def _signing_up_live(scenario: Scenario, person: Person, chance: Random) -> Scenario:
    """Let the customer sign up live; where the program says so, with nothing from before."""
    mine = scenario.sign_ups_of(person)
    since, body = min(mine)
    program = scenario.program(WatchCustomers.model_validate_json(body).program)
    new = {
        place
        for place, rule in zip(places_of(person, program), program.watches, strict=True)
        if rule.customers is Customers.NEW
    }
    return replace(
        scenario,
        messages=[one for one in scenario.messages if one not in mine],
        live=[*scenario.live, *mine],
        new=scenario.new | new,
        truths=[
            _without_a_past(truth, since, chance) if truth.place in new else truth
            for truth in scenario.truths
        ],
    )


def _without_a_past(truth: Truth, since: float, chance: Random) -> Truth:
    return replace(
        truth,
        uses=tuple(_used_since(use, since, chance) for use in truth.uses),
        offers=tuple(_redeemed_since(offer, since, chance) for offer in truth.offers),
    )


def _used_since(use: Use, since: float, chance: Random) -> Use:
    (shown_at,) = use.values.changes()[:1]
    later = max(since - shown_at, 0.0) + chance.uniform(0.0, SOON) * (shown_at < since)
    facts = ((fact.at + later, fact.state) for fact in use.values.facts[1:])
    is_legible = use.stated is not None and chance.random() >= ILLEGIBLE
    stated = max((use.stated or 0.0) + later, since) if is_legible else None
    return replace(use, stated=stated, values=story(use.values.facts[0].state, *facts))


def _redeemed_since(offer: Listed, since: float, chance: Random) -> Listed:
    return replace(offer, standings=_counted_since(offer, since, chance))


def _counted_since(offer: Listed, since: float, chance: Random) -> Story[Standing]:
    """Return the standings with a count of 0 until the sign-up; soon it is what it was drawn."""
    standings = offer.standings
    before = [fact for fact in standings.facts[1:] if fact.at < since]
    facts = [(fact.at, Standing(0, shown=True)) for fact in before]
    facts += [(fact.at, fact.state) for fact in standings.facts[1:] if fact.at >= since]
    drawn = standings.at(since)
    catches_up = since + chance.uniform(1.0, SOON)
    if drawn.count and (offer.ends is None or catches_up < offer.ends):
        facts.append((catches_up, drawn))
    return story(standings.facts[0].state, *facts)
