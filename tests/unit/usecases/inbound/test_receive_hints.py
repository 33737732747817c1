"""A callback can cause one poll of a watch; it can neither record nor find out anything."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.inbound.ignored_callbacks import IgnoredCallbacks, IgnoreReason
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork
from couponbus.usecases.inbound.http import NOT_FOUND_ANSWER
from couponbus.usecases.inbound.receive_hints import FORM_BYTES
from couponbus.usecases.invocation import Metric
from tests.unit.usecases.inbound.receiving_world import (
    ACCOUNT,
    FORM,
    PATH_SECRET,
    USER,
    ReceivingWorld,
    watch_key_in,
)
from tests.unit.usecases.polling.polling_world import PROMOTION, PollingWorld, snapshot, use


@pytest.fixture
def world() -> ReceivingWorld:
    return ReceivingWorld()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_callback_has_the_watch_of_that_customer_polled(
    world: ReceivingWorld, method: str
) -> None:
    reception = world.call(FORM, method=method)

    assert (reception.answer.status, reception.answer.content) == (204, None)
    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world),))]
    assert reception.counts == {Metric.HINTS: 1}


def test_nothing_is_looked_up_or_written_for_a_callback(world: ReceivingWorld) -> None:
    world.ledger.will_fail("read")
    world.ledger.will_fail("write")

    assert world.call(FORM).answer.status == 204
    assert world.ledger.writes == 0


def test_an_account_may_have_names_of_its_own_and_a_tenant_of_its_own() -> None:
    account = replace(ACCOUNT, tenant="acme", promotion_field="promo", user_field="who[id]")
    world = ReceivingWorld(account)

    world.call(urlencode({"promo": PROMOTION, "who[id]": USER, "userId": "another user"}))
    world.call(FORM)

    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world, tenant="acme"),))]


@pytest.mark.parametrize(
    "form",
    [
        "",
        f"promotionId={PROMOTION}",
        f"userId={USER}",
        f"promotionId=&userId={USER}",
        f"promotionId={PROMOTION}&userId=",
        f"promotionId={PROMOTION}&userId=a&userId=b",
        f"promotionId={PROMOTION}&userId=%07bell",
        f"promotionId={PROMOTION}&userId=%E2%80%A8",
        f"promotionId={PROMOTION}&userId={'x' * 129}",
        f"promotionId={'p' * 129}&userId={USER}",
        f"{FORM}&more={'x' * FORM_BYTES}",
        f"{FORM}&" + "&".join(f"f{number}=" for number in range(200)),
        '{"promotionId": "p", "userId": 5.5}',
        '{"promotionId": "p", "promotionId": "q", "userId": "u"}',
        f"promotionId={PROMOTION}&userId={USER}&USERID=another",
        "\ud800",
        "\x00",
    ],
    ids=lambda form: ascii(form[:40]),
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whatever_the_parameters_are_the_answer_is_the_same(
    world: ReceivingWorld, method: str, form: str
) -> None:
    reception = world.call(form, method=method)

    assert reception.answer == world.call(FORM).answer
    assert reception.counts == {Metric.HINTS_IGNORED: 1}
    assert len(world.polls.sent) == 1


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("", IgnoreReason.NO_PROMOTION),
        ("code=C-1&offerId=77&id=1925302", IgnoreReason.NO_PROMOTION),
        (f"promotionId=%07&userId={USER}", IgnoreReason.NO_PROMOTION),
        (f"promotionId={PROMOTION}", IgnoreReason.NO_USER),
        (f"promotionId={PROMOTION}&userId=a&userId=b", IgnoreReason.NO_USER),
        ('{"promotionId": ', IgnoreReason.UNREADABLE),
        ('{"a": 1}' * 2, IgnoreReason.UNREADABLE),
        ("&".join(f"f{number}=" for number in range(200)), IgnoreReason.UNREADABLE),
        (f"{FORM}&more={'x' * FORM_BYTES}", IgnoreReason.TOO_LONG),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_is_ignored_is_counted_with_its_reason(
    world: ReceivingWorld, form: str, reason: IgnoreReason
) -> None:
    world.call(form)

    assert world.ignored.recent(ACCOUNT.name) == IgnoredCallbacks(
        numbers={reason: 1}, last_at=world.clock.now()
    )


def test_neither_a_hint_nor_a_refused_secret_is_counted(world: ReceivingWorld) -> None:
    world.call(FORM)
    for account in ("main", "x" * 44):
        world.call("", secret=account)

    assert world.ignored.is_empty


def test_a_body_beside_a_query_is_not_read_and_not_too_long(world: ReceivingWorld) -> None:
    beside = world.call(FORM, method="GET", body=b"userId=another-user")
    long = world.call(FORM, method="GET", body=b"x" * (FORM_BYTES + 1))

    assert (beside.counts, long.counts) == ({Metric.HINTS: 1}, {Metric.HINTS_IGNORED: 1})
    assert beside.answer == long.answer


@pytest.mark.parametrize(
    "secret",
    [None, "", "main", PATH_SECRET[:-1], f"{PATH_SECRET} ", PATH_SECRET.upper(), "x" * 9000],
    ids=lambda secret: str(secret)[:30],
)
@pytest.mark.parametrize("form", [FORM, "", "x" * (FORM_BYTES + 1)], ids=["good", "none", "long"])
def test_a_wrong_secret_is_answered_like_a_path_that_never_was(
    world: ReceivingWorld, secret: str | None, form: str
) -> None:
    reception = world.call(form, secret=secret)

    assert reception.answer == NOT_FOUND_ANSWER
    assert reception.counts == {Metric.UNKNOWN_CALLBACKS: 1}
    assert world.polls.sent == []


def test_a_stage_without_callbacks_knows_no_path(world: ReceivingWorld) -> None:
    world.path_secrets.rotated = {}
    world.path_secrets.renewed()

    assert world.call(FORM).answer == NOT_FOUND_ANSWER


def test_each_account_has_a_secret_of_its_own() -> None:
    other = replace(ACCOUNT, name="other", tenant="acme")
    world = ReceivingWorld(ACCOUNT, other)
    world.path_secrets.rotated = {"main": (PATH_SECRET,), "other": ("another-fake-path-secret-2",)}
    world.path_secrets.renewed()

    world.call(FORM)
    world.call(FORM, secret="another-fake-path-secret-2")

    keys = [command.keys for command in world.polls.sent if isinstance(command, ContinueWork)]
    assert len(set(keys)) == 2


def test_a_secret_that_was_rotated_a_moment_ago_is_known_at_once(world: ReceivingWorld) -> None:
    new = "another-fake-path-secret-2"
    world.path_secrets.rotated = {ACCOUNT.name: (new,)}

    statuses = [world.call(FORM, secret=each).answer.status for each in (new, PATH_SECRET)]

    assert statuses == [204, 404]


def test_a_hint_that_cannot_be_passed_on_may_come_again(world: ReceivingWorld) -> None:
    world.polls.will_fail()
    unqueued = world.call(FORM)
    world.pseudonyms.failure = SecretUnavailable("pepper: ReadTimeoutError")
    unnamed = world.call(FORM)
    world.path_secrets.failure = SecretUnavailable("callbacks/main: ReadTimeoutError")
    unknown = world.call(FORM, secret="wrong")

    assert [each.answer.status for each in (unqueued, unnamed, unknown)] == [503] * 3
    assert unqueued.answer == unnamed.answer == unknown.answer


def test_a_hint_causes_a_poll_and_the_provider_alone_says_what_was_redeemed(
    world: ReceivingWorld,
) -> None:
    polling = PollingWorld()
    polling.begin()
    watch = polling.watch()
    polling.show(snapshot(use()))
    world.call(urlencode({"promotionId": PROMOTION, "userId": watch.user_id or ""}))
    world.call(urlencode({"promotionId": PROMOTION, "userId": "no-watch-has-this-name"}))

    for command in world.polls.sent:
        polling.poll(command)

    assert [row.native_id for row in polling.recorded] == ["1"]
    assert Provider.UNIQODO in {one.provider for one in polling.recorded}
