"""Which keys may sign sign-ups, for how long, and that a forger learns nothing from a response."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from couponbus.domain.webhooks.signature import secret_of
from couponbus.usecases.invocation import Metric
from tests.callback_factories import any_detail, body_of
from tests.unit.usecases.inbound.receiving_world import KEY, ReceivingWorld, problems_of

OTHER_KEY = b"test-key-not-real-0000-another-"


@pytest.fixture
def world() -> ReceivingWorld:
    return ReceivingWorld()


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("leave", [lambda name: {}, lambda name: {name: ""}])
def test_a_missing_header_is_named(
    world: ReceivingWorld, missing: str, leave: Callable[[str], Mapping[str, str]]
) -> None:
    body = body_of(any_detail())
    headers = world.headers(body)
    del headers[missing]

    reception = world.post(body, {**headers, **leave(missing)})

    assert reception.answer.status == 400
    assert [problem["field"] for problem in problems_of(reception)] == [missing]
    assert reception.counts == {Metric.REFUSED_UNSIGNED: 1}


def test_whatever_is_wrong_with_a_signature_the_answer_is_the_same(world: ReceivingWorld) -> None:
    body, now = body_of(any_detail()), world.clock.now()
    good = world.headers(body)
    wrong = [
        world.headers(body, keys=(OTHER_KEY,)),
        world.headers(body, at=now - timedelta(seconds=301)),
        world.headers(body, at=now + timedelta(seconds=301)),
        {**good, "webhook-id": "msg_other"},
        {**good, "webhook-timestamp": "soon"},
        {**good, "webhook-timestamp": f"{int(now.timestamp()) + 1}"},
        {**good, "webhook-signature": "v1,"},
        {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")},
        {**good, "webhook-signature": ",".join([good["webhook-signature"]] * 2)},
        {**good, "webhook-id": ",".join([good["webhook-id"]] * 2)},
    ]

    receptions = [world.post(body, headers) for headers in wrong]

    assert {each.answer.status for each in receptions} == {401}
    assert [each for each in receptions if each != receptions[0]] == []
    assert world.sign_ups.sent == []


@pytest.mark.parametrize("webhook_id", ["with.dot", "x" * 129, "a b", "zoë"])
def test_an_id_that_cannot_be_signed_is_named_as_the_fault(
    world: ReceivingWorld, webhook_id: str
) -> None:
    body = body_of(any_detail())

    reception = world.post(body, world.headers(body, webhook_id=webhook_id))

    assert reception.answer.status == 400
    assert [(each["field"], each["problem"]) for each in problems_of(reception)] == [
        ("webhook-id", "invalid_id")
    ]
    assert reception.counts == {Metric.REFUSED_INVALID: 1}
    assert world.sign_ups.sent == []


def test_an_id_may_have_128_characters(world: ReceivingWorld) -> None:
    body = body_of(any_detail())

    assert world.post(body, world.headers(body, webhook_id="x" * 128)).answer.status == 202


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated_in_both_directions(
    world: ReceivingWorld, seconds: float
) -> None:
    body = body_of(any_detail())
    at = world.clock.now() + timedelta(seconds=seconds)

    assert world.post(body, world.headers(body, at=at)).answer.status == 202


def test_what_the_published_package_signs_is_accepted(world: ReceivingWorld) -> None:
    body, now = body_of(any_detail(attributes={"name": "Zoë"})), world.clock.now()
    signature = Webhook(secret_of(KEY)).sign("msg_1", now, body.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }

    assert world.post(body, headers).answer.status == 202
    assert world.post(body + b" ", headers).answer.status == 401


def test_both_secrets_are_good_while_one_replaces_the_other(world: ReceivingWorld) -> None:
    world.keys.rotated = (OTHER_KEY, KEY)
    world.keys.renewed()
    body = body_of(any_detail())

    statuses = [
        world.post(body, world.headers(body, keys=keys)).answer.status
        for keys in ((KEY,), (OTHER_KEY,), (OTHER_KEY, KEY))
    ]

    assert statuses == [202, 202, 202]


def test_a_secret_that_was_rotated_a_moment_ago_is_known_at_once(world: ReceivingWorld) -> None:
    world.keys.rotated = (OTHER_KEY,)
    body = body_of(any_detail())

    new = world.post(body, world.headers(body, keys=(OTHER_KEY,)))
    old = world.post(body, world.headers(body, keys=(KEY,)))

    assert (new.answer.status, old.answer.status) == (202, 401)


def test_secrets_are_not_asked_for_anew_because_of_a_wrong_time(world: ReceivingWorld) -> None:
    body = body_of(any_detail())

    world.post(body, world.headers(body, at=world.clock.now() - timedelta(hours=1)))
    world.post(body)

    assert world.keys.renewals == 0
