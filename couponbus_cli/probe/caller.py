"""Calls to a provider with their raw answers, and a substitute for a missing answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol, cast

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.http.transport import HttpAnswer, HttpFailed
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.probe.call_limiter import CallLimiter, NoMoreCallsError

SECONDS = 12.0
NO_STATUSES: frozenset[int] = frozenset()
_ASKS_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_OK = range(200, 300)
_REFUSED = range(400, 500)
_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A usable answer has a status; an unusable one has only `summary`, the reason."""

    summary: str
    received_at: datetime
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    is_too_large: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.status in _OK

    @property
    def is_refusal(self) -> bool:
        """Whether the status is 4xx, but not 401 or 403."""
        return self.status in _REFUSED and not self.is_no_access

    @property
    def is_no_access(self) -> bool:
        """Whether the status is 401 or 403."""
        return self.status in _NO_ACCESS

    @property
    def value(self) -> object:
        """The JSON of the body, None if it is not JSON."""
        try:
            return strict_answer(self.body)
        except InputRejected:
            return None

    @property
    def fields(self) -> Mapping[str, object]:
        """The JSON object of the body, empty if it is not one."""
        value = self.value
        return cast("dict[str, object]", value) if isinstance(value, dict) else {}


class ProbeTransport(Protocol):
    """The methods of `Transport` that a probe needs."""

    def get_exactly(
        self,
        fresh_url: Callable[[], str],
        *,
        headers: Mapping[str, str],
        seconds: float,
        statuses: frozenset[int],
    ) -> HttpAnswer:
        """GET a URL that is sent byte for byte. Raises HttpFailed."""
        ...

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        """Send once. Raises HttpFailed."""
        ...


class Caller:
    """Calls a provider until `stop`, or until it answers 429 or 503."""

    def __init__(self, *, transport: ProbeTransport, limiter: CallLimiter) -> None:
        """Make no call yet."""
        self._transport = transport
        self._limiter = limiter
        self._has_answered = False
        self._stopped: str | None = None
        self.cut_short: str | None = None

    def stop(self, reason: str) -> None:
        """Skip every further call, for this reason."""
        self._stopped = self._stopped or reason

    def now(self) -> datetime:
        """Return the present."""
        return self._limiter.now()

    def get(self, url_of: Callable[[], str], *, headers: Mapping[str, str]) -> Reply:
        """GET once, at a URL made just before. Raises Failed if the provider never answered."""
        return self._send(
            lambda: self._transport.get_exactly(
                url_of, headers=headers, seconds=SECONDS, statuses=NO_STATUSES
            )
        )

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """POST once. Raises Failed if the provider never answered."""
        return self._send(
            lambda: self._transport.post(url, headers=headers, body=body, seconds=SECONDS)
        )

    def _send(self, call: Callable[[], HttpAnswer]) -> Reply:
        if self._stopped is not None:
            return self._no_answer(f"not tested: {self._stopped}")
        try:
            self._limiter.take()
            answer = call()
        except NoMoreCallsError:
            self._cut("all calls are used up")
            return self._no_answer("not tested: all calls are used up")
        except HttpFailed as problem:
            return self._failed(problem)
        return self._reply_of(answer)

    def _failed(self, problem: HttpFailed) -> Reply:
        why = f"no answer: {problem.failure.value}"
        if not self._has_answered and not problem.failure.is_answer:
            raise unreachable(why) from None
        self._has_answered = True
        return Reply(
            summary=why,
            received_at=self.now(),
            is_too_large=problem.failure.value == "answer_too_large",
        )

    def _reply_of(self, answer: HttpAnswer) -> Reply:
        summary = f"status {answer.status}"
        if answer.status in _ASKS_TO_WAIT:
            summary = f"the provider asks to wait ({summary})"
            self._cut(summary)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _ASKS_TO_WAIT:
            if not self._has_answered:
                raise unreachable(summary)
            return self._no_answer(summary)
        self._has_answered = True
        return Reply(
            summary=summary,
            received_at=self.now(),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
        )

    def _cut(self, reason: str) -> None:
        self.cut_short = self.cut_short or reason
        self.stop(reason)

    def _no_answer(self, summary: str) -> Reply:
        return Reply(summary=summary, received_at=self.now())


def unreachable(why: str) -> Failed:
    """Return the failure of a provider that cannot be reached."""
    return Failed(f"the provider cannot be reached ({why})", kind="unreachable", code=UNREACHABLE)
