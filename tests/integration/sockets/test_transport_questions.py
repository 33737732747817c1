"""GETs: kept connections, and retries where they can help."""

import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from tests.integration.sockets import scripts
from tests.integration.sockets.server import Script, faulty_server
from tests.unit.providers.fakes import WallClock

OK = scripts.answer(b"[]")
BROKEN = scripts.answer(b"", status="502 Bad Gateway")


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(clock=WallClock(), trust=ssl.create_default_context(), connect_seconds=0.5)
    yield made
    made.close()


def get(transport: Transport, url: str, **params: str) -> HttpAnswer | Failure:
    try:
        return transport.get(f"{url}/barcode", headers={}, params=params, seconds=4.0)
    except HttpFailed as failed:
        return failed.failure


@pytest.mark.parametrize(
    "first",
    [BROKEN, scripts.reset_after_request, scripts.close_after_request, scripts.reset_unread],
)
def test_a_question_is_asked_again_after_what_may_pass(transport: Transport, first: Script) -> None:
    with faulty_server(first, OK) as server:
        answer = get(transport, server.url)

    assert isinstance(answer, HttpAnswer)
    assert answer.status == 200
    assert server.connections == 2


def test_a_question_is_asked_three_times_at_most(transport: Transport) -> None:
    with faulty_server(BROKEN) as server:
        answer = get(transport, server.url)

    assert isinstance(answer, HttpAnswer)
    assert answer.status == 502
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "fault", [BROKEN, scripts.reset_after_request, scripts.close_after_request]
)
def test_a_question_whose_every_call_needs_leave_is_asked_once(fault: Script) -> None:
    once = Transport(clock=WallClock(), trust=ssl.create_default_context(), repeats=0)

    with faulty_server(fault, OK) as server, closing(once):
        answer = get(once, server.url)

    assert isinstance(answer, Failure) or answer.status == 502
    assert server.connections == 1


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "429 Busy", "503 Busy"])
def test_a_clear_answer_is_taken_for_one(transport: Transport, status: str) -> None:
    with faulty_server(scripts.answer(b"{}", status=status)) as server:
        get(transport, server.url)

    assert len(server.requests) == 1


def test_questions_share_a_connection(transport: Transport) -> None:
    with faulty_server(scripts.answers_kept_open(b"[1]", b"[2]", b"[3]")) as server:
        bodies = [
            answer.body
            for _ in range(3)
            if isinstance(answer := get(transport, server.url), HttpAnswer)
        ]

    assert bodies == [b"[1]", b"[2]", b"[3]"]
    assert server.connections == 1


@pytest.mark.parametrize("interim", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_the_final_answer_to_a_question_is_never_taken_for_that_to_the_next(
    transport: Transport, interim: str
) -> None:
    script = scripts.answers_announced(interim, b"[1]", b"[2]", b"[3]")
    with faulty_server(script) as server:
        bodies = [
            answer.body
            for _ in range(3)
            if isinstance(answer := get(transport, server.url), HttpAnswer)
        ]

    assert bodies == [b"[1]", b"[2]", b"[3]"]
    assert server.connections == 1


def test_nothing_more_is_asked_on_a_connection_that_switches_protocols(
    transport: Transport,
) -> None:
    switching = scripts.answers_announced("101 Switching Protocols", b"[1]", b"[2]")
    with faulty_server(*[switching] * 3, scripts.answer(b"[3]")) as server:
        first, second = get(transport, server.url), get(transport, server.url)

    assert first is Failure.BROKEN_ANSWER
    assert isinstance(second, HttpAnswer)
    assert second.body == b"[3]"
    assert server.connections == 4


def test_threads_that_ask_at_the_same_time_open_no_more_than_a_connection_each() -> None:
    threads, rounds = 4, 10
    together = threading.Barrier(threads)
    shared = Transport(clock=WallClock(), trust=ssl.create_default_context(), connections=threads)
    answers = scripts.answers_kept_open(*[b"[]"] * threads * rounds)

    def ask_again_and_again(url: str) -> None:
        for _ in range(rounds):
            together.wait(timeout=5)
            get(shared, url)

    with faulty_server(answers) as server, closing(shared), ThreadPoolExecutor(threads) as pool:
        list(pool.map(ask_again_and_again, [server.url] * threads))

    assert len(server.requests) == threads * rounds
    assert server.connections <= threads


def test_a_kept_connection_that_the_server_closed_is_replaced(transport: Transport) -> None:
    with faulty_server(scripts.answers_kept_open(b"[1]"), OK) as server:
        first, second = get(transport, server.url), get(transport, server.url)

    assert isinstance(first, HttpAnswer)
    assert isinstance(second, HttpAnswer)
    assert server.connections == 2


def test_the_plus_of_an_address_is_encoded(transport: Transport) -> None:
    with faulty_server(OK) as server:
        get(transport, server.url, email="ann+shop@example.test")

    assert server.requests[0].startswith(b"GET /barcode?email=ann%2Bshop%40example.test HTTP/1.1")
