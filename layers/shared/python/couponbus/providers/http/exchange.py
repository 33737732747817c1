"""One HTTP exchange: sends a prepared request and reads the response."""

from collections.abc import Callable, Mapping

import requests

from couponbus.providers.http.connections import DeadlineAdapter
from couponbus.providers.http.deadline import CallInProgress
from couponbus.providers.http.failure import Failure, failure_of

_SHORTEST = 0.001  # seconds: none at all is a mistake for the library

type Prepare = Callable[[], requests.PreparedRequest]
type Read[A] = Callable[[requests.Response, CallInProgress], A | Failure]


class UrlRewritten(Exception):
    """The HTTP library would send another URL than the one it was given."""


def prepared(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
) -> requests.PreparedRequest:
    """Return the request, without cookies, authentication and hooks, which are never used.

    Raises requests.RequestException.
    """
    request = requests.PreparedRequest()
    request.prepare_method(method)
    request.prepare_url(url, None)
    request.prepare_headers(headers)
    if body is not None:
        request.prepare_body(body, None)
    return request


def exchange[A](
    prepare: Prepare,
    *,
    adapter: DeadlineAdapter,
    call: CallInProgress,
    connect_seconds: float,
    read: Read[A],
) -> A | Failure:
    """Return a failure instead of raising it: an exception would carry the URL along."""
    if call.left <= 0:
        return Failure.NO_TIME_LEFT
    try:
        request = prepare()
        waits = (connect_seconds, max(call.left, _SHORTEST))
        response = adapter.send(request, stream=True, timeout=waits)
        with response:
            return read(response, call)
    except UrlRewritten:
        return Failure.URL_REWRITTEN
    except Exception as error:
        if call.left <= 0 and call.may_be_sent:
            return Failure.DEADLINE
        return failure_of(error, phase=call.phase)
