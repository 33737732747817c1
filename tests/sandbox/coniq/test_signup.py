"""Sign-up forms and transactions of the simulated Coniq."""

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings, SignupForm, coniq_server
from tests.sandbox.coniq_caller import Caller


def sign_up(caller: Caller, *, form: str = "signup1", email: str = "ada@example.com") -> int:
    fields = {"email": email, "first_name": "Ada", "marketing_agreement": 1}
    response = caller.post(f"/signup/{form}.json", {"fields": fields})
    assert response.status_code == 201
    customer_id: int = response.json()["customer_id"]
    return customer_id


def test_a_sign_up_makes_a_customer_who_is_found_by_email(caller: Caller) -> None:
    customer_id = sign_up(caller)

    [customer] = caller.get("/customer", email="ada@example.com").json()
    assert (customer["customer_id"], customer["first_name"]) == (customer_id, "Ada")
    assert "marketing_agreement" not in customer
    assert caller.get("/barcode", customer_email="ada@example.com").json() == []


def test_a_second_sign_up_is_the_same_customer_and_another_email_is_not(caller: Caller) -> None:
    first = sign_up(caller)

    assert sign_up(caller, email="ADA@example.com") == first
    assert sign_up(caller, email="bob@example.com") != first


def test_a_form_that_issues_gives_one_barcode_by_itself(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    for _ in range(2):
        sign_up(caller, form="issues1")

    [barcode] = caller.get("/barcode", customer_email="ada@example.com", offer_id=101).json()
    assert (barcode["channel"], barcode["tracking_code"]) == ("MAIL", None)
    assert coniq.state.barcodes == 1


def test_a_form_whose_offer_does_not_exist_issues_nothing() -> None:
    form = SignupForm(form_hash="nothing", offer_id=999, issues_barcode=True)
    with coniq_server(ConiqSettings(forms=(form,), open_world=False)) as sandbox:
        sign_up(Caller(sandbox.url), form="nothing")

        assert (sandbox.state.customers, sandbox.state.barcodes) == (1, 0)


def test_a_customer_is_found_some_time_after_the_sign_up_by_setting(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.change(customer_delay_seconds=30)
    sign_up(caller)

    assert caller.get("/customer", email="ada@example.com").json() == []
    coniq.advance_clock(seconds=31)
    assert len(caller.get("/customer", email="ada@example.com").json()) == 1


def test_an_unknown_form_is_404(caller: Caller) -> None:
    body = {"fields": {"email": "ada@example.com"}}

    assert caller.post("/signup/unknown.json", body).status_code == 404
    assert caller.post("/signup/toolong1.json", body).status_code == 404


@pytest.mark.parametrize("body", [[], {}, {"fields": {}}, {"fields": {"email": "no-address"}}])
def test_a_sign_up_without_an_email_is_400(caller: Caller, body: object) -> None:
    assert caller.post("/signup/signup1.json", body).status_code == 400


def test_a_transaction_redeems_a_known_barcode(coniq: ConiqSandbox, caller: Caller) -> None:
    number = caller.issue().json()["barcode_number"]

    done = caller.post("/create-transaction", {"barcode": number, "amount": 5, "type": "spend"})
    failed = caller.post("/create-transaction", {"barcode": "2400000000000000"})

    assert done.json() == {"success": True, "transaction_id": 1, "error": []}
    assert (failed.status_code, failed.json()["success"]) == (200, False)
    assert failed.json()["error"] == ["Barcode not found"]
    assert coniq.state.transactions == 1
    assert caller.post("/create-transaction", []).status_code == 400
