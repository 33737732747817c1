"""No server holds a call beyond its deadline, however slow it is."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpFailed, Transport
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.server import HOST, Script, Visit, faulty_server
from tests.unit.providers.fakes import WallClock

DEADLINE = 0.8
LONG = 3.0
TOLERANCE = 1.5  # for a busy machine; without a deadline each of these would take far longer
ANSWER = scripts.whole(b'[{"barcode_number":"2400000000000001"}]')
HEAD = ANSWER.index(b"\r\n\r\n") + 4
CLOSE_DELIMITED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
BIG = b"x" * 30_000_000


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(clock=WallClock(), trust=ssl.create_default_context(), connect_seconds=30.0)
    yield made
    made.close()


def timed(call: Callable[[], object]) -> tuple[Failure | None, float]:
    started = time.monotonic()
    try:
        call()
    except HttpFailed as failed:
        return failed.failure, time.monotonic() - started
    return None, time.monotonic() - started


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(scripts.silence, id="silence"),
        pytest.param(scripts.silent_from_the_start, id="deaf"),
        pytest.param(scripts.drip(ANSWER, at_once=0, seconds=0.2), id="drips the status line"),
        pytest.param(scripts.drip(ANSWER, at_once=18, seconds=0.2), id="drips the headers"),
        pytest.param(scripts.drip(ANSWER, at_once=HEAD, seconds=0.2), id="drips the body"),
        pytest.param(
            scripts.drip(CLOSE_DELIMITED, at_once=45, seconds=0.2), id="drips without a length"
        ),
        pytest.param(scripts.million_continues(), id="floods with 100 Continue"),
        pytest.param(
            scripts.stream(b"", repeat(b"HTTP/1.1 103 Early\r\n\r\n" * 100)), id="floods with 103"
        ),
    ],
)
def test_a_post_is_over_at_its_deadline(transport: Transport, script: Script) -> None:
    with faulty_server(script) as server:
        failure, seconds = timed(
            lambda: transport.post(server.url, headers={}, body=b"{}", seconds=DEADLINE)
        )

    assert failure is Failure.DEADLINE
    assert not failure.proves_not_sent
    assert DEADLINE - 0.05 <= seconds <= DEADLINE + TOLERANCE


def test_a_server_that_reads_nothing_does_not_hold_a_large_request(transport: Transport) -> None:
    with faulty_server(scripts.silent_from_the_start) as server:
        failure, seconds = timed(
            lambda: transport.post(server.url, headers={}, body=BIG, seconds=DEADLINE)
        )

    assert failure is Failure.DEADLINE
    assert seconds <= DEADLINE + TOLERANCE


def test_an_error_that_drips_is_known_by_its_status(transport: Transport) -> None:
    script = scripts.drip(scripts.whole(b"busy" * 99, status="429 Busy"), at_once=60, seconds=0.2)

    with faulty_server(script) as server:
        started = time.monotonic()
        answer = transport.post(server.url, headers={}, body=b"{}", seconds=DEADLINE)

    assert answer.status == 429
    assert time.monotonic() - started <= DEADLINE + TOLERANCE


def test_a_question_with_its_repetitions_is_over_at_its_deadline(transport: Transport) -> None:
    def slow_then_reset(visit: Visit) -> None:
        visit.read_request()
        visit.pause(LONG - 1)
        visit.reset()

    with faulty_server(slow_then_reset, scripts.silence) as server:
        failure, seconds = timed(
            lambda: transport.get(server.url, headers={}, params={}, seconds=LONG)
        )

    assert failure is Failure.DEADLINE
    assert seconds <= LONG + TOLERANCE


def test_a_kept_connection_is_cut_as_well(transport: Transport) -> None:
    def once_then_drip(visit: Visit) -> None:
        visit.read_request()
        visit.send(scripts.whole(b"[]"))
        scripts.drip(ANSWER, at_once=18, seconds=0.2)(visit)

    with faulty_server(once_then_drip) as server:
        transport.get(server.url, headers={}, params={}, seconds=DEADLINE)
        failure, seconds = timed(
            lambda: transport.get(server.url, headers={}, params={}, seconds=DEADLINE)
        )

    assert failure is Failure.DEADLINE
    assert server.connections == 1
    assert seconds <= DEADLINE + TOLERANCE


def test_a_resolver_that_hangs_does_not_hold_a_call() -> None:
    def hang(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        time.sleep(DEADLINE + TOLERANCE + 0.5)
        return [(socket.AF_INET, (HOST, port))]

    transport = Transport(clock=WallClock(), trust=ssl.create_default_context(), resolver=hang)

    failure, seconds = timed(
        lambda: transport.post("http://api.example.test", headers={}, body=b"", seconds=DEADLINE)
    )

    assert failure is Failure.CONNECT_TIMEOUT
    assert failure.proves_not_sent
    assert seconds <= DEADLINE + TOLERANCE


def test_addresses_that_do_not_answer_share_the_time() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind((HOST, 0))
        full.listen(0)
        for queued in (first, second):  # a full backlog: the kernel ignores further callers
            queued.setblocking(False)
            queued.connect_ex(full.getsockname())
        address = (socket.AF_INET, full.getsockname())
        transport = Transport(
            clock=WallClock(),
            trust=ssl.create_default_context(),
            resolver=lambda host, port: [address] * 5,
        )

        failure, seconds = timed(
            lambda: transport.post(
                "http://api.example.test", headers={}, body=b"", seconds=DEADLINE
            )
        )

    assert failure is Failure.CONNECT_TIMEOUT
    assert seconds <= DEADLINE + TOLERANCE


def test_a_handshake_that_hangs_is_over_at_the_deadline_and_nothing_was_sent(
    tmp_path: Path,
) -> None:
    transport = Transport(clock=WallClock(), trust=Authority().trust, connect_seconds=30.0)

    with faulty_server(scripts.silent_from_the_start) as server:
        url = server.url.replace("http:", "https:")
        failure, seconds = timed(
            lambda: transport.post(url, headers={}, body=b"{}", seconds=DEADLINE)
        )

    assert failure is not None
    assert failure.proves_not_sent
    assert seconds <= DEADLINE + TOLERANCE


def test_a_body_over_tls_that_drips_is_cut(tmp_path: Path) -> None:
    authority = Authority()
    transport = Transport(clock=WallClock(), trust=authority.trust)
    script = scripts.drip(ANSWER, at_once=HEAD, seconds=0.2)

    with faulty_server(script, tls=authority.server(tmp_path)) as server:
        failure, seconds = timed(
            lambda: transport.post(server.url, headers={}, body=b"{}", seconds=DEADLINE)
        )

    assert failure is Failure.DEADLINE
    assert seconds <= DEADLINE + TOLERANCE


def test_a_handshake_that_drips_is_over_at_the_deadline_and_nothing_was_sent() -> None:
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc\x03\x03" + b"x" * 99  # a ServerHello

    transport = Transport(clock=WallClock(), trust=Authority().trust, connect_seconds=30.0)
    with faulty_server(dripped_unread(record)) as server:
        url = server.url.replace("http:", "https:")
        failure, seconds = timed(
            lambda: transport.post(url, headers={}, body=b"{}", seconds=DEADLINE)
        )

    assert failure is Failure.CONNECT_TIMEOUT
    assert seconds <= DEADLINE + TOLERANCE


def dripped_unread(data: bytes) -> Script:
    def script(visit: Visit) -> None:
        for byte in data:
            if not visit.pause(0.2):
                return
            visit.send(bytes([byte]))

    return script


def test_a_record_of_tls_that_drips_is_cut(tmp_path: Path) -> None:
    def script(visit: Visit) -> None:
        visit.read_request()
        beneath = socket.socket(fileno=os.dup(visit.connection.fileno()))
        with beneath:
            for byte in b"\x17\x03\x03\x40\x00" + b"x" * 99:  # it announces 16 KB
                if not visit.pause(0.2):
                    return
                beneath.sendall(bytes([byte]))

    authority = Authority()
    transport = Transport(clock=WallClock(), trust=authority.trust)
    with faulty_server(script, tls=authority.server(tmp_path)) as server:
        failure, seconds = timed(
            lambda: transport.post(server.url, headers={}, body=b"{}", seconds=DEADLINE)
        )

    assert failure is Failure.DEADLINE
    assert seconds <= DEADLINE + TOLERANCE


def test_a_server_that_reads_in_drips_over_tls_does_not_hold_a_large_request(
    tmp_path: Path,
) -> None:
    def script(visit: Visit) -> None:
        while visit.pause(0.2):
            visit.connection.recv(65536)

    authority = Authority()
    transport = Transport(clock=WallClock(), trust=authority.trust)
    with faulty_server(script, tls=authority.server(tmp_path)) as server:
        failure, seconds = timed(
            lambda: transport.post(server.url, headers={}, body=BIG, seconds=DEADLINE)
        )

    assert failure is Failure.DEADLINE
    assert seconds <= DEADLINE + TOLERANCE


def test_a_call_starts_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    caller, started = threading.current_thread(), []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        if threading.current_thread() is caller:
            started.append(thread)
        start(thread)

    made = Transport(clock=WallClock(), trust=ssl.create_default_context())
    with faulty_server(scripts.answers_kept_open(*[b"[]"] * 20)) as server:
        made.post(server.url, headers={}, body=b"{}", seconds=DEADLINE)  # a name was looked up
        monkeypatch.setattr(threading.Thread, "start", counted)
        for _ in range(9):
            made.post(server.url, headers={}, body=b"{}", seconds=DEADLINE)
            made.get(server.url, headers={}, params={}, seconds=DEADLINE)
    made.close()

    assert len(server.requests) == 19
    assert started == []


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_nothing_is_sent_when_the_time_is_over_before(transport: Transport, seconds: float) -> None:
    with faulty_server(scripts.answer()) as server:
        failure, _ = timed(
            lambda: transport.post(server.url, headers={}, body=b"{}", seconds=seconds)
        )

    assert failure is Failure.NO_TIME_LEFT
    assert server.connections == 0
