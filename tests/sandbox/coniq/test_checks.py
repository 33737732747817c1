"""The requests that the simulated Coniq refuses, and the order of its checks."""

import pytest
import requests

from couponbus_sandbox.coniq import ConiqSandbox
from tests.sandbox.coniq_caller import Caller, any_item


def raw_post(caller: Caller, body: bytes, **headers: str) -> requests.Response:
    sent = {**caller.headers, "content-type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(f"{caller.url}/barcode", data=body, headers=sent, timeout=10)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer x", "test-key-not-real", 'ApiKey key="other"', "ApiKey key=test-key-not-real"],
)
def test_a_call_without_a_known_key_in_the_one_accepted_form_is_401(
    caller: Caller, authorization: str
) -> None:
    caller.headers["Authorization"] = authorization
    caller.headers["x-api-version"] = "1.0"

    assert caller.get("/barcode", offer_id=101).status_code == 401


@pytest.mark.parametrize("version", ["1.0", "3.0", "2"])
def test_another_version_is_400_even_if_the_content_type_is_wrong_too(
    caller: Caller, version: str
) -> None:
    response = raw_post(caller, b"{", x_api_version=version, content_type="text/plain")

    assert response.status_code == 400
    assert response.json()["message"] == "x-api-version must be 2.0"


def test_a_missing_version_is_400(caller: Caller) -> None:
    del caller.headers["x-api-version"]

    assert caller.issue().status_code == 400


def test_a_body_that_is_not_declared_as_json_is_415_before_it_is_read(caller: Caller) -> None:
    assert raw_post(caller, b"{", content_type="text/plain").status_code == 415


def test_a_charset_beside_the_content_type_is_accepted(caller: Caller) -> None:
    response = raw_post(
        caller,
        b'{"offer_id":"101","customer_id":"7","channel":"SMS"}',
        content_type="application/json; charset=utf-8",
    )

    assert response.status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"offer_id":NaN}', b"[" * 100_000])
def test_a_body_that_is_not_json_is_400(coniq: ConiqSandbox, caller: Caller, body: bytes) -> None:
    response = raw_post(caller, body)

    assert (response.status_code, response.json()["message"]) == (400, "Invalid JSON")
    assert coniq.state.barcodes == 0


def test_a_body_of_more_than_a_mebibyte_is_413(caller: Caller) -> None:
    assert raw_post(caller, b" " * 1_048_577).status_code == 413


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("offer_id", None),
        ("offer_id", 0),
        ("offer_id", "12x"),
        ("customer_id", -1),
        ("customer_id", True),
        ("customer_id", 1.5),
        ("customer_id", "9" * 19),
        ("channel", "mail"),
        ("channel", None),
        ("channel", ["MAIL"]),
        ("tracking_code", ""),
        ("tracking_code", "x" * 65),
        ("tracking_code", 5),
        ("barcode_number", "2400000000000000"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_is_400_and_named(
    coniq: ConiqSandbox, caller: Caller, field: str, value: object
) -> None:
    response = caller.issue(**{field: value})

    assert response.status_code == 400
    assert response.json()["code"] == 400
    assert response.json()["message"] == "Validation Failed"
    errors = response.json()["errors"]
    assert [(error["index"], error["field"]) for error in errors] == [(0, field)]
    assert coniq.state.barcodes == 0


def test_an_item_that_is_no_object_is_400(caller: Caller) -> None:
    assert caller.post("/barcode", "24").status_code == 400


def test_fields_that_coniq_does_not_know_pass_by_setting(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.change(extra_fields="ignore")

    assert caller.issue(colour="red").status_code == 201


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("error", {"error": ["channel: The value you selected is not a valid choice."]}),
        (
            "symfony",
            {
                "code": 400,
                "message": "Validation Failed",
                "errors": {
                    "children": {
                        "channel": {"errors": ["The value you selected is not a valid choice."]}
                    }
                },
            },
        ),
    ],
)
def test_errors_have_other_json_shapes_by_setting(
    coniq: ConiqSandbox, caller: Caller, style: str, body: object
) -> None:
    coniq.change(error_style=style)

    assert caller.issue(channel="FAX").json() == body


def test_errors_are_plain_text_by_setting(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(error_style="text")

    response = caller.issue(channel="FAX")

    assert response.headers["content-type"].startswith("text/plain")
    assert response.text.startswith("Validation Failed\nchannel: ")


def test_an_unknown_path_is_404_and_another_method_405(caller: Caller) -> None:
    assert caller.get("/nowhere").status_code == 404
    assert caller.post("/customer", {}).status_code == 405
    assert caller.get("/signup/signup1.json").status_code == 405


def test_in_a_closed_world_only_added_customers_and_configured_offers_exist(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.change(open_world=False)

    unknown_customer = caller.post("/barcode", any_item(customer_id=5))
    unknown_offer = caller.post("/barcode", any_item(offer_id=999))

    assert (unknown_customer.status_code, unknown_offer.status_code) == (404, 404)
    assert unknown_customer.json()["errors"][0]["field"] == "customer_id"
    assert unknown_offer.json()["errors"][0]["field"] == "offer_id"
    caller.control("POST", "customers", {"customer_id": 5})
    assert caller.post("/barcode", any_item(customer_id=5)).status_code == 201
