"""The inner reason says what happened; only before the first byte may it prove "not sent"."""

import socket
import ssl
from http.client import IncompleteRead, RemoteDisconnected

import pytest
from requests import exceptions as of_requests
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as of_urllib3
from urllib3.connection import HTTPConnection

from couponbus.providers.http.connections import AddressRefused
from couponbus.providers.http.deadline import DeadlinePassed, Phase
from couponbus.providers.http.failure import Failure, failure_of

POOL = HTTPConnectionPool("api.example.test")
CONNECTION = HTTPConnection("api.example.test")


def given_up(reason: Exception) -> of_urllib3.MaxRetryError:
    return of_urllib3.MaxRetryError(POOL, "/barcode", reason)


def aborted(inner: Exception) -> of_requests.ConnectionError:
    return of_requests.ConnectionError(of_urllib3.ProtocolError("Connection aborted.", inner))


BEFORE = [
    (DeadlinePassed(), Failure.NO_TIME_LEFT),
    (AddressRefused(), Failure.ADDRESS_REFUSED),
    (
        of_requests.ConnectionError(
            given_up(of_urllib3.NameResolutionError("h", CONNECTION, socket.gaierror()))
        ),
        Failure.NAME_NOT_RESOLVED,
    ),
    (
        of_requests.ConnectionError(given_up(of_urllib3.NewConnectionError(CONNECTION, "no"))),
        Failure.NOT_CONNECTED,
    ),
    (
        of_requests.ConnectTimeout(given_up(of_urllib3.ConnectTimeoutError(CONNECTION, "slow"))),
        Failure.CONNECT_TIMEOUT,
    ),
    (of_requests.ConnectTimeout("slow"), Failure.CONNECT_TIMEOUT),
    (
        of_requests.SSLError(given_up(of_urllib3.SSLError(ssl.SSLCertVerificationError(1)))),
        Failure.TLS_REFUSED,
    ),
    (of_requests.SSLError("handshake"), Failure.TLS_REFUSED),
    (ssl.SSLEOFError(8, "eof"), Failure.TLS_REFUSED),
    (
        of_requests.ReadTimeout(of_urllib3.ReadTimeoutError(POOL, "/", "handshake")),
        Failure.CONNECT_TIMEOUT,
    ),
    (aborted(ConnectionResetError(104, "reset")), Failure.NOT_CONNECTED),
]
AFTER = [
    (
        of_requests.ReadTimeout(of_urllib3.ReadTimeoutError(POOL, "/", "slow")),
        Failure.READ_TIMEOUT,
    ),
    (
        of_requests.ConnectionError(of_urllib3.ReadTimeoutError(POOL, "/", "slow body")),
        Failure.READ_TIMEOUT,
    ),
    (aborted(TimeoutError("write")), Failure.READ_TIMEOUT),
    (aborted(RemoteDisconnected("gone")), Failure.CONNECTION_LOST),
    (aborted(ConnectionResetError(104, "reset")), Failure.CONNECTION_LOST),
    (
        of_requests.ChunkedEncodingError(
            of_urllib3.ProtocolError("broken", ConnectionResetError(104, "reset"))
        ),
        Failure.CONNECTION_LOST,
    ),
    (
        of_requests.ChunkedEncodingError(of_urllib3.ProtocolError("x", IncompleteRead(b"", 9))),
        Failure.BROKEN_ANSWER,
    ),
    (of_requests.ChunkedEncodingError("cut"), Failure.BROKEN_ANSWER),
    (of_requests.SSLError(of_urllib3.SSLError("bad record")), Failure.CONNECTION_LOST),
    (of_requests.ConnectionError(of_urllib3.ProtocolError("odd")), Failure.CONNECTION_LOST),
]


@pytest.mark.parametrize(("error", "failure"), BEFORE)
def test_before_the_first_byte_a_known_failure_proves_that_nothing_was_sent(
    error: Exception, failure: Failure
) -> None:
    assert failure_of(error, phase=Phase.NOT_SENT) is failure
    assert failure.proves_not_sent


@pytest.mark.parametrize("error", [error for error, _ in BEFORE + AFTER])
def test_after_the_first_byte_nothing_proves_that_nothing_was_sent(error: Exception) -> None:
    assert not failure_of(error, phase=Phase.MAYBE_SENT).proves_not_sent


@pytest.mark.parametrize(("error", "failure"), AFTER)
def test_after_the_first_byte_the_inner_reason_is_named(error: Exception, failure: Failure) -> None:
    assert failure_of(error, phase=Phase.MAYBE_SENT) is failure


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize(
    "error",
    [
        ValueError("a mistake of ours"),
        of_requests.InvalidHeader("in a header"),
        of_requests.InvalidURL("in the address"),
        of_requests.RequestException(),
        of_requests.ConnectionError(),
    ],
)
def test_what_is_not_known_is_taken_for_possibly_sent(error: Exception, phase: Phase) -> None:
    assert failure_of(error, phase=phase) is Failure.UNEXPECTED
    assert not Failure.UNEXPECTED.proves_not_sent
