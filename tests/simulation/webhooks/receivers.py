"""The endpoints behind the port Webhooks: each answers as its present behaviour says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from couponbus.domain.webhooks.signature import checked, key_of
from couponbus.ports.webhooks import Sent
from tests.simulation.ports import SkewedClock
from tests.simulation.webhooks.kinds import ANSWER_LOST, NOT_CONNECTED
from tests.simulation.webhooks.requests import Request
from tests.simulation.webhooks.scenario import Behaviour, Subscriber
from tests.simulation.world import World

LONGEST = 15.0  # seconds, for any behaviour of the receiver
QUICK, SLOW = (0.05, 0.8), (3.0, 16.0)
TAKEN = (200, 201, 202, 204)
REFUSALS: Mapping[Behaviour, Sequence[int]] = {
    Behaviour.BROKEN: (500,),
    Behaviour.BUSY: (429, 503),
    Behaviour.GONE: (410,),
    Behaviour.MOVED: (301, 302, 303, 307, 308),
    Behaviour.ODD: (400, 401, 404, 418, 422, 501),
}
ASKED_LEAST, ASKED_MOST = 1.0, 3600.0


class RequestObserver(Protocol):
    """Sees each request when it is made, and its answer."""

    def sending(self, *, url: str, headers: Mapping[str, str], body: bytes) -> Request: ...

    def answered(self, request: Request) -> None: ...

    def report_violation(self, what: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Answer:
    """A status after some seconds; None means that the connection goes dead."""

    status: int | None
    seconds: float
    asks: float | None = None


class Receivers:
    """The port Webhooks; a receiver knows one secret at a time, and accepts no other."""

    def __init__(
        self, world: World, subscribers: Sequence[Subscriber], *, observer: RequestObserver
    ) -> None:
        self.secrets: dict[str, str] = {}
        self._world = world
        self._clock = SkewedClock(world)
        self._subscribers = {one.url: one for one in subscribers}
        self._observer = observer

    def send(
        self, *, url: str, headers: Mapping[str, str], body: bytes, deadline: datetime
    ) -> Sent:
        began = self._world.now
        request = self._observer.sending(url=url, headers=headers, body=body)
        fault = self._world.call("webhooks.send")
        left = min(LONGEST - (self._world.now - began), self._until(deadline))
        if fault == NOT_CONNECTED or left <= 0:
            return self._over(request, failure="not_connected", began=began)
        answer = self._answer(self._subscribers[url], headers, body)
        if answer.status in TAKEN and (answer.seconds < left or fault == ANSWER_LOST):
            request.taken_at = self._world.now
        self._world.answer(fault)
        self._world.pause(min(answer.seconds, left))
        if answer.status is None or answer.seconds >= left:
            return self._over(request, failure="read_timeout", began=began)
        if fault == ANSWER_LOST or answer.seconds < 0:
            return self._over(request, failure="connection_lost", began=began)
        request.status, request.asked = answer.status, answer.asks
        return self._over(request, failure=None, began=began)

    def _over(self, request: Request, *, failure: str | None, began: float) -> Sent:
        request.over_at = self._world.now
        request.failure = failure
        self._observer.answered(request)
        asked = request.asked
        return Sent(
            status=request.status,
            failure=failure,
            retry_after=None if asked is None else min(max(asked, ASKED_LEAST), ASKED_MOST),
            seconds=self._world.now - began,
        )

    def _until(self, deadline: datetime) -> float:
        return (deadline - self._clock.now()).total_seconds()

    def _answer(self, subscriber: Subscriber, headers: Mapping[str, str], body: bytes) -> _Answer:
        chance, behaviour = self._world.weather, subscriber.behaviours.at(self._world.now)
        seconds = chance.uniform(*(SLOW if behaviour is Behaviour.SLOW else QUICK))
        if behaviour is Behaviour.SILENT:
            return _Answer(None, LONGEST)
        if behaviour in REFUSALS:
            asks = subscriber.asks if behaviour is Behaviour.BUSY else None
            return _Answer(chance.choice(REFUSALS[behaviour]), seconds, asks)
        forged = self._forged(subscriber, headers, body)
        if forged is not None:
            self._observer.report_violation(
                f"W2 {subscriber.endpoint_id} does not believe it: {forged}"
            )
            return _Answer(401, seconds)
        status = chance.choice(TAKEN)
        return _Answer(status, -seconds if behaviour is Behaviour.DEAF else seconds)

    def _forged(
        self, subscriber: Subscriber, headers: Mapping[str, str], body: bytes
    ) -> str | None:
        return checked(
            message_id=headers["webhook-id"],
            timestamp=headers["webhook-timestamp"],
            signatures=headers["webhook-signature"],
            body=body,
            keys=[key_of(self.secrets[subscriber.endpoint_id])],
            now=self._world.moment(),
        )
