"""A receiver on this machine limits body size and time, and answers each caller once."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from types import SimpleNamespace

import pytest

from couponbus_cli.app.failing import Failed
from couponbus_cli.listen import receiver
from couponbus_cli.listen.arrival import Arrival, Verifier
from couponbus_cli.listen.receiver import BODY_MAX, Address, receiving
from tests.fakes.clock import ManualClock
from tests.unit.cli.listen.posting import BODY, KEY, headers_of, post, raw

START = b"POST / HTTP/1.1\r\n"


@contextmanager
def a_receiver(
    *, answer: int = 204, path: str = "/", retry_after: int | None = None
) -> Iterator[SimpleNamespace]:
    """Yield its port, and all that came."""
    arrivals: list[Arrival] = []
    opened: list[str] = []
    address = Address(port=0, path=path, retry_after=retry_after)
    verifier = Verifier(keys=[KEY], answer=answer, now=ManualClock().now)
    with receiving(address, verifier=verifier, opened=opened.append, show=arrivals.append):
        port = int(opened[0].removesuffix(path).rpartition(":")[2])
        yield SimpleNamespace(port=port, arrivals=arrivals, url=opened[0])


def test_a_webhook_is_shown_and_answered() -> None:
    with a_receiver() as listening:
        answer = post(listening.port)

    [one] = listening.arrivals
    assert (answer["status"], answer["connection"]) == ("204", "close")
    assert (one.verified, one.answered, one.size) == (True, 204, len(BODY))
    assert listening.url == f"http://127.0.0.1:{listening.port}/"


def test_the_answer_is_as_it_was_asked_for_and_what_is_forged_gets_another() -> None:
    with a_receiver(answer=503, retry_after=7) as listening:
        busy = post(listening.port)
        forged = post(listening.port, webhook_signature="v1,AAAA")

    assert (busy["status"], busy["retry-after"]) == ("503", "7")
    assert forged["status"] == "400"
    assert [one.problem for one in listening.arrivals] == [None, "webhook_signature"]


def test_a_success_asks_no_sender_to_wait() -> None:
    with a_receiver(retry_after=7) as listening:
        assert "retry-after" not in post(listening.port)


def test_only_the_path_of_the_url_is_listened_at() -> None:
    with a_receiver(path="/hooks") as listening:
        answers = [post(listening.port, path)["status"] for path in ("/hooks?a=1", "/", "/hooks/")]

    assert answers == ["204", "404", "404"]
    assert len(listening.arrivals) == 1


def test_a_large_body_is_not_read() -> None:
    with a_receiver() as listening:
        head = f"POST / HTTP/1.1\r\ncontent-length: {BODY_MAX + 1}\r\n\r\n".encode()
        large = raw(listening.port, head)
        huge = raw(
            listening.port, b"POST / HTTP/1.1\r\ncontent-length: " + b"9" * 5000 + b"\r\n\r\n"
        )
        body = b'{"a":"' + b"x" * (BODY_MAX - 8) + b'"}'
        fits = post(listening.port, body=body)

    assert large.startswith(b"HTTP/1.0 413")
    assert huge.startswith(b"HTTP/1.0 413")
    assert fits["status"] == "204"


@pytest.mark.parametrize(
    "length", [b"", b"content-length: -1\r\n", b"transfer-encoding: chunked\r\n"]
)
def test_a_body_of_unknown_length_is_not_read(length: bytes) -> None:
    with a_receiver() as listening:
        answer = raw(listening.port, START + length + b"\r\n")

    assert answer.startswith(b"HTTP/1.0 411")
    assert listening.arrivals == []


def test_only_post_is_understood() -> None:
    with a_receiver() as listening:
        assert raw(listening.port, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.0 501")


@pytest.mark.parametrize(
    "begun", [b"", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"]
)
def test_a_caller_that_is_too_slow_is_hung_up_on(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "SECONDS", 0.2)
    with a_receiver() as listening:
        with socket.create_connection(("127.0.0.1", listening.port), timeout=5.0) as caller:
            caller.sendall(begun)
            rest = caller.recv(1000)
        after = post(listening.port)

    assert rest == b""
    assert after["status"] == "204"
    assert len(listening.arrivals) == 1


def test_callers_do_not_wait_for_each_other() -> None:
    with (
        a_receiver() as listening,
        socket.create_connection(("127.0.0.1", listening.port), timeout=5.0),
    ):
        assert post(listening.port)["status"] == "204"


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with a_receiver() as listening, pytest.raises(Failed, match="is taken by another program"):
        address = Address(port=listening.port, path="/", retry_after=None)
        verifier = Verifier(keys=[], answer=204, now=ManualClock().now)
        with receiving(address, verifier=verifier, opened=print, show=print):
            pass


def test_names_of_headers_are_known_in_any_letters() -> None:
    with a_receiver() as listening:
        lines = chain(
            ("POST / HTTP/1.1", f"Content-Length: {len(BODY)}"),
            (f"{name.title()}: {value}" for name, value in headers_of().items()),
        )
        raw(listening.port, "\r\n".join([*lines, "", ""]).encode() + BODY)

    assert [one.verified for one in listening.arrivals] == [True]
