"""Each producer has a secret, tenants and webhook ids of its own."""

import pytest

from couponbus.usecases.invocation import Metric
from tests.callback_factories import any_detail, body_of
from tests.unit.usecases.inbound.receiving_world import (
    KEY,
    PRODUCER_KEYS,
    ReceivingWorld,
    problems_of,
)


def test_a_producer_signs_on_its_path_with_its_own_secret() -> None:
    world = ReceivingWorld()

    assert world.post_as("shop", body_of(any_detail())).answer.status == 202
    assert len(world.sign_ups.sent) == 1


@pytest.mark.parametrize("key", [KEY, PRODUCER_KEYS["till"]])
def test_the_secret_of_another_producer_opens_no_path(key: bytes) -> None:
    world = ReceivingWorld()

    reception = world.post_as("shop", body_of(any_detail()), key=key)

    assert reception.answer.status == 401
    assert reception.counts == {Metric.REFUSED_FORGED: 1}
    assert world.sign_ups.sent == []


def test_a_producer_names_its_own_tenants_only() -> None:
    world = ReceivingWorld()

    reception = world.post_as("shop", body_of(any_detail(), any_detail(tenant="brand")))

    assert reception.answer.status == 400
    assert [(one["index"], one["field"], one["problem"]) for one in problems_of(reception)] == [
        (1, "tenant", "tenant_not_allowed")
    ]
    assert world.sign_ups.sent == []


def test_two_producers_may_use_the_same_webhook_id() -> None:
    world = ReceivingWorld()

    first = world.post_as("shop", body_of(any_detail()), webhook_id="msg_1")
    other = world.post_as("till", body_of(any_detail()), webhook_id="msg_1")
    plain = body_of(any_detail())
    default = world.post(plain, world.headers(plain, webhook_id="msg_1"))
    reused = world.post_as("shop", body_of(any_detail()), webhook_id="msg_1")

    statuses = [each.answer.status for each in (first, other, default, reused)]
    assert statuses == [202, 202, 202, 409]


def test_a_producer_that_is_not_set_up_has_no_path() -> None:
    world = ReceivingWorld()

    assert world.post_as("unknown", body_of(any_detail()), key=KEY).answer.status == 404
