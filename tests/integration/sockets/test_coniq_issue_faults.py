"""What the Coniq client reports about a POST to a faulty server."""

import json
import socket

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Attempt, Blame, Outcome
from tests.integration.sockets import scripts
from tests.integration.sockets.coniq import CLOCK, client, item, request
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.unit.providers.fakes import KEY, RotatingKeys

UNREADABLE = Attempt(outcome=Outcome.UNKNOWN, reason="unreadable_answer")
ONE = json.dumps([item(1)]).encode()
OWN_DENIAL = b'{"code": 403, "message": "Forbidden", "errors": []}'


@pytest.mark.parametrize(
    "script",
    [
        scripts.answer(b"<html>We will be back soon</html>"),
        scripts.answer(b"", status="204 No Content"),
        scripts.answer(b""),
        scripts.answer('[{"error": "\u00e9t\u00e9"}]'.encode("latin-1")),
        scripts.answer(ONE.replace(b'"offer_id"', b'"barcode_number": "9", "offer_id"')),
        scripts.answer(ONE[:-9]),
        scripts.answer(b"[" * 100_000),
    ],
)
def test_a_success_that_cannot_be_read_leaves_all_open(script: Script) -> None:
    with faulty_server(script) as server:
        answer = client(server.url).issue(
            account="main", requests=[request(1), request(2)], deadline=CLOCK.after(20)
        )

    assert answer.attempts == (UNREADABLE, UNREADABLE)
    assert answer.health is Health.GOOD


def test_a_byte_order_mark_costs_no_barcode() -> None:
    with faulty_server(scripts.answer(b"\xef\xbb\xbf" + ONE, status="201 Created")) as server:
        answer = client(server.url).issue(
            account="main", requests=[request(1)], deadline=CLOCK.after(20)
        )

    assert answer.attempts[0].outcome is Outcome.APPLIED


@pytest.mark.parametrize("interim", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_an_interim_answer_is_no_answer(interim: str) -> None:
    script = scripts.answers_announced(interim, ONE, status="201 Created")
    with faulty_server(script) as server:
        answer = client(server.url).issue(
            account="main", requests=[request(1)], deadline=CLOCK.after(20)
        )

    assert answer.attempts[0].outcome is Outcome.APPLIED


def test_one_request_goes_to_barcode_and_several_go_to_batch() -> None:
    body = json.dumps([item(1), item(2)]).encode()
    with faulty_server(scripts.answer(body)) as server:
        coniq = client(server.url + "/")
        for requests in ([request(1)], [request(1), request(2)]):
            coniq.issue(account="main", requests=requests, deadline=CLOCK.after(20))

    single, batch = (received.split(b"\r\n\r\n", 1) for received in server.requests)
    assert single[0].startswith(b"POST /barcode HTTP/1.1\r\n")
    assert batch[0].startswith(b"POST /barcode/batch HTTP/1.1\r\n")
    assert isinstance(json.loads(single[1]), dict)
    assert [item["tracking_code"] for item in json.loads(batch[1])] == ["sig-1", "sig-2"]
    assert f'Authorization: ApiKey key="{KEY}"'.encode() in batch[0]
    assert b"x-api-version: 2.0" in batch[0]


def test_the_envelope_of_a_batch_is_the_accounts() -> None:
    with faulty_server(scripts.answer()) as server:
        client(server.url, envelope="barcodes").issue(
            account="main", requests=[request(1), request(2)], deadline=CLOCK.after(20)
        )

    assert list(json.loads(server.requests[0].split(b"\r\n\r\n", 1)[1])) == ["barcodes"]


def test_a_refused_key_is_read_anew_for_the_next_call() -> None:
    keys = RotatingKeys(stored={"secret": "second-key-not-real"})
    keys.remember({"secret": "first-key-not-real"})
    refusal = scripts.answer(OWN_DENIAL, status="401 Unauthorized")

    with faulty_server(refusal, scripts.answer(ONE)) as server:
        coniq = client(server.url, keys=keys)
        first, second = (
            coniq.issue(account="main", requests=[request(1)], deadline=CLOCK.after(20))
            for _ in range(2)
        )

    assert first.attempts[0].outcome is Outcome.REFUSED
    assert first.health is Health.UNAUTHORISED
    assert second.attempts[0].outcome is Outcome.APPLIED
    assert [b"second-key" in received for received in server.requests] == [False, True]


@pytest.mark.parametrize("stored", [{}, {"secret": "not a key"}])
def test_without_a_key_nothing_is_sent(stored: dict[str, str]) -> None:
    with faulty_server(scripts.answer(ONE)) as server:
        answer = client(server.url, keys=RotatingKeys(stored=stored)).issue(
            account="main", requests=[request(1)], deadline=CLOCK.after(20)
        )

    attempt = Attempt(outcome=Outcome.NOT_SENT, reason="secret_unavailable", blame=Blame.ACCOUNT)
    assert answer.attempts == (attempt,)
    assert server.connections == 0


class BrokenKeys(RotatingKeys):
    """Keys whose store raises an unexpected error."""

    def api_key(self, secret_id: str) -> str:
        raise RuntimeError(KEY)


class StuckKeys(RotatingKeys):
    """Keys that cannot be refreshed."""

    def refresh(self, secret_id: str) -> None:
        raise RuntimeError(KEY)


def test_a_mistake_of_ours_is_not_raised_and_leaves_the_outcome_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = client("http://127.0.0.1:1", keys=BrokenKeys()).issue(
        account="main", requests=[request(1)], deadline=CLOCK.after(20)
    )

    assert answer.attempts[0].outcome is Outcome.UNKNOWN
    assert answer.attempts[0].reason == "unexpected_error"
    assert KEY not in caplog.text


def test_a_refused_key_stays_refused_when_it_cannot_be_forgotten() -> None:
    with faulty_server(scripts.answer(OWN_DENIAL, status="403 Forbidden")) as server:
        answer = client(server.url, keys=StuckKeys()).issue(
            account="main", requests=[request(1)], deadline=CLOCK.after(20)
        )

    assert answer.attempts[0].outcome is Outcome.REFUSED


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server((HOST, 0)) as unused:
        url = f"http://{HOST}:{unused.getsockname()[1]}"

    answer = client(url).issue(
        account="main", requests=[request(1), request(2)], deadline=CLOCK.after(20)
    )

    assert {attempt.outcome for attempt in answer.attempts} == {Outcome.NOT_SENT}
    assert answer.health is Health.FAILING


def test_a_deadline_that_has_passed_is_not_sent() -> None:
    with faulty_server(scripts.answer(ONE)) as server:
        answer = client(server.url).issue(
            account="main", requests=[request(1)], deadline=CLOCK.after(-1)
        )

    assert (answer.attempts[0].outcome, answer.attempts[0].reason) == (
        Outcome.NOT_SENT,
        "no_time_left",
    )
    assert server.connections == 0


def test_an_unknown_account_is_not_sent() -> None:
    answer = client("http://127.0.0.1:1").issue(
        account="other", requests=[request(1)], deadline=CLOCK.after(20)
    )

    assert answer.attempts[0].reason == "unknown_account"
    assert answer.attempts[0].outcome is Outcome.NOT_SENT


def test_no_requests_are_no_call() -> None:
    answer = client("http://127.0.0.1:1").issue(
        account="main", requests=[], deadline=CLOCK.after(20)
    )

    assert answer.attempts == ()


def test_a_client_for_a_host_that_is_not_for_this_stage_cannot_be_made() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"api\.coniq\.com is Coniq's production"):
        client("https://api.coniq.com")
