"""A sign-up known by e-mail alone waits for its customer, and the e-mail is deleted in time."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import LedgerUnavailable, ProviderUnavailable
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import ResolutionState
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.invocation import BatchResult, Metric
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, PROGRAM, TIMING, World, message

EMAIL = "someone@customer.example"
SECOND = replace(PROGRAM, name="second", offer_id=8)
OUTAGE = ProviderUnavailable("status_503", provider="coniq", route="GET /customer")
A_DAY = 86_400.0


def coniq_knows(world: World, account: str = BRAND) -> None:
    world.barcodes.knows(account=account, email=EMAIL, customer_id=42)


def test_a_customer_that_coniq_knows_gets_a_barcode_at_once() -> None:
    world = World()
    coniq_knows(world)

    report = world.handle(message(None, email=EMAIL))

    assert report.failed == []
    assert (world.issuance.state, world.issuance.customer_id) == (IssuanceState.ISSUED, 42)
    assert world.resolutions == []


def test_a_customer_that_coniq_does_not_know_yet_is_waited_for() -> None:
    world = World()

    report = world.handle(message(None, email=EMAIL))

    (row,) = world.resolutions
    assert (report.failed, report.metrics[Metric.POSTPONED]) == ([], 1)
    assert (row.state, row.tries, row.email) == (ResolutionState.WAITING, 1, EMAIL)
    assert row.due_at == row.ready_at == world.in_seconds(TIMING.backoff)
    assert world.barcodes.posts == []


def test_once_coniq_knows_the_customer_the_barcode_comes_and_the_e_mail_goes() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    world.cycle()
    coniq_knows(world)

    world.cycle()

    (row,) = world.resolutions
    assert world.states == [IssuanceState.ISSUED]
    assert (row.state, row.customer_id, row.email) == (ResolutionState.RESOLVED, 42, None)
    assert EMAIL not in repr(world.ledger.rows)


def test_a_customer_who_stays_unknown_is_refused_at_last() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    for _ in range(4):
        world.cycle(seconds=A_DAY)
    world.publish()

    (row,) = world.resolutions
    assert (row.state, row.reason, row.email) == (
        ResolutionState.REFUSED,
        "customer_unknown",
        None,
    )
    assert world.published_types == ["BarcodeRefused"]
    assert world.issuances == []


def test_questions_become_rarer() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    pauses = []
    for _ in range(9):
        (row,) = world.resolutions
        assert row.ready_at is not None
        pauses.append((row.ready_at - world.clock.now()).total_seconds())
        world.cycle(seconds=pauses[-1])

    assert pauses == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_an_outage_never_ends_the_wait() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    world.barcodes.will_not_answer_questions(*[OUTAGE] * 10)
    for _ in range(10):
        world.cycle(seconds=A_DAY)
    (before,) = world.resolutions

    coniq_knows(world)
    world.cycle(seconds=A_DAY)

    assert (before.state, before.tries) == (ResolutionState.WAITING, 1)
    assert world.states == [IssuanceState.ISSUED]


def test_a_question_without_an_answer_is_asked_again_in_the_next_tick() -> None:
    world = World()
    world.barcodes.will_not_answer_questions(OUTAGE, OUTAGE)
    coniq_knows(world)
    world.handle(message(None, email=EMAIL))
    world.cycle()
    assert world.states == []

    world.cycle()

    assert world.states == [IssuanceState.ISSUED]


def test_a_busy_provider_never_ends_the_wait() -> None:
    world = World()
    world.limiter.paces[BRAND] = Pace(paused_until=world.in_seconds(9 * A_DAY).timestamp())
    world.handle(message(None, email=EMAIL))

    for _ in range(5):
        world.cycle(seconds=A_DAY)

    assert [(row.state, row.tries) for row in world.resolutions] == [(ResolutionState.WAITING, 0)]


def test_a_ledger_that_gives_no_slot_never_ends_the_wait() -> None:
    world = World()
    world.limiter.failure = LedgerUnavailable("update_item: ReadTimeoutError")

    report = world.handle(message(None, email=EMAIL))

    assert report.failed == []
    assert [row.state for row in world.resolutions] == [ResolutionState.WAITING]


def test_two_programs_of_one_account_ask_one_question() -> None:
    world = World(PROGRAM, SECOND)
    coniq_knows(world)

    report = world.handle(message(None, email=EMAIL))

    assert report.metrics[Metric.LOOKUPS] == 1
    assert world.states == [IssuanceState.ISSUED] * 2
    assert len(world.barcodes.posts) == 1


def test_two_accounts_are_asked_each_for_its_own_customer() -> None:
    other = replace(PROGRAM, name="other", account="other")
    accounts = World().accounts[BRAND]
    world = World(PROGRAM, other, accounts=[accounts, replace(accounts, name="other")])
    coniq_knows(world)

    report = world.handle(message(None, email=EMAIL))

    assert report.metrics[Metric.LOOKUPS] == 2
    assert [one.account for one in world.issuances] == [BRAND]
    assert [row.account for row in world.resolutions] == ["other"]


def test_two_sign_ups_of_one_customer_by_id_and_by_e_mail_are_one_barcode() -> None:
    world = World()
    coniq_knows(world)

    world.handle(message(42), message(None, email=EMAIL, signup_id="signup-2"))
    world.handle(message(None, email=EMAIL, signup_id="signup-3"))

    assert world.states == [IssuanceState.ISSUED]
    assert sum(len(post.requests) for post in world.barcodes.posts) == 1


def test_the_e_mail_is_kept_until_the_issuance_is_stored() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    coniq_knows(world)
    world.clock.pass_time(60)
    world.sweep()
    world.ledger.will_fail("write", times=3)

    report = world.deliver()

    (row,) = world.resolutions
    assert report.failed == []
    assert (row.state, row.email, world.issuances) == (ResolutionState.WAITING, EMAIL, [])
    world.cycle(seconds=TIMING.handover)
    assert world.states == [IssuanceState.ISSUED]
    assert world.resolutions[0].email is None


def test_a_first_sign_up_whose_issuance_is_not_stored_comes_again() -> None:
    world = World()
    coniq_knows(world)
    world.ledger.will_fail("write", times=3)

    report = world.handle(message(None, email=EMAIL))

    assert report.failed == ["m-signup-1"]
    assert world.ledger.rows == {}


def test_a_wait_that_cannot_be_stored_comes_again() -> None:
    world = World()
    world.ledger.will_fail("write", times=3)

    report = world.handle(message(None, email=EMAIL))

    assert report.failed == ["m-signup-1"]


def test_an_e_mail_that_could_not_be_forgotten_is_forgotten_the_next_time() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    coniq_knows(world)
    world.clock.pass_time(60)
    world.sweep()
    world.ledger.will_fail("write", times=3, after=4)

    world.deliver()
    before = world.resolutions[0].email
    world.cycle(seconds=TIMING.handover)

    assert before == EMAIL
    assert world.resolutions[0].email is None
    assert sum(len(post.requests) for post in world.barcodes.posts) == 1


def test_the_e_mail_is_forgotten_although_the_attempt_is_in_doubt() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    coniq_knows(world)
    world.barcodes.will(Fate.LOST_AFTER)

    world.cycle()

    assert world.states == [IssuanceState.REQUESTED]
    assert world.resolutions[0].email is None


@pytest.mark.parametrize("signups", [1, 2])
def test_the_same_sign_up_again_waits_in_the_same_row(signups: int) -> None:
    world = World()

    for number in range(4):
        world.handle(message(None, email=EMAIL, signup_id=f"signup-{number % signups}"))

    assert len(world.resolutions) == signups
    assert {row.tries for row in world.resolutions} == {1}


def test_a_sign_up_that_comes_again_is_owed_its_issuance_though_only_its_customer_is_left() -> None:
    world = World()
    world.handle(message(None, email=EMAIL))
    coniq_knows(world)
    world.cycle()
    del world.ledger.rows[world.issuance.key]  # damage, of which a restore brings back a part
    world.barcodes.will_not_answer_questions(OUTAGE)

    report = world.handle(message(None, email=EMAIL))

    assert report.failed == []
    assert world.issuance.customer_id == 42


def come_again(world: World, program: Program) -> BatchResult:
    world.handle(message(None, email=EMAIL))
    coniq_knows(world)
    world.cycle()
    world.programs.put(program)
    world.barcodes.will_not_answer_questions(OUTAGE)
    return world.handle(message(None, email=EMAIL))


@pytest.mark.parametrize("consents", [(), ("marketing",)], ids=["allowed", "denied by now"])
def test_a_sign_up_that_comes_again_is_counted_once(consents: tuple[str, ...]) -> None:
    report = come_again(World(), replace(PROGRAM, required_consents=consents))

    assert report.metrics[Metric.DUPLICATES] == 1


def test_a_customer_id_of_another_account_is_none_in_this_one() -> None:
    main = World().accounts[BRAND]
    world = World(accounts=[main, replace(main, name="other")])

    come_again(world, replace(PROGRAM, account="other"))

    assert [one.account for one in world.issuances] == [BRAND]


def test_the_same_sign_up_twice_in_a_batch_is_one_question() -> None:
    world = World()

    report = world.handle(message(None, email=EMAIL), message(None, email=EMAIL))

    assert report.metrics[Metric.DUPLICATES] == report.metrics[Metric.LOOKUPS] == 1
    assert len(world.resolutions) == 1
