"""Faults of the items in a request or a response, as a caller sees them."""

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, FaultKind, FaultRule
from tests.sandbox.coniq_caller import Caller, any_item, any_items


def test_k_of_n_creates_and_returns_the_first_k_only(coniq: ConiqSandbox, caller: Caller) -> None:
    items = any_items(5)
    coniq.faults(FaultRule(kind=FaultKind.K_OF_N, items=3))

    response = caller.batch(items)

    codes = [barcode["tracking_code"] for barcode in response.json()]
    assert response.status_code == 201
    assert codes == [item["tracking_code"] for item in items[:3]]
    assert coniq.state.barcodes == 3
    assert coniq.state.items_per_batch == [5]


def test_k_of_n_may_hide_what_it_created_behind_an_error(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.K_OF_N, items=3, status=500))

    assert caller.batch(any_items(5)).status_code == 500
    assert coniq.state.barcodes == 3


def codes_of(caller: Caller, items: list[dict[str, object]]) -> tuple[list[object], list[object]]:
    answered = caller.batch(items).json()
    sent: list[object] = [item["tracking_code"] for item in items]
    return [barcode["tracking_code"] for barcode in answered], sent


def test_a_short_answer_leaves_out_what_was_created(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SHORT, items=2))

    answered, sent = codes_of(caller, any_items(5))

    assert answered == sent[:3]
    assert coniq.state.barcodes == 5


@pytest.mark.parametrize("number", [2, 7])
def test_a_reordered_answer_has_the_same_items_in_another_order(
    coniq: ConiqSandbox, caller: Caller, number: int
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.REORDERED))

    for _ in range(4):
        answered, sent = codes_of(caller, any_items(number))

        assert answered != sent
        assert sorted(map(str, answered)) == sorted(map(str, sent))


def test_a_duplicated_answer_has_an_item_twice_that_exists_once(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.DUPLICATED))

    answered, sent = codes_of(caller, any_items(3))

    assert answered == [*sent, sent[0]]
    assert coniq.state.barcodes == 3


def test_a_foreign_item_belongs_to_no_requested_customer(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    items = any_items(2)
    coniq.faults(FaultRule(kind=FaultKind.FOREIGN))

    stranger, *ours = caller.batch(items).json()

    assert [barcode["tracking_code"] for barcode in ours] == [i["tracking_code"] for i in items]
    assert stranger.keys() == ours[0].keys()
    assert stranger["customer_id"] not in [item["customer_id"] for item in items]
    assert stranger["barcode_number"] not in {b["barcode_number"] for b in coniq.barcodes()}


def test_a_foreign_item_may_come_in_an_empty_list(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.FOREIGN, route="GET /barcode", items=2))

    strangers = caller.get("/barcode", offer_id=101).json()

    assert [stranger["tracking_code"] for stranger in strangers] == ["foreign-0", "foreign-1"]


def test_a_list_inside_an_envelope_is_reshaped_and_the_errors_are_not(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.change(batch_answer="barcodes_errors")
    coniq.faults(FaultRule(kind=FaultKind.SHORT, items=1))

    body = caller.batch([*any_items(2), any_item(channel="FAX")]).json()

    assert (len(body["barcodes"]), len(body["errors"])) == (1, 1)


def test_an_answer_without_a_list_is_not_reshaped(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SHORT, route="POST *"))

    assert caller.batch([]).json()["errors"][0]["index"] == 0
    coniq.change(error_style="text")
    assert caller.batch([]).text.startswith("Validation Failed")


@pytest.mark.parametrize("status", [400, 422])
def test_poison_fails_the_whole_call_without_saying_why_in_company_and_alone(
    coniq: ConiqSandbox, caller: Caller, status: int
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.POISON, customer_id=666, status=status))
    poison = any_item(customer_id=666)

    in_company = caller.batch([*any_items(3), poison])

    assert in_company.status_code == status
    assert "666" not in in_company.text
    assert caller.batch([poison]).status_code == status
    assert caller.post("/barcode", poison).status_code == status
    assert coniq.state.barcodes == 0
    assert caller.batch(any_items(3)).status_code == 201
    assert caller.get("/barcode", customer_id=666).status_code == 200


def test_poison_is_400_unless_a_status_is_given(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.POISON, customer_id=666))

    assert caller.issue(customer_id=666).status_code == 400


def test_a_redirect_points_elsewhere(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.REDIRECT, count=1, location="/barcode/new"))

    response = caller.issue()

    assert (response.status_code, response.headers["location"]) == (307, "/barcode/new")
    assert coniq.state.barcodes == 0
    assert [call["route"] for call in coniq.calls()] == ["POST /barcode"]
