"""How the sender of webhooks reports each fault of an endpoint, on real sockets."""

import socket
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import repeat

import pytest

from couponbus.ports.webhooks import Sent
from tests.integration.sockets import scripts
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.integration.sockets.webhooks import DEADLINE, TOLERANCE, send, sender

OK = scripts.whole(b"thank you")
HEAD = OK.index(b"\r\n\r\n") + 4
START = b"HTTP/1.1 200 OK\r\n"
MEMORY = 400_000
FLOOD = 1_000_000
SOON = 1.5  # less than any of the bodies below would take

SUCCESSES = [
    pytest.param(scripts.answer(b"{}"), 200, id="a body"),
    pytest.param(scripts.answer(b"", status="204 No Content"), 204, id="no body"),
    pytest.param(scripts.answer(b"{}", status="299 Odd"), 299, id="any 2xx"),
    pytest.param(scripts.answer(b'{"error":"broken"}'), 200, id="a body that tells of an error"),
    pytest.param(scripts.drip(OK, at_once=HEAD, seconds=0.5), 200, id="drips the body"),
    pytest.param(scripts.hundred_megabytes(), 200, id="100 MB"),
    pytest.param(scripts.endless_chunks(), 200, id="100 MB in chunks"),
    pytest.param(scripts.gzip_bomb(), 200, id="a bomb"),
    pytest.param(scripts.raw(START + b"Content-Length: 999999999999999\r\n\r\n"), 200, id="a lie"),
    pytest.param(scripts.raw(START + b"Transfer-Encoding: chunked\r\n\r\nzz"), 200, id="no chunk"),
    pytest.param(scripts.raw(START + b"no colon\r\n\r\n"), 200, id="a header that is none"),
    pytest.param(scripts.raw(b"HTTP/1.0 200\n\n"), 200, id="an old server"),
    pytest.param(scripts.reset_after_headers, 200, id="resets behind the head"),
    pytest.param(
        scripts.raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 9 + OK), 200, id="asks to go on before"
    ),
    pytest.param(
        scripts.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2 + OK),
        200,
        id="hints before",
    ),
]
STATUSES = ["400 Bad", "401 No", "404 None", "410 Gone", "500 Oh", "502 Bad", "503 Busy", "999 Odd"]

FAILURES = [
    pytest.param(scripts.reset_after_request, "connection_lost", id="resets"),
    pytest.param(scripts.close_after_request, "connection_lost", id="hangs up"),
    pytest.param(scripts.raw(b"HTTP/1.1 200"), "connection_lost", id="ends in the status"),
    pytest.param(scripts.raw(START), "connection_lost", id="ends behind the status"),
    pytest.param(scripts.raw(START + b"Content-Le"), "connection_lost", id="ends in a header"),
    pytest.param(scripts.raw(b"<html>\n200 OK</html>\n"), "broken_answer", id="HTTP/0.9"),
    pytest.param(scripts.raw(b"\0" * 70_000), "broken_answer", id="rubbish"),
    pytest.param(scripts.raw(b"SSH-2.0-other\r\n\r\n"), "broken_answer", id="another protocol"),
    pytest.param(scripts.raw(b"HTTP/2 200\r\n\r\n"), "broken_answer", id="another version"),
    pytest.param(scripts.raw(b"HTTP/1.1 OK\r\n\r\n"), "broken_answer", id="no status"),
    pytest.param(scripts.raw(b"HTTP/1.1 20 OK\r\n\r\n"), "broken_answer", id="half a status"),
    pytest.param(scripts.million_continues(), "broken_answer", id="floods with 100"),
    pytest.param(
        scripts.stream(b"", repeat(b"HTTP/1.1 103 Early\r\n\r\n" * 9, FLOOD)),
        "broken_answer",
        id="floods with 103",
    ),
    pytest.param(
        scripts.stream(START, repeat(b"X: y\r\n", FLOOD)), "broken_answer", id="endless headers"
    ),
    pytest.param(
        scripts.stream(START, repeat(b"X: " + b"y" * 60_000 + b"\r\n", FLOOD)),
        "broken_answer",
        id="long headers",
    ),
    pytest.param(
        scripts.stream(START + b"X: ", repeat(b"y" * 60_000, FLOOD)),
        "broken_answer",
        id="an endless header",
    ),
]

