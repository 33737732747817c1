"""From a sign-up to a webhook at its endpoint, on the deployed product."""

import json
from datetime import timedelta
from typing import cast

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.waiting import tick
from tests.e2e.engine.laboratory import until
from tests.e2e.inbox import Inbox
from tests.e2e.product import Customer, Json, Product, any_customer, sign_up
from tests.e2e.subscribing import added, couponbus_json, issued, requests
from tests.e2e.watching import Watching

A_COPY_IS_KEPT = 301.0  # seconds for which a sender keeps a copy of the secrets


def test_a_webhook_has_the_number_of_a_barcode_with_the_scope_only(
    product: Product, inbox: Inbox
) -> None:
    secret = added(product, inbox, "--scope", "barcode:read")
    who = issued(product)

    (request,) = requests(product, inbox, who)

    body = json.loads(request.body)
    assert request.is_signed_with(secret)
    assert abs(product.stack.clock.now() - request.sent_at) < timedelta(minutes=1)
    assert body["type"] == "BarcodeIssued"
    assert [body["data"]["barcode_number"]] == product.numbers(who)


def test_a_webhook_has_what_a_shop_attached_to_a_redemption_with_the_scope_only(
    product: Product, inbox: Inbox
) -> None:
    added(
        product, inbox, "--scope", "custom_params:read", events=("--events", "RedemptionRecorded")
    )
    watching, who = Watching(product), any_customer()
    names = watching.with_code(who)
    customer = {"coniq_customer_id": who.customer_id, **names}
    product.put_events(sign_up(who, kind="watched", customer=customer))
    watching.until_watched(who.signup_id)

    watching.redeem_at_uniqodo(who, custom_params='{"p1":"example1"}')
    watching.pass_time()
    (request,) = requests(product, inbox, who)

    assert json.loads(request.body)["data"]["custom_params"] == {"p1": "example1"}
    received = product.received("RedemptionRecorded", who.signup_id)
    assert ["custom_params" in one.data for one in received] == [False]


def test_in_the_overlap_of_a_rotation_both_secrets_verify(product: Product, inbox: Inbox) -> None:
    old = added(product, inbox)
    new = str(couponbus_json(product, "endpoints", "rotate", inbox.endpoint_id)["secret"])
    product.stack.move_clock(seconds=A_COPY_IS_KEPT)
    who = issued(product)

    (request,) = requests(product, inbox, who)

    assert request.is_signed_with(old)
    assert request.is_signed_with(new)
    assert not request.is_signed_with("whsec_" + "A" * 32)


def test_what_an_endpoint_did_not_take_comes_again_under_the_same_id(
    product: Product, inbox: Inbox
) -> None:
    secret = added(product, inbox)
    inbox.answer = 500
    who = issued(product)
    requests(product, inbox, who)

    inbox.answer = 204
    product.stack.move_clock(seconds=10)
    first, second = requests(product, inbox, who, number=2)

    assert (second.webhook_id, second.body) == (first.webhook_id, first.body)
    assert second.sent_at > first.sent_at
    assert first.is_signed_with(secret)
    assert second.is_signed_with(secret)
    until(lambda: delivered(product, who))


def test_an_endpoint_that_answers_410_is_disabled_and_that_is_published(
    product: Product, inbox: Inbox
) -> None:
    added(product, inbox)
    inbox.answer = 410
    issued(product)

    def of_this_one() -> list[Json]:
        tick(product.stack)
        ended = product.received("EndpointDisabled", "")
        return [one.data for one in ended if one.data["endpoint_id"] == inbox.endpoint_id]

    event, *_ = until(of_this_one)
    listed = cast(list[Json], couponbus_json(product, "endpoints", "list")["endpoints"])
    states = {one["endpoint_id"]: one["state"] for one in listed}
    assert (event["reason"], states[inbox.endpoint_id]) == ("gone", "DISABLED")


def test_an_operator_has_an_event_sent_again(product: Product, inbox: Inbox) -> None:
    added(product, inbox)
    who = issued(product)
    (request,) = requests(product, inbox, who)
    event_id = json.loads(request.body)["metadata"]["id"]
    chosen = ("deliveries", "retry", "--event", event_id, "--endpoint", inbox.endpoint_id)

    planned = couponbus_json(product, *chosen, "--dry-run")
    made = couponbus_json(product, *chosen, "--yes")
    _, again = requests(product, inbox, who, number=2)

    assert (planned["deliveries"], made["deliveries"]) == (1, 1)
    assert (again.webhook_id, again.body) == (request.webhook_id, request.body)


def delivered(product: Product, who: Customer) -> bool:
    received = product.received("BarcodeIssued", who.signup_id)
    ids = {one.event_id for one in received}
    rows = [row for row in rows_of(product.stack) if isinstance(row, Delivery)]
    return any(row.event_id in ids and row.state is DeliveryState.DELIVERED for row in rows)
