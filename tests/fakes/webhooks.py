"""Receivers of webhooks in memory: what each of them answers, and everything that arrived."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from couponbus.ports.webhooks import Sent
from tests.fakes.clock import ManualClock

TIME_LIMIT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One request as a receiver got it."""

    url: str
    at: datetime
    headers: Mapping[str, str]
    body: bytes


class Death(BaseException):
    """The end of a process in the middle of its work."""


def answered(status: int, *, retry_after: float | None = None, seconds: float = 0.1) -> Sent:
    return Sent(status=status, failure=None, retry_after=retry_after, seconds=seconds)


def unanswered(failure: str = "read_timeout", *, seconds: float = TIME_LIMIT) -> Sent:
    return Sent(status=None, failure=failure, retry_after=None, seconds=seconds)


class MemoryWebhooks:
    """Each receiver answers 204 unless a test plans otherwise; time passes as an answer says.

    `after_arrival` is called once, when a request has arrived and is not answered yet.
    """

    def __init__(self, *, clock: ManualClock) -> None:
        self._clock = clock
        self._next: defaultdict[str, deque[Sent]] = defaultdict(deque)
        self._otherwise: dict[str, Sent] = {}
        self.arrived: list[Arrived] = []
        self.after_arrival: Callable[[], None] | None = None

    def will(self, url: str, *answers: Sent) -> None:
        """Plan the next answers of a receiver."""
        self._next[url].extend(answers)

    def always(self, url: str, answer: Sent) -> None:
        """Let a receiver give this answer whenever nothing else is planned."""
        self._otherwise[url] = answer

    def at(self, url: str) -> list[Arrived]:
        """Return what arrived at one receiver, in order."""
        return [each for each in self.arrived if each.url == url]

    def send(
        self, *, url: str, headers: Mapping[str, str], body: bytes, deadline: datetime
    ) -> Sent:
        now = self._clock.now()
        assert now < deadline
        self.arrived.append(Arrived(url=url, at=now, headers=dict(headers), body=body))
        if self.after_arrival is not None:
            happening, self.after_arrival = self.after_arrival, None
            happening()
        planned = self._next[url]
        answer = planned.popleft() if planned else self._otherwise.get(url, answered(204))
        self._clock.pass_time(answer.seconds)
        return answer


def die() -> None:
    """Raise Death, the sudden end of a process."""
    raise Death
