"""Connections that keep to the deadline of their call, and the adapter that uses them."""

import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from functools import partial

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from couponbus.providers.http.deadline import call_in_progress
from couponbus.providers.http.framing import FinalAnswer, WholeAnswer
from couponbus.providers.http.kept_threads import result_within

type Address = tuple[int, tuple[str | int, ...] | tuple[int, bytes]]
type Pools = dict[str, type[HTTPConnectionPool]]
type Resolver = Callable[[str, int], Sequence[Address]]


class AddressRefused(Exception):
    """A resolver found addresses that must not be connected to; the text does not say which."""


def look_up(host: str, port: int) -> Sequence[Address]:
    """Return family and socket address of each address of a name. Raises gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class DeadlineConnection(HTTPConnection):
    """Resolves, connects and sends within the deadline, and marks the first byte sent."""

    resolver: Resolver

    def _new_conn(self) -> socket.socket:
        try:
            addresses = self._addresses()
        except socket.gaierror as unknown:
            raise NameResolutionError(self.host, self, unknown) from None
        problem: OSError | None = None
        for family, address in addresses:
            try:
                return self._connected(family, address)
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(self, "no answer in time")
        raise NewConnectionError(self, "no address could be reached")

    def send(self, data: bytes) -> None:  # type: ignore[override]
        """Mark the call in progress as sent, then send. Raises DeadlinePassed."""
        call = call_in_progress()
        if self.sock is None:
            self.connect()
        call.mark_sent()
        call.limit(self.sock)  # for all of the data, over TLS as well
        super().send(data)

    def _addresses(self) -> Sequence[Address]:
        # The system's resolver cannot be interrupted, but its thread can be left behind.
        look_up = partial(self.resolver, self._dns_host, self.port)
        try:
            return result_within(call_in_progress().left, look_up)
        except TimeoutError:
            raise ConnectTimeoutError(self, "the name was not resolved in time") from None

    def _connected(self, family: int, address: object) -> socket.socket:
        call = call_in_progress()
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            call.limit(connection, most=self.timeout)
            connection.connect(address)  # type: ignore[arg-type]
            call.limit(connection, most=self.timeout)  # for the handshake, if there is one
        except BaseException:
            connection.close()
            raise
        return connection


class _DeadlineTls(DeadlineConnection, HTTPSConnection):
    """The same over TLS: connecting includes the handshake."""


class DeadlineAdapter(HTTPAdapter):
    """Sends by deadline connections, verifies certificates, and never retries."""

    def __init__(self, *, trust: ssl.SSLContext, pools: Pools, connections: int = 1) -> None:
        """Keep up to `connections` for each host, in pools from `pools_with`."""
        self._trust = trust
        self._pools = pools
        super().__init__(pool_connections=8, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        """Make pools of deadline connections that share one context of loaded certificates."""
        super().init_poolmanager(*args, **kwargs, ssl_context=self._trust)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = self._pools

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: object,
        proxies: object = None,
        cert: object = None,
    ) -> HTTPConnectionPool:
        """Return the pool of the host; neither proxies nor other certificates are ever given."""
        pool: HTTPConnectionPool = self.poolmanager.connection_from_url(request.url or "")
        return pool

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Leave verification to the context: requests would load certificates per connection."""


def pools_with(resolver: Resolver, *, answers: type[FinalAnswer] = WholeAnswer) -> Pools:
    """Return classes of pools, by scheme, that use this resolver and this response class."""
    found = {"resolver": staticmethod(resolver), "response_class": answers}
    plain = type("_Plain", (DeadlineConnection,), found)
    tls = type("_Tls", (_DeadlineTls,), found)
    return {
        "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }


_LOGGERS = (
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


def silence_urllib3() -> None:
    """Keep its log to errors: its debug lines and its warnings contain whole URLs."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if _errors_only not in logger.filters:
            logger.addFilter(_errors_only)


def _errors_only(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
