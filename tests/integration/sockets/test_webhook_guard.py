"""A webhook goes to the address that was checked, under the name that was given, or nowhere."""

import re
import socket
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from couponbus.providers.http.connections import Address
from couponbus.providers.webhooks.addresses import Policy
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.server import HOST, FaultyServer, Script, Visit, faulty_server
from tests.integration.sockets.webhooks import (
    DEADLINE,
    NAME,
    TOLERANCE,
    leads_to,
    send,
    sender,
)
from tests.loopback import OutsideWorld

PUBLIC_URL = "https://hooks.example.com/in"
PUBLIC = "93.184.215.14"
PRIVATE = "10.0.0.1"


def url_of(server: FaultyServer) -> str:
    return f"{server.scheme}://{NAME}:{server.port}/in"


@pytest.mark.parametrize(
    "hosts", [(HOST,), (PUBLIC, HOST), (HOST, PUBLIC), ("2606:4700::1", HOST), ("::1", PUBLIC)]
)
def test_a_public_name_that_leads_to_this_machine_is_not_called(hosts: tuple[str, ...]) -> None:
    with faulty_server(scripts.answer()) as server:
        one = sender(policy=Policy.PUBLIC, resolver=leads_to(*hosts, port=server.port))
        sent = send(PUBLIC_URL, by=one)

    assert (sent.status, sent.failure) == (None, "address_refused")
    assert server.connections == 0


def test_a_name_that_is_bound_anew_between_two_attempts_is_not_called_again() -> None:
    asked: list[str] = []

    def rebinding(name: str, port: int) -> Sequence[Address]:
        asked.append(name)
        hosts = (HOST,) if len(asked) == 1 else (HOST, PRIVATE)
        return [(socket.AF_INET, (host, port)) for host in hosts]

    one = sender(resolver=rebinding)
    with faulty_server(scripts.answer()) as server:
        first, second = send(url_of(server), by=one), send(url_of(server), by=one)

    assert (first.status, first.failure) == (200, None)
    assert (second.status, second.failure) == (None, "address_refused")
    assert asked == [NAME, NAME]
    assert server.connections == 1


def test_the_connection_is_to_the_address_that_was_checked() -> None:
    one = sender(policy=Policy.PUBLIC, resolver=leads_to(PUBLIC, port=443))

    # The tests' own socket guard stands where the internet begins.
    with pytest.raises(OutsideWorld, match=re.escape(f"socket.connect to '{PUBLIC}'")):
        send(PUBLIC_URL, by=one)


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://2130706433/",
        "http://hooks.example.com/",
        "https://hooks.example.com:9001/",
        "https://user@hooks.example.com/",
    ],
)
def test_a_bad_url_is_refused_before_its_name_is_looked_up(url: str) -> None:
    asked: list[str] = []

    def resolver(name: str, port: int) -> Sequence[Address]:
        asked.append(name)
        return [(socket.AF_INET, (PUBLIC, port))]

    sent = send(url, by=sender(policy=Policy.PUBLIC, resolver=resolver))

    assert (sent.status, sent.failure) == (None, "url_refused")
    assert asked == []


def test_the_server_gets_the_name_and_not_the_address() -> None:
    with faulty_server(scripts.answer()) as server:
        one = sender(resolver=leads_to(HOST, port=server.port))
        assert send(url_of(server), by=one).status == 200

    assert f"\r\nHost: {NAME}:{server.port}\r\n".encode() in server.requests[0]


def test_the_next_address_is_tried_when_one_refuses() -> None:
    with faulty_server(scripts.answer()) as server:
        one = sender(resolver=leads_to("127.0.0.2", HOST, port=server.port))
        assert send(url_of(server), by=one).status == 200


def test_a_certificate_is_checked_for_the_name(tmp_path: Path) -> None:
    authority = Authority()

    with faulty_server(scripts.answer(), tls=authority.server(tmp_path, host=NAME)) as server:
        one = sender(trust=authority.trust, resolver=leads_to(HOST, port=server.port))
        by_name = send(url_of(server), by=one)
        by_address = send(server.url, by=one)

    assert (by_name.status, by_name.failure) == (200, None)
    assert (by_address.status, by_address.failure) == (None, "tls_refused")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("host", "valid_for"),
    [
        pytest.param("other.example.test", timedelta(days=1), id="of another name"),
        pytest.param(HOST, timedelta(days=1), id="of the address"),
        pytest.param(NAME, timedelta(days=-1), id="expired"),
    ],
)
def test_a_bad_certificate_ends_an_attempt_before_anything_is_sent(
    tmp_path: Path, host: str, valid_for: timedelta
) -> None:
    authority = Authority()
    tls = authority.server(tmp_path, host=host, valid_for=valid_for)

    with faulty_server(scripts.answer(), tls=tls) as server:
        one = sender(trust=authority.trust, resolver=leads_to(HOST, port=server.port))
        sent = send(url_of(server), by=one)

    assert (sent.status, sent.failure) == (None, "tls_refused")
    assert server.requests == []


def test_a_self_signed_certificate_is_refused(tmp_path: Path) -> None:
    tls = Authority().server(tmp_path, host=NAME)

    with faulty_server(scripts.answer(), tls=tls) as server:
        sent = send(url_of(server), by=sender(resolver=leads_to(HOST, port=server.port)))

    assert (sent.status, sent.failure) == (None, "tls_refused")
    assert server.requests == []


def speak_at_once(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\n\r\n")
    visit.pause(DEADLINE)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        pytest.param(scripts.silent_from_the_start, "connect_timeout", id="no handshake"),
        pytest.param(speak_at_once, "tls_refused", id="no TLS at all"),
    ],
)
def test_a_server_without_tls_is_left_in_time(script: Script, failure: str) -> None:
    with faulty_server(script) as server:
        url = url_of(server).replace("http:", "https:")
        sent = send(url, by=sender(resolver=leads_to(HOST, port=server.port)), seconds=DEADLINE)

    assert sent.failure == failure
    assert sent.seconds <= DEADLINE + TOLERANCE


def test_a_name_that_is_not_found_in_time_is_left() -> None:
    def hang(name: str, port: int) -> Sequence[Address]:
        time.sleep(DEADLINE + TOLERANCE + 0.5)
        return [(socket.AF_INET, (HOST, port))]

    sent = send(f"http://{NAME}/", by=sender(resolver=hang), seconds=DEADLINE)

    assert sent.failure == "connect_timeout"
    assert sent.seconds <= DEADLINE + TOLERANCE


def test_an_unknown_name_is_reported() -> None:
    def unknown(name: str, port: int) -> Sequence[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    assert send(f"http://{NAME}/", by=sender(resolver=unknown)).failure == "name_not_resolved"


def test_a_name_without_addresses_is_not_connected() -> None:
    assert send(f"http://{NAME}/", by=sender(resolver=leads_to(port=80))).failure == "not_connected"
