"""Exactly the messages whose rows are not safely stored are redelivered."""

from dataclasses import replace

from couponbus.domain.errors import LedgerUnavailable, SecretUnavailable
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

DOWN = LedgerUnavailable("query: ReadTimeoutError")
SECOND = replace(PROGRAM, name="second", account="second")


def two_accounts() -> World:
    account = replace(factories.any_account(), name=BRAND)
    return World(PROGRAM, SECOND, accounts=[account, replace(account, name="second")])


def test_nothing_to_do_is_done() -> None:
    world = World()

    report = world.handle()

    assert (report.failed, dict(report.metrics)) == ([], {})


def test_a_sign_up_that_several_programs_want_gets_all_their_barcodes() -> None:
    world = two_accounts()

    report = world.handle(message())

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED] * 2


def test_a_message_of_two_programs_fails_if_one_of_them_is_lost() -> None:
    world = two_accounts()
    world.ledger.will_fail("write", times=3, after=5)

    report = world.handle(message(), message(43, signup_id="other"))

    assert report.failed == ["m-signup-1", "m-other"]
    assert world.states == [IssuanceState.ISSUED] * 2
    assert world.handle(message(), message(43, signup_id="other")).failed == []
    assert world.states == [IssuanceState.ISSUED] * 4
    assert len(world.barcodes.made) == 4


def test_only_the_batch_that_was_lost_comes_again() -> None:
    account = replace(factories.any_account(), name=BRAND, batch_max=2)
    world = World(accounts=[account])
    messages = [message(n, signup_id=f"s-{n}") for n in range(1, 7)]
    world.ledger.will_fail("write", times=3, after=5)

    report = world.handle(*messages)

    assert report.failed == ["m-s-3", "m-s-4"]
    assert world.handle(*messages).failed == []
    assert len(world.barcodes.made) == 6


def test_both_messages_of_one_row_come_again() -> None:
    world = World()
    world.ledger.will_fail("write", times=3)

    report = world.handle(message(), message(signup_id="again"), message(message_id="copy"))

    assert report.failed == ["m-signup-1", "m-again", "copy"]


def test_without_programs_nothing_can_be_said_and_everything_comes_again() -> None:
    world = World()
    world.programs.failure = DOWN

    report = world.handle(message(), Message(message_id="bad", body="{"))

    assert report.failed == ["m-signup-1"]
    assert report.metrics[Metric.QUARANTINED] == 1


def test_without_the_pepper_nothing_is_begun() -> None:
    world = World()
    world.pseudonyms.failure = SecretUnavailable("get_secret_value: AccessDenied")

    report = world.handle(message())

    assert report.failed == ["m-signup-1"]
    assert (world.ledger.rows, world.barcodes.posts) == ({}, [])


def test_a_command_never_comes_again_because_its_rows_do() -> None:
    world = World()
    world.handle(message(), within=30)
    world.sweep()
    world.ledger.will_fail("read")

    report = world.deliver()

    assert report.failed == []
    assert world.states == [IssuanceState.PENDING]
    world.cycle(seconds=300)
    assert world.states == [IssuanceState.ISSUED]


def test_a_command_for_rows_that_are_gone_or_done_does_nothing() -> None:
    world = World()
    world.handle(message())
    world.handle(replace(message(), body='{"signup_id": "bad"}'))
    keys = (*world.ledger.rows, factories.any_issuance().key)
    before = dict(world.ledger.rows)

    report = world.handle(
        Message(
            message_id="c",
            body=factories.any_command().model_copy(update={"keys": keys}).model_dump_json(),
        )
    )

    assert report.failed == []
    assert world.ledger.rows == before


def test_a_command_and_a_sign_up_of_the_same_row_are_one_attempt() -> None:
    world = World()
    world.handle(message(), within=30)
    world.sweep()
    (command,) = world.commands.sent

    report = world.handle(
        Message(message_id="c", body=command.model_dump_json()), message(signup_id="again")
    )

    assert report.failed == []
    assert world.states == [IssuanceState.ISSUED]
    assert len(world.barcodes.posts) == 1


def test_two_copies_of_a_command_are_one_attempt() -> None:
    world = World()
    world.barcodes.will(Fate.THROTTLED)
    world.handle(message())
    world.clock.pass_time(60)
    world.sweep()
    body = world.commands.sent[0].model_dump_json()

    world.handle(Message(message_id="c-1", body=body), Message(message_id="c-2", body=body))
    world.handle(Message(message_id="c-2", body=body))

    assert world.states == [IssuanceState.ISSUED]
    assert len(world.barcodes.posts) == 2


def test_a_message_on_which_the_code_raises_fails_alone() -> None:
    world = World()

    def raise_error(*, tenant: str, customer: str) -> str:
        if customer == "13":
            raise ZeroDivisionError
        return f"cus_{tenant}_{customer}"

    world.pseudonyms.of = raise_error  # type: ignore[method-assign]

    report = world.handle(*(message(n, signup_id=f"s-{n}") for n in range(10, 18)))

    assert report.failed == ["m-s-13"]
    assert world.states == [IssuanceState.ISSUED] * 7
    assert len(world.barcodes.made) == 7
    assert set(report.bugs) == {"ZeroDivisionError"}
