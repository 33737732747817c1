"""Coniq fails in the ways that tempt to issue twice, or to lose a sign-up."""

import json

from couponbus_sandbox.coniq import FaultKind, FaultRule
from couponbus_sandbox.demo.waiting import tick
from tests.e2e.engine.laboratory import until
from tests.e2e.product import SECONDS, Product, any_customer, sign_up
from tests.e2e.test_operating import settle_seconds


def test_a_barcode_whose_answer_was_lost_is_found_and_not_asked_for_again(
    product: Product,
) -> None:
    who = any_customer()
    product.coniq.faults(
        FaultRule(kind=FaultKind.COMMIT_THEN_DROP, customer_id=who.customer_id, count=1)
    )

    product.put_events(sign_up(who))
    until(lambda: product.barcodes(who) and product.waiting("signups") == 0)
    product.stack.move_clock(seconds=settle_seconds())
    data = product.until_received("BarcodeIssued", who.signup_id)

    [number] = product.numbers(who)
    assert data["origin"] == "reconciled"
    assert str(data["barcode_masked"]).endswith(number[-4:])


def is_refused_alone(product: Product) -> bool:
    """Return whether a call for one barcode was refused; the sweeper is ticked meanwhile."""
    tick(product.stack)
    return is_refused(product, "POST /barcode")


def is_refused(product: Product, route: str) -> bool:
    return any(
        (call["route"], call["fault"]) == (route, "poison") for call in product.coniq.calls()
    )


def test_one_customer_whom_coniq_refuses_does_not_hold_up_the_others_of_the_batch(
    product: Product,
) -> None:
    poison, *others = (any_customer() for _ in range(4))
    product.coniq.faults(FaultRule(kind=FaultKind.POISON, customer_id=poison.customer_id))

    product.queue_up(*(json.dumps(sign_up(each)) for each in (*others, poison)))
    for each in others:
        product.until_received("BarcodeIssued", each.signup_id)
    # Coniq's refusal names no item: only another one that succeeds shows which it is.
    until(lambda: is_refused_alone(product), seconds=SECONDS)
    product.put_events(sign_up(any_customer()))
    refused = product.until_received("BarcodeRefused", poison.signup_id)

    assert is_refused(product, "POST /barcode/batch")
    assert refused["reason"] == "status_400"
    assert [len(product.numbers(each)) for each in (poison, *others)] == [0, 1, 1, 1]
