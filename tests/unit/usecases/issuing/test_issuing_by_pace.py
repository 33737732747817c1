"""A tick hands over only the rows that an account's pace allows until the next tick."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.rate_limit import SHARE_OF_LIMIT, Pace
from couponbus.usecases.issuing.issuing_share import LOOK_UPS_PER_BATCH, PROBES, SHARE, TICK
from couponbus.usecases.outbox.hand_over import WorkQueue
from tests import factories
from tests.unit.usecases.outbox.sweeping import commands, sent, waiting
from tests.unit.usecases.world import BRAND, PROGRAM, TIMING, World, message

CALLS = 1.0  # a second
BATCH = 10
ACCOUNT = replace(factories.any_account(), name=BRAND, batch_max=BATCH, calls_per_second=CALLS)
CALLS_IN_A_TICK = math.ceil(CALLS * TICK * SHARE * SHARE_OF_LIMIT)
OTHER = replace(ACCOUNT, name="other")


def world_of(*accounts: Account) -> World:
    return World(accounts=accounts or (ACCOUNT,))


def doubted(world: World, count: int) -> list[Issuance]:
    """Return stored rows that are to be looked up."""
    rows = [
        replace(row, state=IssuanceState.REQUESTED, attempt=1, claim_id="lost")
        for row in waiting(World(), count)
    ]
    world.store(*rows)
    return rows


def closed(world: World, *, seconds: float, account: str = BRAND) -> None:
    breaker = Breaker(failures=9, openings=2, closed_until=world.in_seconds(seconds).timestamp())
    world.limiter.paces[account] = Pace(posts=breaker, gets=breaker)


def test_as_many_posts_are_handed_over_as_the_pace_has_calls() -> None:
    world = world_of()
    waiting(world, 3 * BATCH * CALLS_IN_A_TICK)

    report = world.sweep()

    assert 0.9 * BATCH * CALLS_IN_A_TICK <= report.handed_over <= BATCH * CALLS_IN_A_TICK
    assert max(len(command.keys) for command in commands(world)) == BATCH


def test_as_many_questions_are_handed_over_as_the_pace_has_calls() -> None:
    world = world_of()
    doubted(world, 3 * CALLS_IN_A_TICK)

    report = world.sweep()

    assert 0.9 * CALLS_IN_A_TICK <= report.handed_over <= CALLS_IN_A_TICK
    assert max(len(command.keys) for command in commands(world)) == LOOK_UPS_PER_BATCH


def test_posts_and_questions_have_half_of_it_each_where_both_have_much_to_do() -> None:
    world = world_of()
    waiting(world, 2 * BATCH * CALLS_IN_A_TICK)
    looks = {row.key for row in doubted(world, 2 * CALLS_IN_A_TICK)}

    world.sweep()

    asked = sum(key in looks for key in sent(world))
    assert asked == pytest.approx(CALLS_IN_A_TICK / 2, abs=1)
    assert len(sent(world)) - asked == pytest.approx(BATCH * CALLS_IN_A_TICK / 2, abs=BATCH)


def test_what_the_one_does_not_need_is_for_the_other() -> None:
    world = world_of()
    waiting(world, 2 * BATCH * CALLS_IN_A_TICK)
    looks = {row.key for row in doubted(world, 5)}

    world.sweep()

    assert sum(key in looks for key in sent(world)) == 5
    assert len(sent(world)) - 5 >= 0.9 * BATCH * (CALLS_IN_A_TICK - 5)


def test_they_arrive_at_the_pace_and_before_the_next_tick() -> None:
    world = world_of()
    waiting(world, 2 * BATCH * CALLS_IN_A_TICK)

    world.sweep()

    delays = world.commands.delays
    assert delays == sorted(delays)
    assert delays[0] == 0
    assert TICK - 2 <= delays[-1] < TICK
    assert max(delays.count(second) for second in set(delays)) <= CALLS + 1


def test_what_is_kept_back_is_left_alone_for_as_long_as_the_others() -> None:
    world = world_of()
    waiting(world, BATCH * CALLS_IN_A_TICK)

    world.sweep()

    last = commands(world)[-1].keys[0]
    later = timedelta(seconds=world.commands.delays[-1] + TIMING.handover)
    assert world.ledger.rows[last].due_at == world.clock.now() + later


def test_what_may_not_travel_together_any_more_costs_calls_of_its_own() -> None:
    world = world_of()
    rows = [replace(row, batch_limit=1) for row in waiting(World(), 3 * CALLS_IN_A_TICK)]
    world.store(*rows)

    report = world.sweep()

    assert report.handed_over <= CALLS_IN_A_TICK
    assert max(len(command.keys) for command in commands(world)) == 1


def test_while_a_breaker_is_open_a_few_rows_find_out_and_nothing_else_is_written() -> None:
    world = world_of()
    waiting(world, 500)
    closed(world, seconds=20)
    before = world.ledger.writes

    report = world.sweep()

    assert (report.handed_over, world.ledger.writes - before) == (PROBES, PROBES)
    assert (len(commands(world)), world.commands.delays) == (1, [20])
    assert report.oldest == 500


def test_rows_that_a_gate_refuses_do_not_keep_another_from_finding_out() -> None:
    world = world_of()
    *gone, wanted = waiting(World(), PROBES)
    world.store(wanted, *(replace(row, program="removed") for row in gone))
    closed(world, seconds=0)

    world.sweep()
    world.deliver()

    assert len(world.barcodes.of(wanted.tracking_code)) == 1


def test_what_cannot_be_stored_does_not_keep_another_row_from_finding_out() -> None:
    world = world_of()
    *unfit, sound = waiting(world, 4)
    world.ledger.unfit = {row.key for row in unfit}
    closed(world, seconds=20)

    report = world.sweep()

    assert (report.handed_over, sent(world)) == (1, [sound.key])
    assert report.broken <= world.ledger.unfit


def test_until_a_provider_may_be_asked_again_nothing_is_written() -> None:
    world = world_of()
    waiting(world, 500)
    doubted(world, 500)
    closed(world, seconds=TICK + 1)
    before = dict(world.ledger.rows)

    report = world.sweep()

    assert (report.handed_over, sent(world)) == (0, [])
    assert world.ledger.rows == before
    assert report.oldest == 500  # it is reported all the same


def test_an_account_in_trouble_leaves_the_others_their_share() -> None:
    world = world_of(ACCOUNT, OTHER)
    waiting(world, 3 * BATCH * CALLS_IN_A_TICK)
    theirs = [replace(row, account="other") for row in waiting(World(), BATCH)]
    world.store(*theirs)
    closed(world, seconds=TICK + 1)

    world.sweep()

    assert sent(world) == [row.key for row in theirs]


def test_questions_of_an_account_that_posts_nothing_have_all_of_its_pace() -> None:
    world = world_of()
    waiting(world, 100)
    doubted(world, 2 * CALLS_IN_A_TICK)
    world.limiter.paces[BRAND] = Pace(
        posts=Breaker(failures=9, openings=1, closed_until=world.in_seconds(600).timestamp())
    )

    report = world.sweep()

    assert report.handed_over >= 0.9 * CALLS_IN_A_TICK


def test_rows_of_an_account_that_is_not_configured_show_by_one_at_a_time() -> None:
    world = world_of()
    world.store(*(replace(row, account="gone") for row in waiting(World(), 30)))

    report = world.sweep()

    assert (report.handed_over, len(sent(world))) == (1, 1)
    assert report.oldest == 30


def test_without_a_pace_that_can_be_read_nothing_is_handed_over_and_it_shows() -> None:
    world = world_of()
    rows = waiting(world, 3)
    world.limiter.failure = LedgerUnavailable("get_item: ReadTimeoutError")

    report = world.sweep()
    world.limiter.failure = None
    world.sweep()

    assert (report.handed_over, report.unsent[WorkQueue.SIGNUPS]) == (0, 3)
    assert sent(world) == [row.key for row in rows]


def test_sign_ups_do_not_wait_for_the_backlog_that_comes_in_the_same_batch() -> None:
    world = world_of(replace(ACCOUNT, batch_max=1))
    waiting(world, 20)
    world.sweep()
    bodies = [command.model_dump_json() for command in commands(world)]
    backlog = [replace(message(), message_id=f"c-{n}", body=body) for n, body in enumerate(bodies)]

    world.handle(*backlog, message(4242))

    assert len(world.barcodes.posts) > 1
    assert world.barcodes.posts[0].requests[0].customer_id == 4242


def test_rows_are_due_again_at_once_where_the_queue_refuses() -> None:
    world = world_of()
    rows = waiting(world, 3)
    world.commands.will_fail()

    report = world.sweep()

    assert (report.handed_over, report.failed) == (0, 3)
    assert [world.ledger.rows[row.key].due_at for row in rows] == [row.due_at for row in rows]


def test_all_of_a_backlog_is_carried_in_the_end() -> None:
    world = world_of()
    waiting(world, 2 * BATCH * CALLS_IN_A_TICK)
    doubted(world, CALLS_IN_A_TICK)
    assert PROGRAM.account == BRAND

    for _ in range(12):
        world.cycle()

    assert {one.state for one in world.issuances} == {IssuanceState.ISSUED}


def looked_up_first(world: World, count: int) -> list[Issuance]:
    """Return stored rows that were never sent, and wait for a look-up before the POST."""
    rows = [replace(row, lookup_first=True) for row in waiting(World(), count)]
    world.store(*rows)
    return rows


def test_what_is_looked_up_before_it_is_sent_is_handed_over_at_the_pace_of_questions() -> None:
    world = world_of()
    looked_up_first(world, 3 * CALLS_IN_A_TICK)

    report = world.sweep()

    assert 0.9 * CALLS_IN_A_TICK <= report.handed_over <= CALLS_IN_A_TICK


def test_little_is_looked_up_before_it_is_sent_while_nothing_can_be_sent() -> None:
    world = world_of()
    rows = looked_up_first(world, CALLS_IN_A_TICK)
    breaker = Breaker(failures=9, openings=2, closed_until=world.in_seconds(30).timestamp())
    world.limiter.paces[BRAND] = Pace(posts=breaker)

    world.sweep()

    assert len(sent(world)) == LOOK_UPS_PER_BATCH
    assert sum(world.ledger.rows[row.key].revision > 1 for row in rows) <= LOOK_UPS_PER_BATCH
