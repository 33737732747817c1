"""From a sign-up to its redemptions on the bus, on the deployed product."""

import json
from collections.abc import Iterator

import pytest

from couponbus.domain.polling.watch_states import WatchState
from couponbus_sandbox.uniqodo import FaultKind, FaultRule
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Customer, Json, Product, any_customer, sign_up
from tests.e2e.watching import Watching

UNIQODO_QUERY = "GET /publisher/*"
WRONG_KEY = '{"data": null, "errors": [{"code": 401, "message": "Unauthorized"}]}'


@pytest.fixture
def watching(product: Product) -> Iterator[Watching]:
    yield Watching(product)
    product.stack.uniqodo.clear_faults()
    product.stack.koupon.clear_faults()


def watched(who: Customer, names: Json) -> Json:
    customer = {"coniq_customer_id": who.customer_id, **names}
    return sign_up(who, kind="watched", customer=customer)


def recorded(product: Product, signup_id: str) -> dict[str, Json]:
    """Return the published redemptions of a sign-up, by the provider."""
    received = product.received("RedemptionRecorded", signup_id)
    return {str(one.data["provider"]): one.data for one in received}


def test_what_is_redeemed_after_a_barcode_was_issued_is_published_for_both_providers(
    watching: Watching,
) -> None:
    product, who = watching.product, any_customer()
    product.put_events(watched(who, watching.with_code(who)))
    product.until_received("BarcodeIssued", who.signup_id)
    watching.until_watched(who.signup_id)

    native_id = watching.redeem_at_uniqodo(who)
    watching.redeem_at_koupon(who)
    watching.pass_time()
    until(lambda: len(recorded(product, who.signup_id)) == 2)

    at_uniqodo = recorded(product, who.signup_id)["uniqodo"]
    at_koupon = recorded(product, who.signup_id)["koupon"]
    assert (at_uniqodo["native_id"], at_uniqodo["order_value"]) == (native_id, "42.5")
    assert (at_koupon["native_id"], at_koupon["ordinal"]) == (None, 1)
    assert at_uniqodo["customer_ref"] == at_koupon["customer_ref"]
    assert {at_uniqodo["program"], at_koupon["program"]} == {"watched"}
    assert "customer.example" not in json.dumps([at_uniqodo, at_koupon])


def test_customers_named_by_a_command_are_watched_from_then_on(watching: Watching) -> None:
    product, who = watching.product, any_customer()
    names = watching.with_code(who)
    watching.redeem_at_koupon(who)
    command = {
        "type": "WatchCustomers",
        "program": "watched",
        "customers": [{"reference": who.signup_id, **names}],
    }

    product.queue_up(json.dumps(command), queue="polls")
    watching.until_watched(who.signup_id)
    native_id = watching.redeem_at_uniqodo(who)
    watching.pass_time()
    until(lambda: recorded(product, who.signup_id))

    received = product.received("RedemptionRecorded", who.signup_id)
    assert [one.data["native_id"] for one in received] == [native_id]


def test_a_refused_key_pauses_the_account_until_an_operator_resumes_it(
    watching: Watching,
) -> None:
    product, who = watching.product, any_customer()
    product.put_events(watched(who, watching.with_code(who)))
    product.until_received("BarcodeIssued", who.signup_id)
    watching.until_watched(who.signup_id)
    watching.uniqodo.faults(
        FaultRule(kind=FaultKind.UNAUTHORIZED, route=UNIQODO_QUERY, text=WRONG_KEY)
    )
    watching.redeem_at_uniqodo(who)
    watching.redeem_at_koupon(who)

    watching.pass_time()
    pauses = product.couponbus("watch", "pauses")
    calls_before = len(watching.uniqodo.calls())
    watching.pass_time()
    calls_meanwhile = len(watching.uniqodo.calls()) - calls_before
    recorded_meanwhile = recorded(product, who.signup_id)
    watching.uniqodo.clear_faults()
    resumed = product.couponbus("watch", "resume", "--provider", "uniqodo", "--account", "main")
    watching.pass_time()
    until(lambda: "uniqodo" in recorded(product, who.signup_id))

    assert "uniqodo" in pauses.stdout
    assert calls_meanwhile == 0
    assert set(recorded_meanwhile) == {"koupon"}
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr


def test_a_message_that_is_no_command_is_put_aside(watching: Watching) -> None:
    product, who = watching.product, any_customer()
    records: list[str] = []
    command = {
        "type": "WatchCustomers",
        "program": "watched",
        "customers": [{"reference": who.signup_id, **watching.with_code(who)}],
    }

    def arrived() -> bool:
        records.extend(product.take("quarantine"))
        return bool(records)

    product.queue_up("{no command", json.dumps(command), queue="polls")
    watching.until_watched(who.signup_id)
    until(arrived)

    assert [json.loads(record)["reason"] for record in records] == ["not_json"]
    assert {one.state for one in watching.watches(who.signup_id)} == {WatchState.ACTIVE}
