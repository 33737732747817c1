"""The calls that the simulated Koupon accepts, in Koupon's order of checks."""

import socket
import time
from collections.abc import Iterator

import pytest

from couponbus_sandbox.koupon import KouponSandbox, KouponSettings, koupon_server
from tests.sandbox.koupon_caller import KouponCaller, signature

OFFERS = "/v2/ann/offers"


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def koupon(running: KouponSandbox) -> KouponSandbox:
    running.reset()
    return running


@pytest.fixture
def caller(koupon: KouponSandbox) -> KouponCaller:
    return KouponCaller(koupon.url)


def signed_by_hand(caller: KouponCaller, unsigned: str) -> str:
    return f"{unsigned}&authSignature={signature(caller.url + unsigned)}"


def test_a_signed_call_is_let_in(caller: KouponCaller) -> None:
    answer = caller.get(OFFERS)

    assert answer.status_code == 200
    assert (answer.json()["code"], answer.json()["version"]) == (200, "2")


@pytest.mark.parametrize(
    ("accept", "setting", "status"),
    [
        ("application/json", "json", 200),
        ("application/json; charset=utf-8", "json", 200),
        ("Application/JSON", "json", 200),
        ("*/*", "json", 406),
        ("*/*", "any", 200),
        ("text/html", "any", 406),
        ("", "json", 406),
    ],
)
def test_only_a_caller_that_accepts_json_is_let_in(
    koupon: KouponSandbox, caller: KouponCaller, accept: str, setting: str, status: int
) -> None:
    koupon.change(accept=setting)

    assert caller.get(OFFERS, Accept=accept).status_code == status


def test_the_accept_header_comes_before_the_signature(caller: KouponCaller) -> None:
    assert caller.raw(OFFERS, Accept="text/html").status_code == 406
    assert caller.raw(OFFERS).status_code == 401


def test_parameters_may_stand_in_any_order_before_the_signature(caller: KouponCaller) -> None:
    now = int(time.time())
    target = f"{OFFERS}?timestamp={now}&channel=web&identifier=test-identifier"

    assert caller.raw(signed_by_hand(caller, target)).status_code == 200


def test_the_signature_may_be_in_capitals(caller: KouponCaller) -> None:
    unsigned, _, signed = caller.target(OFFERS).partition("&authSignature=")

    assert caller.raw(f"{unsigned}&authSignature={signed.upper()}").status_code == 200


@pytest.mark.parametrize("seconds", [-290, 290])
def test_an_old_or_early_timestamp_within_the_window_is_fresh(
    caller: KouponCaller, seconds: float
) -> None:
    assert caller.raw(caller.target(OFFERS, at=time.time() + seconds)).status_code == 200


@pytest.mark.parametrize("seconds", [-310, 310, -(10**9)])
def test_any_other_is_refused_and_the_answer_says_what_time_it_is(
    caller: KouponCaller, seconds: float
) -> None:
    answer = caller.raw(caller.target(OFFERS, at=time.time() + seconds))

    assert answer.status_code == 401
    assert "timestamp" in answer.json()["message"]
    assert answer.headers["date"].endswith(" GMT")


def test_a_clock_that_is_wrong_is_wrong_in_the_date_header_too(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    right = caller.get(OFFERS).headers["date"]
    koupon.change(clock_skew_seconds=86_400)
    wrong = caller.get(OFFERS)

    assert wrong.status_code == 401
    assert wrong.headers["date"][:16] != right[:16]


@pytest.mark.parametrize(
    "target",
    [
        OFFERS,
        f"{OFFERS}?identifier=test-identifier",
        f"{OFFERS}?identifier=test-identifier&timestamp=1",
        f"{OFFERS}?identifier=test-identifier&timestamp=1&authSignature=",
        f"{OFFERS}?authSignature=00&identifier=test-identifier&timestamp=1",
        f"{OFFERS}?identifier=stranger&timestamp=1&authSignature=00",
        f"{OFFERS}?identifier=test-identifier&timestamp=soon&authSignature=00",
    ],
)
def test_an_incomplete_signature_is_refused(caller: KouponCaller, target: str) -> None:
    assert caller.raw(target).status_code == 401


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/v2/ann/", "/v2/bob/"),
        ("channel=web", "channel=app"),
        ("%2C", "%2c"),
        ("identifier", "Identifier"),
        ("authSignature=", "authSignature=0"),
    ],
)
def test_a_target_that_was_changed_on_its_way_is_refused(
    caller: KouponCaller, before: str, after: str
) -> None:
    target = caller.target(f"{OFFERS}?channel=web&store_group=a%2Cb")

    changed = target.replace(before, after, 1)

    assert changed != target
    assert caller.raw(target).status_code == 200
    port = int(caller.url.rpartition(":")[2])
    assert _status_of(port, changed) == 401


def _status_of(port: int, target: str) -> int:
    """Send the target byte for byte: requests would normalise it."""
    head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_another_secret_is_refused(caller: KouponCaller) -> None:
    target = caller.target(OFFERS, secret="another-test-secret")

    assert caller.raw(target).status_code == 401


def test_what_stands_after_the_signature_is_unsigned_and_honoured_or_refused(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    target = caller.target(OFFERS) + "&channel=web"

    weak = caller.raw(target)
    koupon.change(after_signature="refuse")
    strict = caller.raw(target)

    assert [offer["offerId"] for offer in weak.json()["Offers"]] == [1283]
    assert strict.status_code == 401
    assert "last" in strict.json()["message"]


def test_the_public_address_is_what_callers_sign(koupon: KouponSandbox) -> None:
    public = "https://consumer.sandbox.example.test"
    koupon.change(public_base_url=public)

    assert KouponCaller(koupon.url, public_url=public).get(OFFERS).status_code == 200
    assert KouponCaller(koupon.url).get(OFFERS).status_code == 401


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("message", {"code": 404, "message": "resource not found", "version": "2"}),
        ("errors", {"errors": [{"code": 404, "message": "resource not found"}]}),
        (
            "store_connect",
            {"version": "1", "errorCode": 404, "errorMessage": "resource not found"},
        ),
    ],
)
def test_a_refusal_has_the_style_of_the_settings(
    koupon: KouponSandbox, caller: KouponCaller, style: str, body: object
) -> None:
    koupon.change(error_style=style)

    assert caller.get("/v2/nothing").json() == body


def test_a_refusal_may_be_plain_text(koupon: KouponSandbox, caller: KouponCaller) -> None:
    koupon.change(error_style="text")

    answer = caller.get("/v2/nothing")

    assert (answer.status_code, answer.text) == (404, "resource not found")
    assert answer.headers["content-type"].startswith("text/plain")


def test_another_method_is_refused(caller: KouponCaller) -> None:
    assert caller.send("DELETE", OFFERS).status_code == 405
    assert caller.send("PUT", OFFERS).status_code == 405
    assert caller.send("GET", "/v2/consumer").status_code == 405