SLOW = {
    "says nothing": scripts.silence,
    "does not even read": scripts.silent_from_the_start,
    "drips the status": scripts.drip(OK, at_once=0, seconds=0.05),
    "drips the headers": scripts.drip(OK[:-2] + b"X: y\r\n" * 90, at_once=18, seconds=0.05),
    "drips 100 Continue": scripts.drip(
        b"HTTP/1.1 100 Continue\r\n\r\n" * 9, at_once=0, seconds=0.05
    ),
}


@pytest.mark.parametrize(("script", "status"), SUCCESSES)
def test_the_status_counts_at_once_whatever_the_body_is(script: Script, status: int) -> None:
    with faulty_server(script) as server:
        sent = send(server.url, seconds=SOON)

    assert sent == Sent(status=status, failure=None, retry_after=None, seconds=sent.seconds)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", STATUSES)
def test_any_other_status_is_reported_as_it_is(status: str) -> None:
    with faulty_server(scripts.answer(b"why", status=status)) as server:
        sent = send(server.url)

    assert (sent.status, sent.failure) == (int(status[:3]), None)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("script", "failure"), FAILURES)
def test_what_is_no_answer_is_a_failure_and_is_not_repeated(script: Script, failure: str) -> None:
    with faulty_server(script) as server:
        sent = send(server.url)

    assert sent == Sent(status=None, failure=failure, retry_after=None, seconds=sent.seconds)
    assert server.connections == 1


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(scripts.hundred_megabytes(), id="a large body"),
        pytest.param(scripts.gzip_bomb(), id="a bomb"),
        pytest.param(
            scripts.stream(START, repeat(b"X: " + b"y" * 60_000 + b"\r\n", FLOOD)),
            id="a large head",
        ),
    ],
)
def test_what_an_endpoint_sends_does_not_fill_the_memory(script: Script) -> None:
    with faulty_server(script) as server:
        send(server.url)
        tracemalloc.start()
        try:
            send(server.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < MEMORY


def test_no_slow_endpoint_holds_a_sender_beyond_the_deadline_nor_delays_another() -> None:
    one = sender()

    def timed(url: str) -> tuple[str | None, float]:
        started = time.monotonic()
        return send(url, by=one, seconds=DEADLINE).failure, time.monotonic() - started

    with ExitStack() as servers, ThreadPoolExecutor(len(SLOW) + 1) as threads:
        opened = [servers.enter_context(faulty_server(script)) for script in SLOW.values()]
        running = [threads.submit(timed, server.url) for server in opened]
        healthy = servers.enter_context(faulty_server(scripts.answer()))
        quick = threads.submit(timed, healthy.url).result()
        results = dict(zip(SLOW, (each.result() for each in running), strict=True))

    assert quick[0] is None
    assert quick[1] < DEADLINE
    for name, (failure, seconds) in results.items():
        assert failure == "deadline_passed", name
        assert DEADLINE - 0.05 <= seconds <= DEADLINE + TOLERANCE, name


def test_an_endpoint_that_takes_no_body_does_not_hold_a_sender() -> None:
    with faulty_server(scripts.silent_from_the_start) as server:
        sent = send(server.url, seconds=DEADLINE, body=b"x" * 30_000_000)

    assert sent.failure == "deadline_passed"
    assert sent.seconds <= DEADLINE + TOLERANCE


def test_a_connection_that_is_not_accepted_is_over_at_the_deadline() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind((HOST, 0))
        full.listen(0)
        for queued in (first, second):  # a full backlog: the kernel ignores further callers
            queued.setblocking(False)
            queued.connect_ex(full.getsockname())

        sent = send(f"http://{HOST}:{full.getsockname()[1]}", seconds=DEADLINE)

    assert sent.failure == "connect_timeout"
    assert sent.seconds <= DEADLINE + TOLERANCE


def test_a_connection_that_is_reset_at_once_is_reported() -> None:
    with faulty_server(scripts.reset_unread) as server:
        failure = send(server.url).failure

    # It depends on the kernel whether the reset is seen before the first byte or after it.
    assert failure in ("not_connected", "connection_lost")
    assert server.connections == 1


def test_a_refused_connection_is_reported() -> None:
    with socket.create_server((HOST, 0)) as unused:
        port = unused.getsockname()[1]

    assert send(f"http://{HOST}:{port}").failure == "not_connected"


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_nothing_is_sent_when_the_time_is_over_before(seconds: float) -> None:
    with faulty_server(scripts.answer()) as server:
        sent = send(server.url, seconds=seconds)

    assert sent.failure == "no_time_left"
    assert server.connections == 0
