"""Certificates are verified, and a failed handshake is no request."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpFailed, Transport, trust_public_authorities
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.server import Script, Visit, faulty_server
from tests.unit.providers.fakes import WallClock


def failure_of_post(transport: Transport, url: str) -> Failure:
    with pytest.raises(HttpFailed) as raised:
        transport.post(url, headers={}, body=b"{}", seconds=3.0)
    return raised.value.failure


def test_a_good_certificate_is_accepted(tmp_path: Path) -> None:
    authority = Authority()
    transport = Transport(clock=WallClock(), trust=authority.trust)

    with faulty_server(scripts.answer(b"[1]"), tls=authority.server(tmp_path)) as server:
        answer = transport.post(server.url, headers={}, body=b"{}", seconds=3.0)

    assert answer.body == b"[1]"


@pytest.mark.parametrize(
    ("host", "valid_for"),
    [
        pytest.param("api.example.test", timedelta(days=1), id="of another host"),
        pytest.param("127.0.0.1", timedelta(days=-1), id="expired"),
    ],
)
def test_a_bad_certificate_ends_the_call_before_anything_is_sent(
    tmp_path: Path, host: str, valid_for: timedelta
) -> None:
    authority = Authority()
    transport = Transport(clock=WallClock(), trust=authority.trust)
    tls = authority.server(tmp_path, host=host, valid_for=valid_for)

    with faulty_server(scripts.answer(), tls=tls) as server:
        failure = failure_of_post(transport, server.url)

    assert failure is Failure.TLS_REFUSED
    assert failure.proves_not_sent
    assert server.requests == []


def test_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    transport = Transport(clock=WallClock(), trust=trust_public_authorities())

    with faulty_server(scripts.answer(), tls=Authority().server(tmp_path)) as server:
        assert failure_of_post(transport, server.url) is Failure.TLS_REFUSED

    assert server.requests == []


@pytest.mark.parametrize(
    "script", [scripts.reset_unread, scripts.raw(b""), scripts.answer(b"plain http")]
)
def test_a_server_that_does_not_speak_tls_got_no_request(script: Script) -> None:
    transport = Transport(clock=WallClock(), trust=Authority().trust, connect_seconds=0.5)

    with faulty_server(script) as server:
        failure = failure_of_post(transport, server.url.replace("http:", "https:"))

    assert failure.proves_not_sent


def reset_inside(visit: Visit) -> None:
    visit.read_request()
    visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    visit.reset()


def garbage_inside(visit: Visit) -> None:
    visit.read_request()
    os.write(visit.connection.fileno(), b"this is no TLS record at all")
    visit.pause(0.2)


def garbage_in_the_body(visit: Visit) -> None:
    visit.read_request()
    visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    os.write(visit.connection.fileno(), b"this is no TLS record at all")
    visit.pause(0.2)


@pytest.mark.parametrize("script", [reset_inside, garbage_inside, garbage_in_the_body])
def test_tls_that_breaks_after_the_request_leaves_the_outcome_open(
    tmp_path: Path, script: Script
) -> None:
    authority = Authority()
    transport = Transport(clock=WallClock(), trust=authority.trust)

    with faulty_server(script, tls=authority.server(tmp_path)) as server:
        failure = failure_of_post(transport, server.url)

    assert failure is Failure.CONNECTION_LOST
    assert len(server.requests) == 1
