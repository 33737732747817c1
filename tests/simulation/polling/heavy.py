"""A customer who redeems more often than a watch remembers: the watch stays small nevertheless."""

import json
from collections.abc import Iterator
from random import Random

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.provider import Provider
from tests.simulation.faults import Swarm
from tests.simulation.functions import Habits
from tests.simulation.polling.report import PollReport
from tests.simulation.polling.run import PollConditions, PollRun
from tests.simulation.polling.scenario import (
    NORTH,
    REST,
    SOUTH,
    Person,
    Scenario,
    consumer_order,
    places_of,
    program_of,
    promotion_order,
    sign_up,
)
from tests.simulation.polling.seeds import reported
from tests.simulation.polling.story import story
from tests.simulation.polling.truth import Listed, Place, Standing, Truth, Use

MANY = 330
LARGEST = 10_000  # bytes of a watch; the table accepts forty times as many
CALM = PollConditions(
    habits=Habits(concurrency=2, batch=10, window=0.5, warm=1.0, skew=0.0, stream_tries=3),
    chunk=STATEMENTS_PER_CALL,
    index_lag=0.0,
    chaos=60.0,
    every=300.0,
    late=0.0,
    threads=1,
)


def run_heavy(seed: int) -> PollReport:
    """Run without faults, and measure every watch that is ever stored."""
    run = PollRun(_scenario(seed), CALM, seed=seed, faults=Swarm({}, seed=seed, again=0.0))
    run.go()
    return reported(run, seed=seed, more=list(_too_large(run)))


def _too_large(run: PollRun) -> Iterator[str]:
    for change in run.witness.written:
        size = len(json.dumps(encode(change.row)))
        if size > LARGEST:
            yield f"P9 {change.row.key}: {size} bytes"


def _scenario(seed: int) -> Scenario:
    chance = Random(f"heavy {seed}")
    poll_policy = PollPolicy(cap_seconds=300, horizon_seconds=40_000)
    orders = (
        promotion_order(poll_policy, grace=0, warn_days=None),
        consumer_order(poll_policy, warn_days=None),
    )
    program, person = program_of("club", *orders), Person(number=0)
    return Scenario(
        begins=0.0,
        programs=[program],
        accounts=[
            PollAccount(
                provider=provider,
                name=name,
                calls_per_second=5.0,
                calls_per_day=None,
                max_interval_seconds=REST,
            )
            for provider, name in ((Provider.UNIQODO, NORTH), (Provider.KOUPON, SOUTH))
        ],
        people=[person],
        truths=[_truth(place, chance) for place in places_of(person, program)],
        messages=[(1.0, sign_up(person, program.name, reference="signup-0"))],
    )


def _truth(place: Place, chance: Random) -> Truth:
    provider, account, promotion, user_id = place
    is_uniqodo = provider is Provider.UNIQODO
    times = [10.0 + 900.0 * chance.random() for _ in range(MANY)]
    uses = [
        Use(number=f"{number:05d}", stated=at, values=story(None, (at, "10.00")))
        for number, at in enumerate(times)
    ]
    counts = [(at, Standing(count, True)) for count, at in enumerate(sorted(times), start=1)]
    offer = Listed(
        offer_id="coupon-0",
        starts=None,
        ends=None,
        limit=None,
        standings=story(Standing(0, True), *counts),
    )
    return Truth(
        provider=provider,
        account=account,
        promotion=promotion,
        user_id=user_id,
        uses=tuple(uses) if is_uniqodo else (),
        offers=() if is_uniqodo else (offer,),
    )
