"""The first polls of sign-ups come soon, whatever else is to be polled."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import ProviderUnavailable
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.rate_limit import SHARE_OF_LIMIT
from couponbus.events.commands import (
    CUSTOMERS_PER_COMMAND,
    ContinueWork,
    WatchCustomers,
    WatchedCustomer,
)
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.polling.poll_order import (
    FIRST_AGAIN,
    FIRST_AGAIN_MAX,
    SECONDS_OF_BACKFILL,
    first_again,
)
from couponbus.usecases.polling.start_watches import InitialPolls, Watched
from tests.fakes.clock import NOON
from tests.unit.usecases.polling.polling_world import (
    ACCOUNTS,
    PROGRAM,
    UNIQODO,
    PollingWorld,
    new_watch,
    snapshot,
)
from tests.unit.usecases.polling.test_start_watches import watching

A_DAY = 30
RESERVED = 3
MANY = 10_000
MESSAGES = 10


def with_budget(calls_per_day: int | None, *, calls_per_second: float = 1000.0) -> PollingWorld:
    accounts: list[PollAccount] = [
        replace(one, calls_per_day=calls_per_day, calls_per_second=calls_per_second)
        for one in ACCOUNTS
    ]
    return PollingWorld(accounts=accounts)


def backfill(world: PollingWorld, *, customers: int, begins: int = 0) -> list[WatchCustomers]:
    """Return the commands of a backfill, as `couponbus watch add` sends them."""
    users = [f"old-{number}" for number in range(begins, begins + customers)]
    for user in users:
        world.show(snapshot(), user=user)
    return [
        WatchCustomers(
            program="welcome",
            customers=tuple(
                WatchedCustomer(reference=f"file-{user}", uniqodo_user_id=user)
                for user in users[first : first + CUSTOMERS_PER_COMMAND]
            ),
        )
        for first in range(0, customers, CUSTOMERS_PER_COMMAND)
    ]


def signed_up(world: PollingWorld, user: str) -> Watch:
    """Begin the watch of a sign-up, and request its first poll."""
    world.show(snapshot(), user=user)
    who = Watched(
        tenant="default",
        program="welcome",
        signup_id=f"live-{user}",
        customer_ref="cus_TEST",
        uniqodo_user=user,
        koupon_consumer=None,
    )
    begun = watching(world).begin(watching(world).watches_for(who, PROGRAM.watches)).watches
    run = Invocation(deadline=world.clock.now())
    InitialPolls(polls=world.polls).request(begun, run=run)
    return world.watch(user)


def polled(world: PollingWorld) -> list[str]:
    return [user for *_, user in world.redemptions.asked]


def test_a_sign_up_is_polled_at_once_though_a_backfill_has_spent_the_day() -> None:
    world = with_budget(A_DAY)
    world.poll(*backfill(world, customers=60))
    for _ in range(10):
        world.cycle()
    before = len(polled(world))

    signed_up(world, "new")
    world.deliver()

    assert before == A_DAY - RESERVED
    assert world.watch("new").state is WatchState.ACTIVE


def test_the_reserve_ends_too_and_the_next_day_has_another() -> None:
    world = with_budget(A_DAY)
    world.poll(*backfill(world, customers=60))
    for number in range(RESERVED + 1):
        signed_up(world, f"new-{number}")
    world.deliver()
    spent = polled(world)

    world.pass_days(0.6)

    assert len(spent) == A_DAY
    assert spent[-RESERVED:] == [f"new-{number}" for number in range(RESERVED)]
    assert world.watch(f"new-{RESERVED}").state is WatchState.ACTIVE


def test_in_one_batch_sign_ups_are_polled_before_a_backfill() -> None:
    world = with_budget(None)
    watch = signed_up(world, "new")
    world.polls.sent = []

    world.poll(*backfill(world, customers=30), ContinueWork(keys=(watch.key,)))

    assert polled(world)[0] == "new"
    assert len(polled(world)) == 31


def test_a_sign_up_makes_the_watch_of_a_backfill_its_own() -> None:
    world = with_budget(A_DAY)
    world.poll(*backfill(world, customers=60))
    waiting = next(
        user for user in (f"old-{number}" for number in range(60)) if user not in polled(world)
    )

    signed_up(world, waiting)
    for _ in range(3):
        world.cycle()

    assert not world.watch(waiting).backfilled
    assert world.watch(waiting).state is WatchState.ACTIVE


def test_a_backfill_makes_no_watch_of_a_sign_up_its_own() -> None:
    begun = new_watch(user="user-1", now=PollingWorld().clock.now(), order=UNIQODO)

    prolonged = begun.prolonged(
        by=replace(begun, signup_id="file-1", backfilled=True),
        now=begun.started_at,
        due_at=begun.started_at,
    )

    assert prolonged.is_first_of_sign_up


@pytest.mark.parametrize("calls_per_second", [1.0, 5.0])
def test_messages_of_a_backfill_leave_the_worker_to_others_after_seconds(
    calls_per_second: float,
) -> None:
    world = with_budget(None, calls_per_second=calls_per_second)
    commands = backfill(world, customers=MESSAGES * CUSTOMERS_PER_COMMAND)

    world.poll(*commands)

    rows = [row for row in world.ledger.rows.values() if isinstance(row, Watch)]
    waiting = [row for row in rows if row.state is WatchState.STARTING]
    assert len(polled(world)) == SECONDS_OF_BACKFILL * calls_per_second
    assert len(waiting) == len(rows) - len(polled(world))
    pauses = sorted(
        (row.due_at - world.clock.now()).total_seconds() for row in waiting if row.due_at
    )
    assert len(pauses) == len(waiting)
    assert pauses[0] == pytest.approx(45, abs=1)
    assert pauses[-1] == pytest.approx(max(len(waiting) / calls_per_second, 45), abs=1)


def test_a_sign_up_behind_the_messages_of_a_backfill_waits_for_minutes() -> None:
    pace, customers = 2.0, 2500
    world = with_budget(None, calls_per_second=pace)
    world.polls.sent = list(backfill(world, customers=customers))
    signed_up(world, "new")
    queue, begun = list(world.polls.sent), world.clock.now()

    while queue:
        batch, queue = queue[:MESSAGES], queue[MESSAGES:]
        world.poll(*batch)

    batches = customers / CUSTOMERS_PER_COMMAND / MESSAGES
    waited = (world.clock.now() - begun).total_seconds()
    assert world.watch("new").state is WatchState.ACTIVE
    assert waited <= (batches + 1) * SECONDS_OF_BACKFILL / SHARE_OF_LIMIT + 1 / pace
    assert len(polled(world)) == 1 + batches * SECONDS_OF_BACKFILL * pace


def test_a_backfill_is_polled_to_its_end() -> None:
    world = with_budget(None, calls_per_second=2.0)
    world.poll(*backfill(world, customers=50))

    for _ in range(5):
        world.cycle()

    assert len(set(polled(world))) == 50


def outage(world: PollingWorld, *, seconds: int, first_tick: int) -> float:
    """Let the provider fail from a sign-up on; return the seconds until its first poll."""
    signed_up(world, "new")
    begun = world.clock.now()
    world.redemptions.failures.extend([unavailable()] * MANY)
    world.deliver()
    world.clock.pass_time(first_tick - 60)
    while world.watch("new").state is WatchState.STARTING:
        world.clock.pass_time(60)
        if (world.clock.now() - begun).total_seconds() >= seconds:
            world.redemptions.failures.clear()
        world.sweep()
        world.deliver()
    return (world.clock.now() - begun).total_seconds()


@pytest.mark.parametrize("first_tick", range(1, 60, 7))
def test_a_short_outage_delays_a_first_poll_by_one_tick_of_the_sweeper(first_tick: int) -> None:
    late = outage(PollingWorld(), seconds=95, first_tick=first_tick)

    assert 95 <= late <= 95 + 60 + 60


def test_a_long_outage_costs_ever_fewer_writes() -> None:
    world = PollingWorld()
    hours = 12

    late = outage(world, seconds=hours * 3600, first_tick=60)

    assert late <= (hours + 0.3) * 3600
    assert world.watch("new").revision < 3 * 110


def test_a_first_poll_that_finds_no_slot_rests_until_it_may_have_one() -> None:
    world = with_budget(A_DAY)
    world.poll(*backfill(world, customers=60))
    before = sum(row.revision for row in world.ledger.rows.values())

    for _ in range(60):
        world.cycle()

    assert len(polled(world)) == A_DAY - RESERVED
    assert sum(row.revision for row in world.ledger.rows.values()) - before < 60 * 6


def unavailable() -> ProviderUnavailable:
    return ProviderUnavailable("test", provider="uniqodo", route="test", status=503)


def test_a_first_poll_that_failed_is_made_again_soon_and_then_ever_more_seldom() -> None:
    minute, watch = timedelta(minutes=1), new_watch(user="user-1", now=NOON)
    ages = [minute, 12 * minute, 60 * minute, timedelta(days=1), timedelta(days=30)]

    pauses = [first_again(watch, now=NOON + age) - NOON - age for age in ages]

    assert pauses == [FIRST_AGAIN, minute, 5 * minute, FIRST_AGAIN_MAX, FIRST_AGAIN_MAX]
