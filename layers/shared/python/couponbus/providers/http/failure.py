"""Why a request got no usable response, derived from the HTTP library's exception."""

import ssl
from collections.abc import Iterator
from enum import StrEnum
from http.client import HTTPException

from requests import exceptions as of_requests
from urllib3 import exceptions as of_urllib3

from couponbus.providers.http.connections import AddressRefused
from couponbus.providers.http.deadline import DeadlinePassed, Phase


class Failure(StrEnum):
    """Reason codes; the first group proves that nothing was sent."""

    NAME_NOT_RESOLVED = "name_not_resolved"
    NOT_CONNECTED = "not_connected"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_REFUSED = "tls_refused"
    NO_TIME_LEFT = "no_time_left"
    URL_REWRITTEN = "url_rewritten"
    URL_REFUSED = "url_refused"
    ADDRESS_REFUSED = "address_refused"

    READ_TIMEOUT = "read_timeout"
    DEADLINE = "deadline_passed"
    CONNECTION_LOST = "connection_lost"
    BROKEN_ANSWER = "broken_answer"
    TOO_LARGE = "answer_too_large"
    ENCODED = "answer_encoded"
    UNEXPECTED = "unexpected_error"

    @property
    def proves_not_sent(self) -> bool:
        """Whether a retry cannot send the request twice."""
        return self in _NOTHING_SENT

    @property
    def is_answer(self) -> bool:
        """Whether the provider did respond, but not in a usable form."""
        return self in (Failure.TOO_LARGE, Failure.ENCODED)


_NOTHING_SENT = frozenset(
    {
        Failure.NAME_NOT_RESOLVED,
        Failure.NOT_CONNECTED,
        Failure.CONNECT_TIMEOUT,
        Failure.TLS_REFUSED,
        Failure.NO_TIME_LEFT,
        Failure.URL_REWRITTEN,
        Failure.URL_REFUSED,
        Failure.ADDRESS_REFUSED,
    }
)

# The most specific first. An exception may hold others, and all of them are examined.
_WHILE_CONNECTING: tuple[tuple[type[BaseException], Failure], ...] = (
    (DeadlinePassed, Failure.NO_TIME_LEFT),
    (AddressRefused, Failure.ADDRESS_REFUSED),
    (of_urllib3.NameResolutionError, Failure.NAME_NOT_RESOLVED),
    (of_urllib3.NewConnectionError, Failure.NOT_CONNECTED),
    (of_urllib3.ConnectTimeoutError, Failure.CONNECT_TIMEOUT),
    (of_requests.ConnectTimeout, Failure.CONNECT_TIMEOUT),
    (ssl.SSLError, Failure.TLS_REFUSED),
    (of_urllib3.SSLError, Failure.TLS_REFUSED),
    (of_requests.SSLError, Failure.TLS_REFUSED),
    (of_urllib3.ReadTimeoutError, Failure.CONNECT_TIMEOUT),  # of the handshake
    (TimeoutError, Failure.CONNECT_TIMEOUT),
    (OSError, Failure.NOT_CONNECTED),
)
_AFTERWARDS: tuple[tuple[type[BaseException], Failure], ...] = (
    (of_urllib3.ReadTimeoutError, Failure.READ_TIMEOUT),
    (of_requests.ReadTimeout, Failure.READ_TIMEOUT),
    (TimeoutError, Failure.READ_TIMEOUT),
    (ConnectionError, Failure.CONNECTION_LOST),  # RemoteDisconnected is one
    (of_urllib3.IncompleteRead, Failure.BROKEN_ANSWER),
    (of_requests.ChunkedEncodingError, Failure.BROKEN_ANSWER),
    (HTTPException, Failure.BROKEN_ANSWER),
    (ssl.SSLError, Failure.CONNECTION_LOST),
    (of_urllib3.SSLError, Failure.CONNECTION_LOST),
    (of_requests.SSLError, Failure.CONNECTION_LOST),
    (of_urllib3.ProtocolError, Failure.CONNECTION_LOST),
)


def failure_of(error: BaseException, *, phase: Phase) -> Failure:
    """Classify an exception; UNEXPECTED counts as possibly sent.

    `requests.ConnectionError` wraps both requests that were never sent and requests that may have
    been: the inner reason decides, and only if no byte was handed to a socket.
    """
    table = _WHILE_CONNECTING if phase is Phase.NOT_SENT else _AFTERWARDS
    held = list(_unwrapped(error))
    for kind, failure in table:
        if any(_is(each, kind) for each in held):
            return failure
    return Failure.UNEXPECTED


def _unwrapped(error: BaseException) -> Iterator[BaseException]:
    yield error
    for each in (*error.args, getattr(error, "reason", None)):
        if isinstance(each, BaseException) and each is not error:
            yield from _unwrapped(each)


def _is(error: BaseException, kind: type[BaseException]) -> bool:
    # Every exception of requests is an OSError too, also one without an I/O error.
    if kind is OSError and isinstance(error, of_requests.RequestException):
        return False
    return isinstance(error, kind)
