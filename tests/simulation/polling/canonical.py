"""The smallest runs in which everything happens to a redemption: one per provider."""

from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.provider import Provider
from tests.simulation.faults import Planned
from tests.simulation.functions import Habits
from tests.simulation.polling.kinds import POLL_KINDS
from tests.simulation.polling.report import PollReport
from tests.simulation.polling.run import PollConditions
from tests.simulation.polling.scenario import (
    NORTH,
    REST,
    SOUTH,
    Person,
    Scenario,
    consumer_order,
    hint,
    key_of,
    places_of,
    program_of,
    promotion_order,
    sign_up,
)
from tests.simulation.polling.seeds import simulate_polls
from tests.simulation.polling.story import story
from tests.simulation.polling.truth import Code, Listed, Place, Standing, Truth, Use

CONDITIONS = PollConditions(
    habits=Habits(concurrency=2, batch=10, window=0.5, warm=1.0, skew=2.0, stream_tries=3),
    chunk=STATEMENTS_PER_CALL,
    index_lag=0.0,
    chaos=1200.0,
    every=300.0,
    late=0.0,
    threads=1,
)
LADDER = PollPolicy(floor_seconds=300, cap_seconds=300, horizon_seconds=900)
ORDERS = {
    Provider.UNIQODO: promotion_order(LADDER, grace=60, warn_days=None),
    Provider.KOUPON: consumer_order(LADDER, warn_days=None),
}
ACCOUNTS = {Provider.UNIQODO: NORTH, Provider.KOUPON: SOUTH}


def canonical(provider: Provider) -> Scenario:
    program, person = program_of("program", ORDERS[provider]), Person(number=0)
    (place,) = places_of(person, program)
    return Scenario(
        begins=0.0,
        programs=[program],
        accounts=[
            PollAccount(
                provider=provider,
                name=ACCOUNTS[provider],
                calls_per_second=5.0,
                calls_per_day=None,
                max_interval_seconds=REST,
            )
        ],
        people=[person],
        truths=[TRUTHS[provider](place)],
        messages=[
            (1.0, sign_up(person, program.name, reference="signup-0")),
            (60.0, hint([key_of(place)])),
        ],
    )


def run_plan(provider: Provider, plan: dict[int, str]) -> PollReport:
    """Run the canonical scenario under exactly these faults."""
    faults = Planned(plan, kinds=POLL_KINDS)
    return simulate_polls(canonical(provider), CONDITIONS, seed="canonical", faults=faults)


def _user(place: Place) -> Truth:
    """One redemption from before the watch, one that changes its value, one that is reversed."""
    provider, account, promotion, user_id = place
    values = (
        story("10.00"),
        story(None, (50.0, "10.00"), (200.0, "8.00")),
        story(None, (50.0, "10.00"), (200.0, None)),
    )
    return Truth(
        provider=provider,
        account=account,
        promotion=promotion,
        user_id=user_id,
        uses=tuple(
            Use(number=f"{number}", stated=max(one.changes(), default=0.0) - 400.0, values=one)
            for number, one in enumerate(values)
        ),
        code=story(Code(ends=700.0)),
    )


def _consumer(place: Place) -> Truth:
    """Two redemptions at once, one of which is reversed, and an offer that is used up."""
    provider, account, promotion, user_id = place
    counts = story(Standing(1, True), (50.0, Standing(3, True)), (200.0, Standing(2, True)))
    once = story(Standing(0, True), (200.0, Standing(1, False)))
    return Truth(
        provider=provider,
        account=account,
        promotion=promotion,
        user_id=user_id,
        offers=(
            Listed(offer_id="often", starts=None, ends=None, limit=None, standings=counts),
            Listed(offer_id="once", starts=None, ends=None, limit=1, standings=once),
        ),
    )


TRUTHS = {Provider.UNIQODO: _user, Provider.KOUPON: _consumer}
