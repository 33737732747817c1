"""The customer with an e-mail, in each form of the answer."""

import json

import pytest

from couponbus.domain.errors import ContractBroken
from couponbus.providers.coniq.customers import customer_with

ANN = {"customer_id": 7, "email": "ann@example.test"}
BOB = {"customer_id": 8, "email": "bob@example.test"}


def asked(body: object, email: str = "ann@example.test") -> int | None:
    return customer_with(json.dumps(body).encode(), email=email)


@pytest.mark.parametrize(
    "body",
    [
        [ANN],
        ANN,
        [BOB, ANN],
        {"data": [ANN, BOB]},
        {"customers": [ANN]},
        [{**ANN, "email": " Ann@Example.TEST "}],
        [{"id": "7", "email": "ann@example.test"}],
        [{"customer_id": 7}],
        [ANN, ANN],
    ],
)
def test_the_customer_is_found(body: object) -> None:
    assert asked(body) == 7


@pytest.mark.parametrize(
    ("asked_for", "shown"),
    [
        ("jos\u00e9@shop.example", "jose\u0301@shop.example"),
        ("ann@m\u00fcnchen.example", "ann@xn--mnchen-3ya.example"),
        ("ann@xn--mnchen-3ya.example", "Ann@M\u00dcNCHEN.example"),
        ("\u0130nfo@shop.example", "info@shop.example"),
    ],
)
def test_the_customer_is_found_under_another_spelling(asked_for: str, shown: str) -> None:
    assert asked([{"customer_id": 7, "email": shown}], email=asked_for) == 7


def test_a_sharp_s_is_another_letter() -> None:
    two = [
        {"customer_id": 7, "email": "stra\u00dfe@shop.example"},
        {"customer_id": 8, "email": "strasse@shop.example"},
    ]

    assert asked(two, email="strasse@shop.example") == 8


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"data": []},
        {"customers": [], "success": True, "error": None, "status": 200, "total": 0},
    ],
)
def test_the_customer_is_unknown(body: object) -> None:
    assert asked(body) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([ANN, {**ANN, "customer_id": 9}], "several_customers"),
        ([ANN, {"customer_id": 9}], "several_customers"),
        ([BOB], "filter_ignored"),
        ([{"customer_id": 7}, {"customer_id": 9}], "several_customers"),
        ([{"email": "ann@example.test"}], "customer_without_id"),
        ([{**ANN, "customer_id": "seven"}], "customer_without_id"),
        ([7], "unreadable_answer"),
        ("ann", "unreadable_answer"),
        (None, "unreadable_answer"),
    ],
)
def test_an_answer_that_does_not_say_who_is_no_answer(body: object, reason: str) -> None:
    with pytest.raises(ContractBroken) as raised:
        asked(body)

    assert str(raised.value) == f"coniq GET /customer: {reason}"


@pytest.mark.parametrize(
    "body",
    [
        {"customers": [], "error": "upstream"},
        {"data": [], "success": False},
        {"data": [], "status": "error"},
        {"data": [], "code": 503},
        {"data": [], "total": 3},
        {"customers": [], "data": [BOB], "count": 2},
        {"data": [ANN], "total": 2},
    ],
)
def test_a_list_that_is_contradicted_around_it_proves_no_absence(body: object) -> None:
    with pytest.raises(ContractBroken, match="contradicted_list"):
        asked(body)


@pytest.mark.parametrize("body", [{}, [{}], {"message": "try later"}, [{"data": []}]])
def test_an_object_that_names_no_customer_proves_no_absence(body: object) -> None:
    with pytest.raises(ContractBroken, match="customer_without_id"):
        asked(body)


def test_a_list_beside_an_empty_one_is_read_as_well() -> None:
    assert asked({"customers": [], "data": [ANN]}) == 7


def test_html_is_no_answer() -> None:
    with pytest.raises(ContractBroken, match="unreadable_answer"):
        customer_with(b"<html>", email="ann@example.test")
