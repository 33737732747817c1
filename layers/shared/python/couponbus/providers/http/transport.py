"""HTTP that is safe for a POST: a total deadline, bounded size, no retries, no redirects."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

import certifi
import requests

from couponbus.ports.shared import Clock
from couponbus.providers.http.connections import (
    DeadlineAdapter,
    Resolver,
    look_up,
    pools_with,
    silence_urllib3,
)
from couponbus.providers.http.deadline import CallInProgress
from couponbus.providers.http.exchange import Prepare, UrlRewritten, exchange, prepared
from couponbus.providers.http.failure import Failure
from couponbus.providers.http.retries import PASSING_STATUSES, REPEATS_MAX, pause_before_repeat

CONNECT_SECONDS = 3.05
BODY_MAX_BYTES = 4 * 1024 * 1024
ERROR_BODY_MAX_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024
_OK = range(200, 300)
_PLAIN = ("", "identity")
_AS_IT_IS = {"Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A response. The body of an error may be left empty: the status suffices."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class HttpFailed(Exception):
    """There is no usable response; the text is a reason code and nothing else."""

    def __init__(self, failure: Failure) -> None:
        """`failure.value` becomes the text."""
        super().__init__(failure.value)
        self.failure = failure


def trust_public_authorities() -> ssl.SSLContext:
    """Return a context that verifies certificates and host names; costs some 20 ms."""
    return ssl.create_default_context(cafile=certifi.where())


class Transport:
    """Sends requests, each with a total deadline, from resolving the name to the last byte.

    It uses the adapter of requests without its session: a session would read the environment,
    keep cookies, and read the whole body of a redirect that it does not follow.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        trust: ssl.SSLContext,
        resolver: Resolver = look_up,
        connect_seconds: float = CONNECT_SECONDS,
        body_max: int = BODY_MAX_BYTES,
        repeats: int = REPEATS_MAX,
        connections: int = 1,
    ) -> None:
        """Open no connection yet.

        `repeats` is 0 where each call needs a slot of the rate limiter. `connections` are kept
        for each host, one for each thread that calls it at the same time.
        """
        silence_urllib3()
        self._clock = clock
        self._trust = trust
        self._pools = pools_with(resolver)
        self._connect_seconds = connect_seconds
        self._body_max = body_max
        self._repeats = repeats
        self._kept = self._adapter(connections=connections)

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        """Send once, over a new connection. Raises HttpFailed."""
        every = {**_AS_IT_IS, **headers, "Connection": "close"}
        prepare = partial(prepared, "POST", url, headers=every, body=body)
        with (
            closing(self._adapter(connections=1)) as adapter,
            CallInProgress(seconds=seconds) as call,
        ):
            result = self._exchange(prepare, adapter, call)
        return _answer_of(result)

    def get(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], seconds: float
    ) -> HttpAnswer:
        """Send up to three times if a retry can help, over a kept connection. Raises HttpFailed."""
        every = {**_AS_IT_IS, **headers}
        asked = f"{url}?{urlencode(params)}" if params else url
        prepare = partial(prepared, "GET", asked, headers=every)
        return self._send(prepare, seconds=seconds, statuses=PASSING_STATUSES)

    def get_exactly(
        self,
        fresh_url: Callable[[], str],
        *,
        headers: Mapping[str, str],
        seconds: float,
        statuses: frozenset[int] = PASSING_STATUSES,
    ) -> HttpAnswer:
        """Send as `get` does, with a new URL for each attempt that is sent byte for byte.

        `statuses` are the transient ones. Raises HttpFailed, also for a URL that the library would
        rewrite: it must arrive as it was signed.
        """

        def prepare() -> requests.PreparedRequest:
            url = fresh_url()
            request = prepared("GET", url, headers={**_AS_IT_IS, **headers})
            # A fragment would stay in the URL but not be sent.
            if request.url != url or not url.endswith(request.path_url):
                raise UrlRewritten
            return request

        return self._send(prepare, seconds=seconds, statuses=statuses)

    def close(self) -> None:
        """Close the kept connections; the next call opens one again."""
        self._kept.close()

    def _adapter(self, *, connections: int) -> DeadlineAdapter:
        return DeadlineAdapter(trust=self._trust, pools=self._pools, connections=connections)

    def _send(self, prepare: Prepare, *, seconds: float, statuses: frozenset[int]) -> HttpAnswer:
        repeats = 0
        with CallInProgress(seconds=seconds) as call:
            while True:
                result = self._exchange(prepare, self._kept, call)
                seen = result.status if isinstance(result, HttpAnswer) else result
                pause = pause_before_repeat(
                    seen,
                    repeats=repeats,
                    left=call.left,
                    statuses=statuses,
                    most=self._repeats,
                )
                if pause is None:
                    return _answer_of(result)
                self._clock.sleep(pause)
                repeats += 1
                call.start_over()

    def _exchange(
        self, prepare: Prepare, adapter: DeadlineAdapter, call: CallInProgress
    ) -> HttpAnswer | Failure:
        return exchange(
            prepare,
            adapter=adapter,
            call=call,
            connect_seconds=self._connect_seconds,
            read=self._read,
        )

    def _read(self, response: requests.Response, call: CallInProgress) -> HttpAnswer | Failure:
        if response.status_code not in _OK:
            return _answer(response, _as_far_as_possible(response))
        if response.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN:
            return Failure.ENCODED  # not asked for, and a bomb looks no different
        body = _bounded(response, most=self._body_max)
        return Failure.TOO_LARGE if body is None else _answer(response, body)


def _bounded(response: requests.Response, *, most: int) -> bytes | None:
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and (len(announced) > len(str(most)) or int(announced) > most):
        return None
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def _as_far_as_possible(response: requests.Response) -> bytes:
    """Return the body of an error, which only explains it; empty if it cannot be read."""
    if response.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN:
        return b""
    try:
        return _bounded(response, most=ERROR_BODY_MAX_BYTES) or b""
    except (requests.RequestException, OSError):
        return b""


def _answer(response: requests.Response, body: bytes) -> HttpAnswer:
    return HttpAnswer(status=response.status_code, headers=response.headers, body=body)


def _answer_of(result: HttpAnswer | Failure) -> HttpAnswer:
    if isinstance(result, Failure):
        raise HttpFailed(result)
    return result
