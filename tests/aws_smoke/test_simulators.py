"""The simulators answer events of a function URL as they answer requests on this machine."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from couponbus.providers.koupon.urls import offers_url, sign_url
from couponbus_sandbox.coniq.settings import DEFAULT_ACCOUNTS
from couponbus_sandbox.koupon import KouponSettings
from couponbus_sandbox.simulator.faults import FaultKind
from tests.aws_smoke.simulators import handler as simulators

HOST, SECRET = "abc.lambda-url.eu-west-1.on.aws", "secret"
KEY = {"x-api-key": DEFAULT_ACCOUNTS[0].api_key}


@pytest.fixture(autouse=True)
def secret_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(simulators.SECRET_PATH, SECRET)
    simulators._apps.cache_clear()


def event(method: str, path: str, *, query: str = "", body: str | None = None) -> dict[str, Any]:
    """An event as Lambda makes it of a request to a function URL (payload version 2.0)."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"Host": HOST, "accept": "application/json", **KEY},
        "requestContext": {"domainName": HOST, "http": {"method": method, "path": path}},
        "body": body,
        "isBase64Encoded": False,
    }


def answer(asked: Mapping[str, Any]) -> tuple[object, Any]:
    answered = simulators.handler(asked, None)
    body = base64.b64decode(str(answered.get("body", "")))
    return answered["statusCode"], json.loads(body) if body else None


def customers() -> dict[str, Any]:
    body = json.dumps([{"customer_id": 7}])
    return event("POST", f"/{SECRET}/coniq/_sandbox/customers", body=body)


def test_what_a_request_changes_is_there_for_the_next_one() -> None:
    before = answer(event("GET", f"/{SECRET}/coniq/_sandbox/state"))
    made = answer(customers())
    after = answer(event("GET", f"/{SECRET}/coniq/_sandbox/state"))

    assert made == (201, {"customer_ids": [7]})
    assert (before[1]["customers"], after[1]["customers"]) == (0, 1)


def test_a_body_may_come_in_base64() -> None:
    asked = customers() | {"isBase64Encoded": True}
    asked["body"] = base64.b64encode(asked["body"].encode()).decode()

    assert answer(asked) == (201, {"customer_ids": [7]})


@pytest.mark.parametrize(
    "path", ["/", "/coniq/_sandbox/state", "/wrong/coniq/_sandbox/state", f"/{SECRET}/other/x"]
)
def test_without_the_secret_path_there_is_nothing(path: str) -> None:
    assert answer(event("GET", path)) == (404, None)


@pytest.mark.parametrize(("changed", "status"), [("", 404), ("x", 401)])
def test_a_call_of_koupon_is_signed_for_the_url_as_it_was_sent(changed: str, status: int) -> None:
    """Its consumer is not known there, which the simulator says once the signature is right."""
    access = KouponSettings().accounts[0]
    url = offers_url(f"https://{HOST}/{SECRET}/koupon", consumer="ann")
    signed = sign_url(
        url,
        identifier=access.identifier,
        secret=access.secret + changed,
        timestamp=int(datetime.now(UTC).timestamp()),
    )
    path, _, query = signed.removeprefix(f"https://{HOST}").partition("?")

    assert answer(event("GET", path, query=query))[0] == status


def test_a_fault_that_breaks_the_connection_ends_the_function_with_an_error() -> None:
    rule = json.dumps([{"kind": FaultKind.RESET_BEFORE_COMMIT}])
    answer(event("POST", f"/{SECRET}/coniq/_sandbox/faults", body=rule))

    with pytest.raises(KeyError):
        simulators.handler(event("GET", f"/{SECRET}/coniq/barcode.json"), None)
