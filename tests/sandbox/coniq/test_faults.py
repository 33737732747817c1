"""Faults of the status, the connection and the body, as a caller sees them over sockets."""

import socket
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings, FaultKind, FaultRule, coniq_server
from tests.sandbox.coniq_caller import Caller, any_item, any_items


def raw_answer(caller: Caller, *, pause: float = 0.0) -> bytes:
    """Send a raw POST /barcode and return all bytes until the connection ends."""
    body = b'{"offer_id":101,"customer_id":7,"channel":"MAIL"}'
    lines = [
        "POST /barcode HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in caller.headers.items()),
        "Connection: close",
    ]
    with _connected(caller) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        time.sleep(pause)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received


def _connected(caller: Caller) -> socket.socket:
    port = int(caller.url.rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def until(coniq: ConiqSandbox, route: str, status: str) -> None:
    """Wait until the simulator has decided on a call of the route."""
    deadline = time.monotonic() + 5
    while status not in coniq.state.calls.get(route, {}):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("kind", ["401", "429", "500", "502", "503", "504"])
def test_a_status_is_answered_and_nothing_is_done(
    coniq: ConiqSandbox, caller: Caller, kind: str
) -> None:
    coniq.faults(FaultRule(kind=FaultKind(kind)))

    response = caller.batch(any_items(2))

    assert response.status_code == int(kind)
    assert response.json()["code"] == int(kind)
    assert "retry-after" not in response.headers
    assert coniq.state.barcodes == 0
    assert coniq.state.faults_fired == {kind: 1}


def test_a_status_may_be_answered_after_the_work_is_done(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SERVER_ERROR, commit=True))

    assert caller.batch(any_items(2)).status_code == 500
    assert coniq.state.barcodes == 2


@pytest.mark.parametrize("kind", [FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE])
def test_retry_after_is_in_seconds_a_date_or_garbage(
    coniq: ConiqSandbox, caller: Caller, kind: FaultKind
) -> None:
    coniq.faults(
        FaultRule(kind=kind, count=1, retry_after=2.5),
        FaultRule(kind=kind, after=1, count=1, retry_after=60, retry_after_as="date"),
        FaultRule(kind=kind, after=2, count=1, retry_after_as="garbage"),
    )

    seconds, date, garbage = (caller.issue().headers["retry-after"] for _ in range(3))

    assert seconds == "2.5"
    assert 55 < parsedate_to_datetime(date).timestamp() - time.time() <= 61
    assert garbage == "in a while"


def test_a_slow_call_is_answered_normally_after_the_delay(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SLOW, seconds=0.2))
    started = time.monotonic()

    response = caller.issue()

    assert response.status_code == 201
    assert time.monotonic() - started >= 0.2
    assert coniq.state.barcodes == 1


def test_a_slow_call_takes_effect_even_if_the_caller_has_left(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SLOW, seconds=60))

    with pytest.raises(requests.ReadTimeout):
        caller.batch(any_items(2), timeout=0.1)

    until(coniq, "POST /barcode/batch", "none")
    assert (coniq.state.barcodes, coniq.state.late_commits_pending) == (0, 1)
    coniq.advance_clock(seconds=61)
    assert (coniq.state.barcodes, coniq.state.late_commits_pending) == (2, 0)


def test_others_are_served_while_one_call_is_slow(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SLOW, seconds=60, count=1))
    with pytest.raises(requests.ReadTimeout):
        caller.post("/barcode", any_item(), timeout=0.1)

    assert caller.issue().status_code == 201


def test_a_dripping_body_arrives_whole_and_outlasts_the_read_timeout(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.DRIP, seconds=0.003))
    started = time.monotonic()

    response = caller.post("/barcode", any_item(tracking_code="t"), timeout=0.5)

    assert response.json()["tracking_code"] == "t"
    assert time.monotonic() - started >= 0.003 * len(response.content) > 0.5


def test_a_caller_may_leave_in_the_middle_of_a_dripping_body(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.DRIP, seconds=0.01, count=1))
    with requests.post(
        f"{coniq.url}/barcode", json=any_item(), headers=caller.headers, timeout=5, stream=True
    ) as response:
        first = next(response.iter_content(chunk_size=1))

    assert first == b"{"
    assert caller.issue().status_code == 201


@pytest.mark.parametrize(("kind", "done"), [("reset_before_commit", 0), ("reset_after_commit", 1)])
def test_a_reset_is_a_reset_before_or_after_the_work(
    coniq: ConiqSandbox, caller: Caller, kind: str, done: int
) -> None:
    coniq.faults(FaultRule(kind=FaultKind(kind)))

    with pytest.raises(ConnectionResetError):
        raw_answer(caller)

    assert coniq.state.barcodes == done
    assert coniq.state.calls == {"POST /barcode": {"none": 1}}
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        caller.issue()


def test_commit_then_drop_ends_the_connection_in_order_without_an_answer(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.COMMIT_THEN_DROP))

    assert raw_answer(caller) == b""
    assert coniq.state.barcodes == 1
    with pytest.raises(requests.ConnectionError, match="closed connection without response"):
        caller.issue()


def test_a_late_commit_answers_504_and_takes_effect_later(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.LATE_COMMIT, seconds=300, route="POST *"))

    response = caller.issue(tracking_code="late")

    assert response.status_code == 504
    assert caller.get("/barcode", tracking_code="late").json() == []
    coniq.advance_clock(seconds=301)
    assert len(caller.get("/barcode", tracking_code="late").json()) == 1


def test_a_late_commit_may_drop_the_connection(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.LATE_COMMIT, seconds=0.05, answer="drop", count=1))

    assert raw_answer(caller) == b""

    time.sleep(0.06)
    assert coniq.state.barcodes == 1


def test_truncated_json_is_whole_http_by_default(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.TRUNCATED_JSON))

    response = caller.batch(any_items(2))

    assert response.status_code == 201
    assert response.text.startswith('[{"barcode_number"')
    with pytest.raises(requests.JSONDecodeError):
        response.json()
    assert coniq.state.barcodes == 2


def test_truncated_json_may_be_shorter_than_its_content_length(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.TRUNCATED_JSON, framing="short"))

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        caller.batch(any_items(2))

    assert coniq.state.barcodes == 2


@pytest.mark.parametrize(("commit", "status", "done"), [(False, 200, 0), (True, 503, 1)])
def test_html_comes_instead_of_json_with_or_without_the_work(
    coniq: ConiqSandbox, caller: Caller, commit: bool, status: int, done: int
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.HTML, commit=commit, status=status))

    response = caller.issue()

    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert coniq.state.barcodes == done


def test_a_caller_who_leaves_before_the_body_is_sent_does_not_disturb(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    with _connected(caller) as connection:
        head = b"POST /barcode HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{"
        connection.sendall(head)

    assert caller.issue().status_code == 201
    assert coniq.state.calls == {"POST /barcode": {"201": 1}}


def test_the_server_stops_at_once_in_the_middle_of_a_slow_call() -> None:
    with coniq_server(ConiqSettings()) as sandbox:
        sandbox.faults(FaultRule(kind=FaultKind.SLOW, seconds=60))
        connection = _connected(Caller(sandbox.url))
        connection.sendall(b"GET /barcode HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        while not sandbox.state.faults_fired:
            time.sleep(0.01)
        started = time.monotonic()

    with connection:
        assert connection.recv(1) == b""
    assert time.monotonic() - started < 3
    with pytest.raises(requests.ConnectionError):
        Caller(sandbox.url).issue()
