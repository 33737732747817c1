"""How a webhook is sent: what arrives, how long it may take, and what is ignored."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from couponbus.providers.http.deadline import CallInProgress
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.server import HOST, Visit, faulty_server
from tests.integration.sockets.webhooks import (
    BODY,
    CLOCK,
    HEADERS,
    NAME,
    leads_to,
    send,
    sender,
)

THREADS = 50
CAP = 15.0


def test_what_arrives_is_one_post_with_our_headers_and_each_byte_of_the_body() -> None:
    with faulty_server(scripts.answer()) as server:
        send(f"{server.url}/in/a%2Fb?x=%20&y")

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == "POST /in/a%2Fb?x=%20&y HTTP/1.1"
    assert sorted(headers, key=str.lower) == sorted(
        [
            *(f"{name}: {value}" for name, value in HEADERS.items()),
            f"Host: {HOST}:{server.port}",
            f"Content-Length: {len(BODY)}",
            "Accept-Encoding: identity",
            "Connection: close",
        ],
        key=str.lower,
    )
    assert body == BODY


def test_each_attempt_has_a_connection_of_its_own() -> None:
    one = sender()

    with faulty_server(scripts.answers_kept_open(b"", b"", b"")) as server:
        assert [send(server.url, by=one).status for _ in range(3)] == [200] * 3

    assert server.connections == 3


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_a_redirect_is_a_status_and_is_not_followed(status: str) -> None:
    with faulty_server(scripts.answer()) as elsewhere:
        script = scripts.answer(status=status, headers=(f"Location: {elsewhere.url}/",))
        with faulty_server(script) as server:
            sent = send(server.url)

    assert sent.status == int(status[:3])
    assert elsewhere.connections == 0
    assert len(server.requests) == 1


def test_neither_environment_nor_cookies_have_a_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = tmp_path / "netrc"
    passwords.write_text(f"machine {HOST} login ann password not-real\n")
    monkeypatch.setenv("NETRC", str(passwords))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    one = sender()

    with faulty_server(scripts.answer(headers=("Set-Cookie: session=1",))) as server:
        assert [send(server.url, by=one).status for _ in range(2)] == [200] * 2

    assert not any(b"cookie" in request.lower() for request in server.requests)
    assert not any(b"authorization" in request.lower() for request in server.requests)


@pytest.mark.parametrize("status", ["429 Busy", "503 Busy", "410 Gone", "200 OK"])
def test_retry_after_is_read_from_any_answer(status: str) -> None:
    with faulty_server(scripts.answer(status=status, headers=("Retry-After: 120",))) as server:
        assert send(server.url).retry_after == 120.0


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("1", 1, 1),
        ("0", 1, 1),
        ("3600", 3600, 3600),
        ("3601", 3600, 3600),
        ("9" * 4000, 3600, 3600),
    ],
)
def test_retry_after_is_kept_within_bounds(header: str, low: float, high: float) -> None:
    assert low <= wished(header) <= high


@pytest.mark.parametrize(
    ("seconds", "low", "high"), [(-99, 1, 1), (1800, 1600, 1800), (99_999, 3600, 3600)]
)
def test_retry_after_may_be_a_date(seconds: float, low: float, high: float) -> None:
    date = format_datetime(CLOCK.after(seconds), usegmt=True)

    assert low <= wished(date) <= high


def wished(header: str) -> float:
    """Return the pause in seconds after a refusal with this Retry-After."""
    script = scripts.answer(status="429 Busy", headers=(f"Retry-After: {header}",))
    with faulty_server(script) as server:
        pause = send(server.url).retry_after
    assert pause is not None
    return pause


@pytest.mark.parametrize(
    "headers",
    [
        (),
        *((f"Retry-After: {text}",) for text in ("", "soon", "-1", "nan", "1e3", "\u00b2", "7,8")),
        ("Retry-After: 7", "Retry-After: 8"),
    ],
)
def test_a_retry_after_that_means_nothing_is_none(headers: tuple[str, ...]) -> None:
    with faulty_server(scripts.answer(status="429 Busy", headers=headers)) as server:
        sent = send(server.url)

    assert (sent.status, sent.retry_after) == (429, None)


def test_no_attempt_is_given_more_than_fifteen_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    class Noted(CallInProgress):
        def __init__(self, *, seconds: float) -> None:
            super().__init__(seconds=seconds)
            given.append(seconds)

    monkeypatch.setattr("couponbus.providers.webhooks.sender.CallInProgress", Noted)
    with faulty_server(scripts.answer()) as server:
        send(server.url, seconds=timedelta(hours=1).total_seconds())
        send(server.url, seconds=CAP / 2)

    assert given[0] == CAP
    assert CAP / 2 - 1 < given[1] <= CAP / 2


def test_fifty_threads_get_their_own_answers(tmp_path: Path) -> None:
    authority = Authority()

    def echo(visit: Visit) -> None:
        wanted = visit.read_request().split(b" ")[1].removeprefix(b"/").decode()
        visit.send(scripts.whole(b"", status=f"{wanted} Echo", headers=(f"Retry-After: {wanted}",)))

    with faulty_server(echo, tls=authority.server(tmp_path, host=NAME)) as server:
        one = sender(trust=authority.trust, resolver=leads_to(HOST, port=server.port))
        together = threading.Barrier(THREADS)

        def answer_to(status: int) -> tuple[int | None, float | None]:
            together.wait(timeout=10)
            sent = send(f"https://{NAME}:{server.port}/{status}", by=one)
            return sent.status, sent.retry_after

        with ThreadPoolExecutor(THREADS) as threads:
            answers = list(threads.map(answer_to, range(200, 200 + THREADS)))

    assert answers == [(status, float(status)) for status in range(200, 200 + THREADS)]


@pytest.mark.parametrize("headers", [{"webhook-id": "a\r\nb"}, {"webhook-id": "\u4e2d"}, {"": "c"}])
def test_a_header_that_cannot_be_sent_fails_alone(headers: dict[str, str]) -> None:
    with faulty_server(scripts.answer()) as server:
        sent = sender().send(url=server.url, headers=headers, body=b"", deadline=CLOCK.after(2))

    assert (sent.status, sent.failure) == (None, "unexpected_error")
    assert server.requests == []
