"""Secrets and personal data are planted in all HTTP requests, and nothing leaks."""

import base64
import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from couponbus.domain.webhooks.signature import key_of, signed
from couponbus.runtime.http_api import HttpEvent
from couponbus.usecases.inbound.receive_callback import SIGN_UPS, UNIQODO
from couponbus_sandbox.uniqodo import THREE_USES
from functions.receive_callback.handler import handler
from tests.canary import garbage, planted
from tests.canary.harness import CanaryHarness
from tests.functions.invocation import FakeContext

STRANGER = b"canary-key-of-stranger-not-real-1"
NOWHERE = "https://sqs.eu-west-1.amazonaws.com/123456789012/nothing"


class Caller:
    """An HTTP client; the answers are observed too."""

    def __init__(self, harness: CanaryHarness) -> None:
        self.harness = harness

    def send(self, body: bytes, *, message_id: str = "msg_1", key: bytes | None = None) -> None:
        at = self.harness.clock.now()
        keys = [key or key_of(planted.SIGN_UPS_SECRET)]
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signed(message_id=message_id, at=at, body=body, keys=keys),
            "cookie": planted.EMAIL,
        }
        self._ask(SIGN_UPS, headers=headers, body=body)

    def call_back(self, form: str, *, method: str = "POST", secret: str = "") -> None:
        self._ask(
            UNIQODO,
            method=method,
            headers={"referer": planted.EMAIL},
            body=form.encode(),
            query=form,
            secret=secret or planted.PATH_SECRET,
        )

    def answers(self) -> list[int]:
        """Return the status of each answer so far."""
        return [json.loads(text)["statusCode"] for text in self.harness.observer.seen["answers"]]

    def _ask(
        self,
        path: str,
        *,
        headers: dict[str, str],
        body: bytes,
        method: str = "POST",
        query: str = "",
        secret: str = "",
    ) -> None:
        event: HttpEvent = {
            "routeKey": f"ANY {path}",
            "requestContext": {"http": {"method": method}},
            "headers": headers,
            "rawQueryString": query,
            "pathParameters": {"secret": secret},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }

        def work() -> None:
            self.harness.observer.note("answers", json.dumps(handler(event, FakeContext())))

        self.harness.run_observed(work)


@pytest.fixture
def caller(harness: CanaryHarness) -> Caller:
    return Caller(harness)


def a_detail(harness: CanaryHarness) -> object:
    return json.loads(harness.sign_up())["detail"]


def a_form(user: str = planted.UNIQODO_USER) -> str:
    names = {"promotionId": THREE_USES, "userId": user, "code": planted.CODE, "id": planted.ORDER}
    return urlencode(names)


def everything(caller: Caller) -> None:
    """Send every kind of request, valid and invalid."""
    harness = caller.harness
    body = json.dumps({"sign_ups": [a_detail(harness), a_detail(harness)]}).encode()
    caller.send(body)
    caller.send(body)
    caller.send(body.replace(b"sign_ups", b" sign_ups"))
    caller.send(body.replace(b"signup-", b"signup--"))
    caller.send(body, key=STRANGER)
    caller.send(body, message_id=planted.EMAIL, key=STRANGER)
    caller.send(body * 500)
    for bad in garbage.for_signups():
        caller.send(bad.encode("utf-8", "replace"), message_id="msg_2")
    for method in ("GET", "POST", "PUT"):
        caller.call_back(a_form(), method=method)
        caller.call_back(a_form(f"\x07{planted.EMAIL}"), method=method)
        caller.call_back(a_form() * 200, method=method)
        caller.call_back(a_form(), method=method, secret=planted.ODD_SECRET)


def test_nothing_leaks_of_accepted_and_refused_requests(caller: Caller) -> None:
    harness = caller.harness

    everything(caller)
    harness.issue(*harness.taken("SIGNUPS_QUEUE_URL"))

    assert set(caller.answers()) == {202, 204, 400, 401, 404, 405, 409, 413}
    assert harness.observer.seen["exceptions"] == []
    assert len(harness.coniq.barcodes()) == 2
    assert {"RECEIPT", "ISSUANCE"} <= harness.kinds()
    assert {"polls", "customers", "logs", "output", "answers"} <= set(harness.observer.seen)
    assert harness.hits() == []


