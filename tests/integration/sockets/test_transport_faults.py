"""How a POST reports each fault of a server, on real sockets."""

import socket
from collections.abc import Iterator

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import (
    HttpAnswer,
    HttpFailed,
    Transport,
    trust_public_authorities,
)
from tests.integration.sockets import scripts
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.unit.providers.fakes import WallClock

BODY_MAX = 100_000
TRUST = trust_public_authorities()


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(clock=WallClock(), trust=TRUST, connect_seconds=0.5, body_max=BODY_MAX)
    yield made
    made.close()


def post(transport: Transport, url: str, *, seconds: float = 5.0) -> HttpAnswer | Failure:
    try:
        return transport.post(f"{url}/barcode", headers={}, body=b"{}", seconds=seconds)
    except HttpFailed as failed:
        return failed.failure


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (scripts.reset_after_request, Failure.CONNECTION_LOST),
        (scripts.close_after_request, Failure.CONNECTION_LOST),
        (scripts.reset_after_headers, Failure.CONNECTION_LOST),
        (scripts.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), Failure.BROKEN_ANSWER),
        (
            scripts.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
            Failure.BROKEN_ANSWER,
        ),
        (
            scripts.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"),
            Failure.BROKEN_ANSWER,
        ),
        (scripts.raw(b"SSH-2.0-another-server\r\n\r\n"), Failure.BROKEN_ANSWER),
        (scripts.raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), Failure.BROKEN_ANSWER),
        (
            scripts.raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
            Failure.BROKEN_ANSWER,
        ),
        (scripts.hundred_megabytes(), Failure.TOO_LARGE),
        (scripts.endless_chunks(), Failure.TOO_LARGE),
        (
            scripts.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\n"),
            Failure.TOO_LARGE,
        ),
        (scripts.gzip_bomb(), Failure.ENCODED),
    ],
)
def test_an_answer_that_does_not_arrive_whole_leaves_the_outcome_open(
    transport: Transport, script: Script, failure: Failure
) -> None:
    with faulty_server(script) as server:
        assert post(transport, server.url) is failure

    assert not failure.proves_not_sent
    assert len(server.requests) == server.connections == 1


def test_a_refused_connection_proves_that_nothing_was_sent(transport: Transport) -> None:
    with socket.create_server((HOST, 0)) as unused:
        port = unused.getsockname()[1]

    failure = post(transport, f"http://{HOST}:{port}")

    assert failure is Failure.NOT_CONNECTED
    assert failure.proves_not_sent


def test_a_connection_that_is_not_accepted_proves_that_nothing_was_sent(
    transport: Transport,
) -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind((HOST, 0))
        full.listen(0)
        for queued in (first, second):  # a full backlog: the kernel ignores further callers
            queued.setblocking(False)
            queued.connect_ex(full.getsockname())

        failure = post(transport, f"http://{HOST}:{full.getsockname()[1]}")

    assert failure is Failure.CONNECT_TIMEOUT
    assert failure.proves_not_sent


def test_an_unknown_name_proves_that_nothing_was_sent() -> None:
    def unknown(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    transport = Transport(clock=WallClock(), trust=TRUST, resolver=unknown)

    assert post(transport, "http://api.example.test") is Failure.NAME_NOT_RESOLVED


def test_the_next_address_of_a_name_is_tried_when_one_refuses() -> None:
    with (
        socket.create_server((HOST, 0)) as unused,
        faulty_server(scripts.answer(b"[1]")) as server,
    ):
        dead = unused.getsockname()[1]
        unused.close()
        addresses = [(socket.AF_INET, (HOST, port)) for port in (dead, server.port)]
        transport = Transport(clock=WallClock(), trust=TRUST, resolver=lambda host, port: addresses)

        answer = post(transport, "http://api.example.test")

    assert isinstance(answer, HttpAnswer)
    assert answer.body == b"[1]"


def test_a_name_without_any_address_is_not_connected() -> None:
    transport = Transport(clock=WallClock(), trust=TRUST, resolver=lambda host, port: [])

    assert post(transport, "http://api.example.test") is Failure.NOT_CONNECTED


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_an_answer_and_is_not_followed(transport: Transport, status: str) -> None:
    with (
        faulty_server(scripts.answer(b"[]")) as elsewhere,
        faulty_server(
            scripts.answer(b"x" * 9_999_999, status=status, headers=(f"Location: {elsewhere.url}",))
        ) as server,
    ):
        answer = post(transport, server.url)

    assert isinstance(answer, HttpAnswer)
    assert answer.status == int(status[:3])
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "script",
    [
        scripts.raw(b"HTTP/1.1 429 Busy\r\nRetry-After: 7\r\nContent-Length: 50\r\n\r\ncut"),
        scripts.answer(b"x" * 70_000, status="429 Busy", headers=("Retry-After: 7",)),
        scripts.answer(
            b"\x1f\x8b", status="429 Busy", headers=("Retry-After: 7", "Content-Encoding: gzip")
        ),
    ],
)
def test_the_status_of_an_error_counts_even_if_its_body_is_bad(
    transport: Transport, script: Script
) -> None:
    with faulty_server(script) as server:
        answer = post(transport, server.url)

    assert isinstance(answer, HttpAnswer)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", b"")


def test_each_post_has_a_connection_of_its_own(transport: Transport) -> None:
    with faulty_server(scripts.answers_kept_open(b"[]", b"[]", b"[]")) as server:
        for _ in range(3):
            assert isinstance(post(transport, server.url), HttpAnswer)

    assert server.connections == 3
    assert all(b"\r\nConnection: close\r\n" in request for request in server.requests)


def test_the_environment_has_no_say(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    with faulty_server(scripts.answer(b"[]", headers=("Set-Cookie: session=1",))) as server:
        assert isinstance(post(transport, server.url), HttpAnswer)
        assert isinstance(post(transport, server.url), HttpAnswer)

    assert not any(b"cookie" in request.lower() for request in server.requests)
    assert all(b"\r\nAccept-Encoding: identity\r\n" in request for request in server.requests)
