"""A callback can cause one poll of a watch; it can neither record nor find out anything."""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork
from couponbus.usecases.inbound.http import NOT_FOUND_ANSWER, Request
from couponbus.usecases.inbound.receive_callback import UNIQODO as UNIQODO_PATH
from couponbus.usecases.inbound.receive_hints import FORM_BYTES
from couponbus.usecases.invocation import Metric
from couponbus.usecases.polling.start_watches import Watched, Watching
from couponbus.usecases.store import Store
from tests import factories
from tests.fakes.ids import CountingIds
from tests.unit.usecases.inbound.receiving_world import (
    ACCOUNT,
    NO_HEADERS,
    PATH_SECRET,
    ReceivingWorld,
)
from tests.unit.usecases.polling.polling_world import (
    PROMOTION,
    UNIQODO,
    PollingWorld,
    snapshot,
    use,
)

USER = "ada@customer.example"
FORM = urlencode({"id": "1925302", "promotionId": PROMOTION, "userId": USER, "code": "C-1"})


@pytest.fixture
def world() -> ReceivingWorld:
    return ReceivingWorld()


def watch_key_in(world: ReceivingWorld, *, tenant: str = "default", user: str = USER) -> str:
    """Return the key of the watch that a sign-up of this customer would begin."""
    watching = Watching(
        store=Store(ledger=world.ledger, ids=CountingIds(), clock=world.clock),
        pseudonyms=world.pseudonyms,
        clock=world.clock,
        timing=factories.any_timing(),
    )
    who = Watched(
        tenant=tenant,
        program="welcome",
        signup_id="signup-1",
        customer_ref="cus_1",
        uniqodo_user=user,
        koupon_consumer=None,
    )
    (watch,) = watching.watches_for(who, [UNIQODO])
    return watch.key


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_callback_has_the_watch_of_that_customer_polled(
    world: ReceivingWorld, method: str
) -> None:
    reception = world.call(FORM, method=method)

    assert (reception.answer.status, reception.answer.content) == (204, None)
    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world),))]
    assert reception.counts == {Metric.HINTS: 1}


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", urlencode({"PROMOTIONID": PROMOTION, "userid": USER})),
        (urlencode({"promotionId": PROMOTION}), urlencode({"userId": USER})),
        (FORM, FORM),
        ("", json.dumps({"promotionId": PROMOTION, "UserId": USER, "orderValue": 9.5})),
        (urlencode({"promotionId": PROMOTION}), json.dumps({"userId": USER})),
    ],
)
def test_a_callback_is_understood_in_each_form_of_the_providers_page(
    world: ReceivingWorld, query: str, body: str
) -> None:
    callback = Request(
        method="POST",
        path=UNIQODO_PATH,
        secret=PATH_SECRET,
        headers=NO_HEADERS,
        query=query,
        body=body.encode(),
    )

    assert world.receiver.handle(callback).answer.status == 204
    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world),))]


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
        '{"promotionId": "p", "userId": 5}',
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
