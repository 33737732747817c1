"""A backfill that spends the calls of a day, and customers who sign up beside it."""

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from couponbus.domain.errors import Unavailable
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollPolicy
from couponbus.domain.provider import Provider
from couponbus.usecases.invocation import Invocation as Batch
from couponbus.usecases.polling.start_watches import InitialPolls, Watched, Watching
from tests.simulation.faults import Swarm, swarm
from tests.simulation.functions import Function, Habits
from tests.simulation.polling.kinds import ANSWER_RATES, POLL_KINDS, POLL_RATES
from tests.simulation.polling.process import PollingGround
from tests.simulation.polling.report import PollReport
from tests.simulation.polling.run import PollConditions, PollRun
from tests.simulation.polling.scenario import (
    MIDNIGHT,
    NORTH,
    REST,
    SOUTH,
    TENANT,
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
from tests.simulation.polling.seeds import reported
from tests.simulation.polling.story import story
from tests.simulation.polling.truth import Listed, Place, Standing, Truth, Use
from tests.simulation.ports import CachedPseudonyms
from tests.simulation.world import Invocation

OLD, NEW = 40, 3
CALLS_PER_DAY = 30  # a tenth of them suffices for the first polls of the new customers
BEGINS = MIDNIGHT - 5400.0
SOON = 240.0  # seconds from a sign-up to its first poll: ticks of the sweeper, and a full queue
AGAIN = 30.0
CONDITIONS = PollConditions(
    habits=Habits(concurrency=2, batch=10, window=0.5, warm=0.9, skew=1.0, stream_tries=3),
    chunk=STATEMENTS_PER_CALL,
    index_lag=0.0,
    chaos=3000.0,
    every=300.0,
    late=0.0,
    threads=1,
)

type SignUp = tuple[float, Place]


def run_backfilled(seed: int) -> PollReport:
    """Run a seed: under faults if it is odd, and without any else."""
    faults = Swarm({}, seed=seed, again=0.0)
    if seed % 2:
        faults = swarm(seed, kinds=POLL_KINDS, rates=POLL_RATES, own_rates=ANSWER_RATES)
    scenario, sign_ups = _drawn(seed)
    run = PollRun(scenario, CONDITIONS, seed=seed, faults=faults)
    for at, place in sign_ups:
        run.world.at(at, partial(_begin, run, place))
    run.go()
    return reported(run, seed=seed, more=list(_late(run, sign_ups)))


def _late(run: PollRun, sign_ups: Sequence[SignUp]) -> Iterator[str]:
    """Yield first polls that came late in a run without faults."""
    if run.world.faults.suffered:
        return
    for at, place in sign_ups:
        polls = [one.at for one in run.witness.stored[key_of(place)] if one.is_first]
        if not polls or polls[0] > at + SOON:
            yield f"P12 {key_of(place)}: signed up at {at:.0f}, and polled first at {polls}"


def _begin(run: PollRun, place: Place) -> None:
    """Begin a watch as a sign-up does, again if that fails."""

    def ended(invocation: Invocation) -> None:
        if invocation.dead or invocation.error is not None:
            run.world.after(AGAIN, partial(_begin, run, place))

    function = Function(
        run.world,
        run.witness,
        CONDITIONS.habits,
        name="issue",
        build=lambda: run.ground,
        may_raise=(Unavailable,),
    )
    function.invoke(partial(_signed_up, place=place), ended)


def _signed_up(ground: PollingGround, *, place: Place) -> None:
    base = ground.base
    watching = Watching(
        store=base.store,
        pseudonyms=CachedPseudonyms(ground.world),
        clock=base.clock,
        timing=base.timing,
    )
    provider, *_, name = place
    who = Watched(
        tenant=TENANT,
        program="club",
        signup_id=f"live-{name.rpartition('.')[2]}",
        customer_ref="customer",
        uniqodo_user=name if provider is Provider.UNIQODO else None,
        koupon_consumer=name if provider is Provider.KOUPON else None,
    )
    begun = watching.begin(watching.watches_for(who, ground.programs[0].watches))
    run = Batch(deadline=base.clock.now())
    InitialPolls(polls=ground.polls).request(begun.watches, run=run)
    if begun.unstored:
        raise Unavailable("a watch may be missing")


def _drawn(seed: int) -> tuple[Scenario, list[SignUp]]:
    chance = Random(f"backfilled {seed}")
    policy = PollPolicy(cap_seconds=300, horizon_seconds=100_000)
    provider = chance.choice(tuple(Provider))
    order = (
        promotion_order(policy, grace=0, warn_days=None)
        if provider is Provider.UNIQODO
        else consumer_order(policy, warn_days=None)
    )
    program = program_of("club", order)
    people = [Person(number=number) for number in range(OLD + NEW - 1)]
    places = [place for person in people for place in places_of(person, program)]
    begun = sorted(BEGINS + chance.uniform(1.0, 200.0) for _ in range(OLD))
    backfill = [
        (at, sign_up(person, "club", reference=f"file-{person.number}"))
        for at, person in zip(begun, people[:OLD], strict=True)
    ]
    # The first of them is the last of the backfill, and waits for its first poll since then.
    new = places[OLD - 1 :]
    sign_ups = [(BEGINS + chance.uniform(300.0, 2000.0), place) for place in new]
    stopped = [key_of(place) for place in places[:OLD] if place not in new]
    hints = [(MIDNIGHT + after, hint([key_of(place) for place in new])) for after in (300.0, 900.0)]
    redeems = {place: at + chance.uniform(SOON, 1500.0) for at, place in sign_ups}
    return Scenario(
        begins=BEGINS,
        programs=[program],
        accounts=[
            PollAccount(
                provider=provider,
                name=NORTH if provider is Provider.UNIQODO else SOUTH,
                calls_per_second=5.0,
                calls_per_day=CALLS_PER_DAY,
                max_interval_seconds=REST,
            )
        ],
        people=people,
        truths=[_truth(place, redeems.get(place)) for place in places],
        messages=[*backfill, (BEGINS + 4500.0, ending(stopped, reason="cancelled")), *hints],
    ), sign_ups


def _truth(place: Place, at: float | None) -> Truth:
    """Return a customer who redeems once, or never."""
    provider, account, promotion, user_id = place
    is_uniqodo = provider is Provider.UNIQODO
    times = [] if at is None else [at]
    uses = [
        Use(number=f"{user_id[-2:]}1", stated=at, values=story(None, (one, "10.00")))
        for one in times
    ]
    offer = Listed(
        offer_id="coupon-0",
        starts=None,
        ends=None,
        limit=None,
        standings=story(Standing(0, True), *((one, Standing(1, True)) for one in times)),
    )
    return Truth(
        provider=provider,
        account=account,
        promotion=promotion,
        user_id=user_id,
        uses=tuple(uses) if is_uniqodo else (),
        offers=() if is_uniqodo else (offer,),
    )
