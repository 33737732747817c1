"""IAM is enforced on the deployed product, and nothing is lost while a permission is missing."""

import json

from tests.e2e.engine.laboratory import until
from tests.e2e.permissions import without
from tests.e2e.product import Product, any_customer, sign_up

SOON = 4.0


def test_a_sign_up_that_may_not_be_stored_is_not_issued_and_not_lost(product: Product) -> None:
    who = any_customer()
    failures = product.failures("issue_barcodes")

    with product.retry_sign_ups_after(seconds=2):
        with without("dynamodb:PutItem", "issue_barcodes", stack=product.stack):
            product.put_events(sign_up(who))
            until(lambda: product.failures("issue_barcodes") > failures)
            before = product.numbers(who)
        product.until_received("BarcodeIssued", who.signup_id)

    assert before == []
    assert len(product.numbers(who)) == 1


def test_an_event_that_may_not_be_published_is_published_later(product: Product) -> None:
    who = any_customer()

    with without("events:PutEvents", "publish_events", "sweep_due", stack=product.stack):
        product.put_events(sign_up(who))
        until(lambda: product.numbers(who))
        product.tick_for(seconds=SOON)
        before = product.received("BarcodeIssued", who.signup_id)
    product.until_received("BarcodeIssued", who.signup_id)

    assert before == []
    assert (
        len({received.event_id for received in product.received("BarcodeIssued", who.signup_id)})
        == 1
    )


def test_a_sign_up_that_fails_again_and_again_ends_in_the_dead_letters_and_can_be_redriven(
    product: Product,
) -> None:
    who = any_customer()

    with product.retry_sign_ups_after(seconds=1, receives=2):
        with without("dynamodb:PutItem", "issue_barcodes", stack=product.stack):
            product.put_events(sign_up(who))
            dead = until(lambda: product.take("signups-dead"))
        product.queue_up(*dead)
        product.until_received("BarcodeIssued", who.signup_id)

    assert [json.loads(body)["detail"]["signup_id"] for body in dead] == [who.signup_id]
    assert len(product.numbers(who)) == 1