def test_nothing_leaks_of_the_traces_of_sign_ups_that_are_named_by_e_mail(caller: Caller) -> None:
    harness = caller.harness
    detail = json.loads(harness.sign_up_of(harness.person(), signup_id=planted.EMAIL))["detail"]

    caller.send(json.dumps({**detail, "traceparent": planted.EMAIL}).encode())

    answered = "".join(harness.observer.seen["logs"])
    assert caller.answers() == [202]
    assert [hit for hit in harness.hits() if hit.place in {"logs", "output"}] == []

    harness.issue(*harness.taken("SIGNUPS_QUEUE_URL"))

    (trace_id,) = harness.log()
    assert f"['{trace_id}']" in answered


def test_nothing_leaks_of_what_is_dropped_from_signed_sign_ups(caller: Caller) -> None:
    harness = caller.harness
    details = [garbage.numbered(each, number) for number, each in enumerate(garbage.odd_details())]

    caller.send(json.dumps({"sign_ups": details}).encode())
    harness.issue(*harness.taken("SIGNUPS_QUEUE_URL"))
    harness.stream()

    assert caller.answers() == [202]
    assert "dropped" in harness.observer.seen["answers"][0]
    assert len(harness.coniq.barcodes()) + 2 == len(details)  # two of which no age is known
    assert harness.hits() == []


@pytest.mark.parametrize(
    "setting",
    [
        "TABLE_NAME",
        "SIGNUPS_QUEUE_URL",
        "POLLS_QUEUE_URL",
        "PEPPER_SECRET_ID",
        "SIGN_UPS_SECRET_ID",
    ],
)
def test_nothing_leaks_when_aws_fails(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(setting, NOWHERE)
    caller.harness.restart()

    everything(caller)

    assert {202, 503} & set(caller.answers())
    assert caller.harness.hits() == []


@pytest.mark.parametrize(
    "text",
    [
        planted.ODD_SECRET,
        f'["{planted.ODD_SECRET}',
        f'{{"sign_ups": "{planted.ODD_SECRET}"}}',
        f"{planted.ODD_SECRET} {planted.ODD_SECRET}/é",
    ],
)
def test_nothing_leaks_of_a_malformed_secret(caller: Caller, text: str) -> None:
    caller.harness.keep_secret("sign-ups", text)
    caller.harness.keep_secret("callbacks", f"{text}/")

    everything(caller)

    # 400 is a webhook-id that cannot be signed, which needs no secret to be seen.
    assert set(caller.answers()) == {400, 405, 413, 503}
    assert any("secret unusable" in line for line in caller.harness.observer.seen["logs"])
    assert caller.harness.hits() == []


def test_nothing_leaks_of_an_unexpected_error(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Callable[[], None]:
        raise KeyError(planted.EMAIL, planted.PATH_SECRET)

    monkeypatch.setattr("couponbus.usecases.inbound.receive_sign_ups.read_sign_ups", fail)
    monkeypatch.setattr("couponbus.usecases.inbound.receive_hints.fields_of", fail)

    everything(caller)

    assert 500 in caller.answers()
    assert caller.harness.hits() == []


# The scan itself: a leak in each place is found.


def test_an_answer_that_quotes_is_found(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "couponbus.usecases.issuing.sign_up_reading.KNOWN_FIELDS", {planted.GARBAGE_EMAIL}
    )

    everything(caller)

    assert "answers" in {hit.place for hit in caller.harness.hits()}


def test_a_secret_in_a_log_line_is_found(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("couponbus.usecases.inbound.receive_callback.UNIQODO", "x")
    route = f"ANY /callbacks/uniqodo/{planted.PATH_SECRET}"
    event: HttpEvent = {"routeKey": route, "requestContext": {"http": {"method": "GET"}}}

    caller.harness.observer.observe(lambda: handler(event, FakeContext()))

    assert planted.PATH_SECRET in {hit.secret for hit in caller.harness.hits()}
