"""From a sign-up to its barcode and its event, on the deployed product."""

import json

from couponbus_sandbox.coniq import NewCustomer
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Product, any_customer, sign_up


def test_a_sign_up_on_the_bus_becomes_a_barcode_and_an_event(product: Product) -> None:
    who = any_customer()

    product.put_events(sign_up(who))
    data = product.until_received("BarcodeIssued", who.signup_id)

    [number] = product.numbers(who)
    assert str(data["barcode_masked"]).endswith(number[-4:])
    assert number not in json.dumps(data)
    assert (data["program"], data["offer_id"], data["origin"]) == ("plain", 101, "issued")


def test_a_sign_up_may_be_put_into_the_queue_directly(product: Product) -> None:
    who = any_customer()

    product.queue_up(json.dumps(sign_up(who)))
    product.until_received("BarcodeIssued", who.signup_id)

    assert len(product.numbers(who)) == 1


def test_who_signs_up_three_times_has_one_barcode_and_one_event_id(product: Product) -> None:
    who, later = any_customer(), any_customer()
    again = f"{who.signup_id}-again"

    product.put_events(sign_up(who), sign_up(who), sign_up(who, signup_id=again))
    until(lambda: product.received("BarcodeIssued", who.signup_id) or _received(product, again))
    product.put_events(sign_up(who), sign_up(who, signup_id=again), sign_up(later))
    product.until_received("BarcodeIssued", later.signup_id)

    received = [
        *product.received("BarcodeIssued", who.signup_id),
        *product.received("BarcodeIssued", again),
    ]
    assert len({each.event_id for each in received}) == 1
    assert len(product.numbers(who)) == 1


def test_a_sign_up_without_consent_is_refused_and_a_later_one_with_it_is_not(
    product: Product,
) -> None:
    who = any_customer()
    later = f"{who.signup_id}-later"

    product.put_events(sign_up(who, kind="with-consent"))
    refused = product.until_received("BarcodeRefused", who.signup_id)
    asked_before = product.numbers(who)
    product.put_events(sign_up(who, signup_id=later, kind="with-consent", consents=["marketing"]))
    product.until_received("BarcodeIssued", later)

    assert refused["reason"] == "consent_missing"
    assert asked_before == []
    assert len(product.numbers(who)) == 1


def test_a_sign_up_by_email_waits_until_coniq_knows_the_customer(product: Product) -> None:
    who = any_customer()
    email = f"{who.signup_id}@customer.example"

    product.put_events(sign_up(who, customer={"email": email}))
    until(lambda: _asked_for(product, email))
    barcodes_before = product.numbers(who)
    product.coniq.add_customers(NewCustomer(customer_id=who.customer_id, email=email))
    product.until_received("BarcodeIssued", who.signup_id)

    assert barcodes_before == []
    assert len(product.numbers(who)) == 1


def _received(product: Product, signup_id: str) -> bool:
    return bool(product.received("BarcodeIssued", signup_id))


def _asked_for(product: Product, email: str) -> bool:
    return any(
        call["route"] == "GET /customer" and email in str(call["query"])
        for call in product.coniq.calls()
    )
