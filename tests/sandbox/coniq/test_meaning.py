"""Answers of the simulated Coniq that are valid in form and wrong in meaning."""

import socket
from urllib.parse import urlsplit

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, FaultKind, FaultRule, NewCustomer
from couponbus_sandbox.simulator.references import ReferenceChange
from couponbus_sandbox.simulator.wordings import Wording
from tests.sandbox.coniq_caller import Caller, any_items

CODE = "CP-0123456789-ABCDEFGHIJKLM"
CHANGED = {
    "cut": "CP-0123456789-ABCDEF",
    "folded": "cp-0123456789-abcdefghijklm",
    "padded": " CP-0123456789-ABCDEFGHIJKLM ",
    "dropped": None,
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_reference_can_be_kept_in_another_form(
    coniq: ConiqSandbox, caller: Caller, change: str
) -> None:
    coniq.change(reference_kept=change)

    issued = caller.issue(customer_id=7, tracking_code=CODE).json()
    coniq.change(reference_kept=None)

    assert issued["tracking_code"] == CHANGED[change]
    assert caller.get("/barcode", customer_id=7).json() == [issued]
    assert caller.get("/barcode", tracking_code=CODE).json() == []


@pytest.mark.parametrize("change", ReferenceChange)
def test_a_reference_can_be_shown_in_another_form_for_some_calls(
    coniq: ConiqSandbox, caller: Caller, change: ReferenceChange
) -> None:
    settings = {"reference_shown": change}
    coniq.faults(FaultRule(kind=FaultKind.ALTERED, route="GET /barcode", settings=settings))

    issued = caller.issue(customer_id=7, tracking_code=CODE).json()
    listed = caller.get("/barcode", tracking_code=CODE).json()

    assert issued["tracking_code"] == CODE
    assert [each["barcode_number"] for each in listed] == [issued["barcode_number"]]
    assert listed[0]["tracking_code"] != CODE


def test_a_filter_can_be_ignored_with_a_cap_on_the_list(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    items = any_items(5)
    caller.batch(items)
    coniq.change(filtering="ignored", list_cap=3)

    listed = caller.get("/barcode", tracking_code=items[4]["tracking_code"]).json()

    assert [each["tracking_code"] for each in listed] == [
        item["tracking_code"] for item in items[:3]
    ]


@pytest.mark.parametrize("frame", ["barcodes", "data"])
def test_a_list_can_be_wrapped(coniq: ConiqSandbox, caller: Caller, frame: str) -> None:
    issued = caller.issue(customer_id=7).json()
    coniq.change(list_answer=frame)

    assert caller.get("/barcode", customer_id=7).json() == {frame: [issued]}


def test_one_item_can_come_without_a_list(coniq: ConiqSandbox, caller: Caller) -> None:
    issued = caller.issue(customer_id=7).json()
    coniq.change(list_answer="single")

    assert caller.get("/barcode", customer_id=7).json() == issued
    assert caller.get("/barcode", customer_id=8).json() == []


def test_several_customers_can_have_one_email(coniq: ConiqSandbox, caller: Caller) -> None:
    known = coniq.add_customers(NewCustomer(email="ada@example.com"))[0]
    coniq.change(customers_per_email=3)

    found = caller.get("/customer", email="ada@example.com").json()

    assert found[0]["customer_id"] == known
    assert len({each["customer_id"] for each in found}) == 3


@pytest.mark.parametrize("wording", Wording)
@pytest.mark.parametrize("status", [200, 404, 520])
def test_any_status_can_come_in_any_wording(
    coniq: ConiqSandbox, caller: Caller, wording: Wording, status: int
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.ANSWER, status=status, wording=wording))

    said = caller.issue()

    assert said.status_code == status
    assert (said.content == b"") == (wording is Wording.EMPTY)
    assert coniq.state.barcodes == 0


def test_what_was_done_can_be_denied_in_the_words_of_a_gateway(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.ANSWER, status=404, commit=True))

    assert caller.issue().json() == {"message": "Not Found"}
    assert coniq.state.barcodes == 1


def test_an_interim_answer_can_come_first(coniq: ConiqSandbox) -> None:
    coniq.faults(FaultRule(kind=FaultKind.INTERIM, status=102))
    place = urlsplit(coniq.url)

    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=5) as caller:
        caller.sendall(b"GET /barcode HTTP/1.1\r\nHost: coniq\r\nConnection: close\r\n\r\n")
        said = b"".join(iter(lambda: caller.recv(4096), b""))

    assert said.startswith(b"HTTP/1.1 102 ")
    assert said.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 401 Unauthorized" in said


@pytest.mark.parametrize(("kind", "status"), [(FaultKind.HTML, 103), (FaultKind.INTERIM, 200)])
def test_only_an_interim_answer_has_the_status_of_one(kind: FaultKind, status: int) -> None:
    with pytest.raises(ValueError, match="below 200"):
        FaultRule(kind=kind, status=status)
