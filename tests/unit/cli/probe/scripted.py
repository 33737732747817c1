"""A provider whose every answer comes from a test's script."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed
from couponbus_cli.probe.call_limiter import CallLimiter
from couponbus_cli.probe.caller import Caller
from tests.fakes.clock import ManualClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: object = None


type Answered = HttpAnswer | Failure
type Script = Callable[[Request], Answered]


def answered(
    body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    """Return an answer in JSON, or in these bytes."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status=status, headers=headers or {}, body=sent)


@dataclass(slots=True, kw_only=True)
class Scripted:
    """A fake transport that answers by the script."""

    script: Script
    request: list[Request] = field(default_factory=list)

    def get_exactly(
        self,
        fresh_url: Callable[[], str],
        *,
        headers: Mapping[str, str],
        seconds: float,
        statuses: frozenset[int],
    ) -> HttpAnswer:
        assert seconds > 1
        assert not statuses
        return self._answer("GET", fresh_url(), headers, None)

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        assert seconds > 1
        return self._answer("POST", url, headers, json.loads(body))

    def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: object
    ) -> HttpAnswer:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        request = Request(method=method, path=parts.path, query=query, headers=headers, body=body)
        self.request.append(request)
        answer = self.script(request)
        if isinstance(answer, Failure):
            raise HttpFailed(answer)
        return answer


def caller(script: Script) -> Caller:
    """Return a caller that gets the script's answers."""
    limiter = CallLimiter(clock=ManualClock(), calls_per_second=1)
    return Caller(transport=Scripted(script=script), limiter=limiter)
