"""What a batch shows beside its counts: who waits for how long, and what no program matches."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    LedgerUnavailable,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.reopening import allowed_again, reopened, retried
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.invocation import BatchResult, Metric
from couponbus.usecases.messages import Message
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.issuing.restored_world import backed_up, restore
from tests.unit.usecases.issuing.unmatched_world import a_sign_up, rematch
from tests.unit.usecases.world import BRAND, PROGRAM, World, continued, message

AN_HOUR = timedelta(hours=1)
ALWAYS = 10**4
FAR = 2e9  # in seconds since the epoch
SHOP = replace(PROGRAM, name="shop", pattern={"source": ["shop"]})
CAREFUL = replace(PROGRAM, precheck_existing=True)


def wait_of(result: BatchResult) -> float | None:
    return result.levels.get(Metric.LONGEST_WAIT)


def share_of(result: BatchResult) -> float | None:
    return result.levels.get(Metric.UNMATCHED_SHARE)


def first_step(world: World) -> datetime:
    return min(one.trail[0].at for one in world.issuances)


def down(world: World) -> None:
    """Let the account answer nothing any more."""
    gone = ProviderUnavailable("status_503", provider="coniq", route="GET /barcode")
    world.barcodes.will(*[Fate.LOST_BEFORE] * ALWAYS)
    world.barcodes.will_not_answer_questions(*[gone] * ALWAYS)


def test_a_batch_whose_barcodes_are_all_decided_has_no_wait() -> None:
    world = World()

    assert wait_of(world.handle(message())) is None
    assert wait_of(world.handle(message())) is None


def test_postponing_again_and_again_does_not_begin_the_wait_anew() -> None:
    world = World()
    down(world)
    world.handle(message(1, signup_id="s-1"), message(2, signup_id="s-2"))

    waits = [wait_of(world.cycle()) for _ in range(30)]

    seen = [wait for wait in waits if wait is not None]
    assert seen == sorted(seen)
    waited = (world.clock.now() - first_step(world)).total_seconds()
    assert waited - 120 <= seen[-1] <= waited


def test_the_wait_ends_with_the_barcode() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_BEFORE)
    first = world.handle(message())
    waits = [wait_of(world.cycle()) for _ in range(20)]

    assert world.states == [IssuanceState.ISSUED]
    assert wait_of(first) == 0
    (one_look_up,) = [wait for wait in waits if wait is not None]
    assert one_look_up > 0


def test_the_longest_wait_is_that_of_the_oldest() -> None:
    world = World()
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(900).timestamp())
    world.handle(message(1, signup_id="s-1"))
    world.clock.pass_time(600)

    late = world.handle(*(message(n, signup_id=f"s-{n}") for n in (2, 3)))
    world.clock.pass_time(300)
    world.limiter.paces[BRAND] = Pace(paused_until=FAR)
    again = world.handle(message(4, signup_id="s-4"), *map(continued, world.issuances))

    assert wait_of(late) == 0
    assert wait_of(again) == 900


def test_a_search_by_e_mail_is_no_wait_for_a_barcode() -> None:
    world = World()
    world.handle(message(None, email="a@customer.example"))

    assert wait_of(world.cycle(seconds=3_600)) is None
    assert len(world.resolutions) == 1


def test_an_ambiguous_one_waits_for_an_operator_and_not_here() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(message())
    second = factories.any_barcode(of=world.issuance.request)
    world.barcodes.has(account=BRAND, barcode=replace(second, created_at=world.clock.now()))
    for _ in range(20):
        last = world.cycle()

    assert world.states == [IssuanceState.AMBIGUOUS]
    assert wait_of(last) is None


def test_without_the_ledger_those_that_were_read_wait() -> None:
    world = World()
    (row,) = an_old_one(world)
    world.limiter.failure = LedgerUnavailable("pace of brand: ThrottlingException")

    result = world.handle(continued(row))

    assert wait_of(result) == AN_HOUR.total_seconds()


def test_an_outcome_that_cannot_be_stored_still_waits() -> None:
    world = World()
    (row,) = an_old_one(world)
    world.ledger.will_fail("write", times=3, after=2)

    result = world.handle(continued(row))

    assert world.states == [IssuanceState.REQUESTED]
    assert wait_of(result) == pytest.approx(AN_HOUR.total_seconds(), abs=1)


def test_a_look_up_that_cannot_be_stored_leaves_it_waiting() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(message())
    world.clock.pass_time(3_600)
    world.ledger.will_fail("write", times=3)

    result = world.handle(continued(world.issuance))

    assert world.states == [IssuanceState.REQUESTED]
    assert wait_of(result) == pytest.approx(AN_HOUR.total_seconds(), abs=1)


def test_a_row_whose_program_cannot_be_read_waits() -> None:
    world = World()
    (row,) = an_old_one(world)
    world.programs.unreadable.add(PROGRAM.name)

    assert wait_of(world.handle(continued(row))) == AN_HOUR.total_seconds()


@pytest.mark.parametrize(
    "answer",
    [
        ContractBroken("unreadable_answer", provider="coniq", route="GET /barcode"),
        ProviderUnavailable("status_503", provider="coniq", route="GET /barcode"),
    ],
)
def test_what_must_be_looked_up_before_it_is_sent_waits(answer: ProviderError) -> None:
    world = World(CAREFUL)
    world.barcodes.will_not_answer_questions(*[answer] * ALWAYS)
    (row,) = an_old_one(world)

    assert wait_of(world.handle(continued(row))) == AN_HOUR.total_seconds()


@pytest.mark.parametrize("how", ["reopened", "retried", "allowed again"])
def test_one_that_is_begun_again_counts_from_then_on(how: str) -> None:
    world = World()
    down(world)
    (old,) = an_old_one(world)
    then = world.clock.now()
    refused = replace(old, attempt=0).rejected(reason="any", now=then, publish_by=then)
    ambiguous = old.ambiguous(numbers=("1",), reason="any", now=then, publish_by=then)
    world.clock.pass_time(3_600)
    now = world.clock.now()
    again = {
        "reopened": lambda: reopened(replace(refused, published=1), by=old, now=now),
        "retried": lambda: retried(
            replace(refused, published=1), program=PROGRAM.name, now=now, why="mended"
        ),
        "allowed again": lambda: allowed_again(
            replace(ambiguous, published=1), now=now, why="not the customer's"
        ),
    }[how]()
    world.store(again)
    world.clock.pass_time(30)

    assert wait_of(world.handle(continued(again))) == 30


def test_time_in_which_no_program_matched_is_no_wait() -> None:
    world = World(SHOP)
    world.handle(a_sign_up(1, source="app"))
    world.clock.pass_time(3_600)
    world.programs.put(replace(SHOP, name="app", pattern={"source": ["app"]}))
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(900).timestamp())
    rematch(world)

    waits = [wait_of(world.cycle()) for _ in range(3)]

    assert world.states == [IssuanceState.PENDING]
    assert max(wait for wait in waits if wait is not None) < 180


@pytest.mark.parametrize(
    ("unmatched", "matched", "share"), [(0, 4, 0), (1, 3, 25), (3, 0, 100), (1, 2, 100 / 3)]
)
def test_the_share_of_sign_ups_that_no_program_matches(
    unmatched: int, matched: int, share: float
) -> None:
    world = World(SHOP)
    strange = [a_sign_up(n, source="app") for n in range(unmatched)]
    known = [a_sign_up(100 + n) for n in range(matched)]

    assert share_of(world.handle(*strange, *known)) == pytest.approx(share)


@pytest.mark.parametrize(("matched", "share"), [(0, 100), (1, 75)])
def test_each_sign_up_of_a_message_with_several_counts(matched: int, share: float) -> None:
    world = World(SHOP)
    strange = [a_sign_up(n, source="app") for n in (1, 2, 2)]
    known = [a_sign_up(100 + n) for n in range(matched)]
    several = ",".join(one.body for one in (*strange, *known))

    result = world.handle(Message(message_id="m-1", body=f"[{several}]"))

    assert share_of(result) == share


def test_a_sign_up_that_is_delivered_again_is_still_unmatched() -> None:
    world = World(SHOP)
    one = a_sign_up(1, source="app")

    assert [share_of(world.handle(one)) for _ in range(2)] == [100, 100]


def test_a_batch_without_sign_ups_has_no_share() -> None:
    world = World(SHOP)
    world.handle(a_sign_up(1, source="app"))
    rematch(world)

    assert share_of(world.cycle()) is None
    assert share_of(world.handle()) is None


def an_old_one(world: World) -> list[Issuance]:
    """Store an issuance that has waited for an hour."""
    since = world.clock.now() - AN_HOUR
    row = replace(factories.any_issuance(), account=BRAND, program=PROGRAM.name, trail=())
    world.store(row.postponed(now=since, until=world.clock.now(), why="any"))
    return world.issuances


def test_after_a_restore_the_wait_counts_from_its_first_step() -> None:
    world = World()
    (row,) = an_old_one(world)
    restore(world, backed_up(world))

    result = world.handle(continued(row))

    assert world.issuance.lookup_first
    assert wait_of(result) == (AN_HOUR + timedelta(seconds=120)).total_seconds()
