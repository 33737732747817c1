"""What the simulated Coniq finds: barcodes, customers and subscriptions."""

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, NewCustomer
from tests.sandbox.coniq_caller import Caller


@pytest.fixture
def ada(coniq: ConiqSandbox) -> int:
    customer = NewCustomer(email="Ada@example.com", first_name="Ada", external_id="e-1")
    return coniq.add_customers(customer)[0]


def codes(caller: Caller, **query: object) -> list[str | None]:
    response = caller.get("/barcode", **query)
    assert response.status_code == 200
    return [barcode["tracking_code"] for barcode in response.json()]


def test_each_criterion_narrows_the_list(caller: Caller, ada: int) -> None:
    number = caller.issue(customer_id=ada, tracking_code="a").json()["barcode_number"]
    caller.issue(customer_id=ada, offer_id=102, channel="SMS", tracking_code="b")
    caller.issue(customer_id=8, tracking_code="c")

    assert codes(caller, customer_email="ada@EXAMPLE.com") == ["a", "b"]
    assert codes(caller, customer_email="ada@example.com", offer_id=102) == ["b"]
    assert codes(caller, offer_id=101) == ["a", "c"]
    assert codes(caller, customer_id="008") == ["c"]
    assert codes(caller, tracking_code="b") == ["b"]
    assert codes(caller, tracking_code="b", customer_id=8) == []
    assert codes(caller, barcode_number=number) == ["a"]
    assert codes(caller, channel="SMS") == ["b"]


@pytest.mark.parametrize(
    "query",
    [
        {"customer_email": "unknown@example.com"},
        {"customer_id": 404},
        {"offer_id": 404},
        {"barcode_number": "2400000000000000"},
        {"tracking_code": "none"},
    ],
)
def test_nothing_found_is_an_empty_array(caller: Caller, query: dict[str, object]) -> None:
    assert codes(caller, **query) == []


@pytest.mark.parametrize(
    "query", [{}, {"offer": 101}, {"offer_id": "x"}, {"customer_id": ""}, {"tracking_code": ""}]
)
def test_no_usable_criterion_is_400(caller: Caller, query: dict[str, object]) -> None:
    assert caller.get("/barcode", **query).status_code == 400


def test_a_criterion_that_coniq_does_not_know_may_be_ignored(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.change(filters=("customer_email", "offer_id"), unknown_filters="ignore")
    caller.issue(tracking_code="a")
    caller.issue(tracking_code="b")

    assert codes(caller, offer_id=101, tracking_code="b") == ["a", "b"]
    assert caller.get("/barcode", tracking_code="b").status_code == 400


def test_a_list_may_have_a_cap(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(list_cap=1)
    caller.issue(tracking_code="a")
    caller.issue(tracking_code="b")

    assert codes(caller, offer_id=101) == ["a"]


def test_a_barcode_may_be_found_only_after_a_while(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(barcode_delay_seconds=60)
    caller.issue(tracking_code="a")

    assert codes(caller, offer_id=101) == []
    coniq.advance_clock(seconds=61)
    assert codes(caller, offer_id=101) == ["a"]


def test_a_customer_is_found_by_email(caller: Caller, ada: int) -> None:
    found = caller.get("/customer", email="ada@example.com")

    [customer] = found.json()
    assert found.status_code == 200
    assert (customer["customer_id"], customer["email"]) == (ada, "Ada@example.com")
    assert (customer["first_name"], customer["external_id"]) == ("Ada", "e-1")


def test_an_unknown_customer_is_an_empty_array_or_404_by_setting(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    empty = caller.get("/customer", email="unknown@example.com")
    coniq.change(unknown_customer="not_found")
    missing = caller.get("/customer", email="unknown@example.com")

    assert (empty.status_code, empty.json()) == (200, [])
    assert missing.status_code == 404


def test_a_customer_may_be_found_only_after_a_while(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.add_customers(NewCustomer(email="late@example.com", visible_in_seconds=60))

    assert caller.get("/customer", email="late@example.com").json() == []
    assert codes(caller, customer_email="late@example.com") == []
    coniq.advance_clock(seconds=61)
    assert len(caller.get("/customer", email="late@example.com").json()) == 1


def test_a_customer_query_without_email_is_400(caller: Caller) -> None:
    assert caller.get("/customer").status_code == 400


def test_a_customer_with_a_barcode_of_an_offer_is_subscribed_to_it(
    caller: Caller, ada: int
) -> None:
    caller.issue(customer_id=ada, offer_id=101)

    def subscriptions(**query: object) -> object:
        return caller.get("/subscription", **query).json()

    [subscription] = caller.get(
        "/subscription", customer_email="ada@example.com", offer_id=101
    ).json()
    assert (subscription["customer_id"], subscription["offer_id"]) == (ada, 101)
    assert subscriptions(customer_email="ada@example.com", offer_id=102) == []
    assert subscriptions(customer_email="unknown@example.com", offer_id=101) == []


@pytest.mark.parametrize("offer_id", ["", "x"])
def test_a_subscription_query_without_an_offer_is_400(caller: Caller, offer_id: str) -> None:
    response = caller.get("/subscription", customer_email="a@example.com", offer_id=offer_id)

    assert response.status_code == 400
