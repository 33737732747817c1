"""Calls with their raw answers, and what stands in for an answer that did not come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol, cast

from couponbus.providers.http.json import UnreadableError, strict_json
from couponbus.providers.http.transport import HttpAnswer, HttpFailed
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.probe.turns import NoMoreCallsError, Turns

SECONDS = 12.0
NO_STATUSES: frozenset[int] = frozenset()
_ASKS_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_OK = range(200, 300)
_REFUSED = range(400, 500)
_NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that tells something has a status; one that does not only has words for why."""

    said: str
    heard_at: datetime
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    is_too_large: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether it did what was asked."""
        return self.status in _OK

    @property
    def is_refusal(self) -> bool:
        """Whether it says that the question was wrong."""
        return self.status in _REFUSED and not self.is_no_access

    @property
    def is_no_access(self) -> bool:
        """Whether it says that the caller may not ask."""
        return self.status in _NO_ACCESS

    @property
    def value(self) -> object:
        """The JSON of the body, None where it is none."""
        try:
            return strict_json(self.body)
        except UnreadableError:
            return None

    @property
    def fields(self) -> Mapping[str, object]:
        """The JSON object of the body, empty where it is none."""
        value = self.value
        return cast("dict[str, object]", value) if isinstance(value, dict) else {}


class Wire(Protocol):
    """What a Transport does, as far as it is needed here."""

    def get_exactly(
        self,
        fresh_url: Callable[[], str],
        *,
        headers: Mapping[str, str],
        seconds: float,
        statuses: frozenset[int],
    ) -> HttpAnswer:
        """Ask at a URL that leaves byte for byte. Raises HttpFailed."""
        ...

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        """Send once. Raises HttpFailed."""
        ...


class Caller:
    """Asks until it is told to stop; a provider that asks us to wait is asked no more."""

    def __init__(self, *, transport: Wire, turns: Turns) -> None:
        """Ask nothing yet."""
        self._transport = transport
        self._turns = turns
        self._was_heard = False
        self._stopped: str | None = None
        self.cut_short: str | None = None

    def stop(self, reason: str) -> None:
        """Let every further call go unasked, for this reason."""
        self._stopped = self._stopped or reason

    def now(self) -> datetime:
        """Return the present."""
        return self._turns.now()

    def get(self, url_of: Callable[[], str], *, headers: Mapping[str, str]) -> Reply:
        """Ask once, at a URL made when it is asked. Raises Failed if nobody was ever heard."""
        return self._heard(
            lambda: self._transport.get_exactly(
                url_of, headers=headers, seconds=SECONDS, statuses=NO_STATUSES
            )
        )

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send once. Raises Failed if nobody was ever heard."""
        return self._heard(
            lambda: self._transport.post(url, headers=headers, body=body, seconds=SECONDS)
        )

    def _heard(self, call: Callable[[], HttpAnswer]) -> Reply:
        if self._stopped is not None:
            return self._silence(f"not asked: {self._stopped}")
        try:
            self._turns.take()
            answer = call()
        except NoMoreCallsError:
            self._cut("all calls are used up")
            return self._silence("not asked: all calls are used up")
        except HttpFailed as problem:
            return self._unheard(problem)
        return self._judged(answer)

    def _unheard(self, problem: HttpFailed) -> Reply:
        why = f"no answer: {problem.failure.value}"
        if not self._was_heard and not problem.failure.is_answer:
            raise unreachable(why) from None
        self._was_heard = True
        return Reply(
            said=why, heard_at=self.now(), is_too_large=problem.failure.value == "answer_too_large"
        )

    def _judged(self, answer: HttpAnswer) -> Reply:
        said = f"status {answer.status}"
        if answer.status in _ASKS_TO_WAIT:
            said = f"the provider asks to wait ({said})"
            self._cut(said)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _ASKS_TO_WAIT:
            if not self._was_heard:
                raise unreachable(said)
            return self._silence(said)
        self._was_heard = True
        return Reply(
            said=said,
            heard_at=self.now(),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
        )

    def _cut(self, reason: str) -> None:
        self.cut_short = self.cut_short or reason
        self.stop(reason)

    def _silence(self, said: str) -> Reply:
        return Reply(said=said, heard_at=self.now())


def unreachable(why: str) -> Failed:
    """Return the failure of a provider that cannot be spoken to."""
    return Failed(f"the provider cannot be reached ({why})", kind="unreachable", code=UNREACHABLE)
