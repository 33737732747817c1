"""Attempts of many deliveries at once: few at a time for each endpoint, none after a failure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import couponbus
from couponbus.domain.trace import span_id_of, traceparent_of
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.domain.webhooks.retry_schedule import ATTEMPT_SECONDS, SLOW_SECONDS, message_id_of
from couponbus.domain.webhooks.signature import signed
from couponbus.ports.shared import Clock, Executor
from couponbus.ports.webhooks import Sent, Webhooks

PARALLEL_PER_ENDPOINT = 5  # attempts at a time for one endpoint and one invocation
ATTEMPT_MARGIN = timedelta(seconds=5)
NEEDED = timedelta(seconds=ATTEMPT_SECONDS) + ATTEMPT_MARGIN
ASKS_TO_WAIT = frozenset((429, 503))
SLOW = timedelta(seconds=SLOW_SECONDS)
WATCHED = SLOW + timedelta(seconds=1)  # for what begins when a quick attempt has ended
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.25
GROWTH = 1.25  # factor of each pause, and of how much longer an invocation may last for it

type OnSlow = Callable[[Sequence[str]], None]


class SlowEndpointDetector:
    """Times attempts in flight, on any threads; `on_slow` is called on that of the executor."""

    def __init__(self, *, clock: Clock, on_slow: OnSlow) -> None:
        """Call `on_slow` with the ids of endpoints that have just turned out to be slow."""
        self._clock = clock
        self._on_slow = on_slow
        self._begun: dict[str, tuple[Endpoint, datetime]] = {}
        self._ended: list[object] = []
        self._noticed: set[str] = set()

    def begin(self, delivery_id: str, endpoint: Endpoint) -> None:
        """Begin to time an attempt."""
        self._begun[delivery_id] = endpoint, self._clock.now()

    def end(self, delivery_id: str) -> None:
        """End the timing of an attempt."""
        del self._begun[delivery_id]

    def over[R](self, jobs: Sequence[Callable[[], R]]) -> Iterator[Callable[[], R]]:
        """Yield the jobs, then detect slow ones: an executor that asks for more only waits."""
        for job in jobs:
            yield partial(self._until_its_end, job)
        until, pause = self._clock.now() + WATCHED, FIRST_PAUSE
        while len(self._ended) < len(jobs) and self._clock.now() < until:
            self._clock.sleep(pause)
            pause = min(pause * GROWTH, LONGEST_PAUSE)
            self._detect()

    def _until_its_end[R](self, job: Callable[[], R]) -> R:
        try:
            return job()
        finally:
            self._ended.append(job)

    def _detect(self) -> None:
        since = self._clock.now() - SLOW
        slow = {
            endpoint.endpoint_id
            for endpoint, begun in tuple(self._begun.values())
            if begun <= since and endpoint.slow_since is None
        }
        if news := sorted(slow - self._noticed):
            self._noticed.update(news)
            self._on_slow(news)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDelivery:
    """A delivery, and everything that is sent; `not_before` is its slot in the endpoint's rate."""

    delivery: Delivery
    endpoint: Endpoint
    body: bytes = field(repr=False)
    keys: Sequence[bytes] = field(repr=False)
    not_before: datetime | None = None
    trace_id: str | None = None

    @property
    def trace_headers(self) -> Mapping[str, str]:
        """Name the trace of the sign-up, and this attempt as a step of it; not signed."""
        if self.trace_id is None:
            return {}
        one = self.delivery
        span_id = span_id_of(delivery_id=one.delivery_id, round_=one.round, attempt=one.attempt)
        return {"traceparent": traceparent_of(self.trace_id, span_id=span_id)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """The outcome of an attempt; `sent` is None when nothing was: its claim can be given back."""

    delivery: Delivery
    sent: Sent | None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWebhooks:
    """Sends, signed anew each time; the deliveries of an endpoint never delay those of another.

    A silent endpoint costs an invocation one timeout, however much is waiting for it; one that
    asks to wait gets no more either.
    """

    webhooks: Webhooks
    executor: Executor
    clock: Clock

    def attempt(
        self,
        prepared: Sequence[PreparedDelivery],
        *,
        deadline: datetime,
        resting: set[str],
        on_slow: OnSlow,
    ) -> Iterator[AttemptResult]:
        """Yield the outcomes as they come; nothing is begun that could not end in time.

        No more is begun for endpoints in `resting`, which both sides add to meanwhile. `on_slow`
        is called for endpoints that are slow to answer, while they are.
        """
        slow_endpoints = SlowEndpointDetector(clock=self.clock, on_slow=on_slow)
        jobs = [
            partial(self._send_list, one, resting, slow_endpoints, deadline=deadline)
            for one in _lists(prepared)
        ]
        for outcomes in self.executor.run(slow_endpoints.over(jobs)):
            yield from outcomes

    def has_time(self, deadline: datetime) -> bool:
        """Whether an attempt that begins now would be over before `deadline`."""
        return self.clock.now() + NEEDED <= deadline

    def _send_list(
        self,
        prepared: Sequence[PreparedDelivery],
        resting: set[str],
        slow_endpoints: SlowEndpointDetector,
        *,
        deadline: datetime,
    ) -> list[AttemptResult]:
        outcomes: list[AttemptResult] = []
        for one in prepared:
            sent = None
            if self._has_slot(one, resting, deadline=deadline):
                slow_endpoints.begin(one.delivery.delivery_id, one.endpoint)
                sent = self._sent(one, deadline=deadline)
                slow_endpoints.end(one.delivery.delivery_id)
                if leaves_us_waiting(sent):
                    resting.add(one.endpoint.endpoint_id)
            outcomes.append(AttemptResult(delivery=one.delivery, sent=sent, trace_id=one.trace_id))
        return outcomes

    def _has_slot(self, one: PreparedDelivery, resting: set[str], *, deadline: datetime) -> bool:
        """Wait for its slot, unless that is useless, which other threads may find out meanwhile."""
        now = self.clock.now()
        moment = max(one.not_before or now, now)
        endpoint_id = one.endpoint.endpoint_id
        if endpoint_id in resting or moment + NEEDED > deadline:
            return False
        if moment > now:
            self.clock.sleep((moment - now).total_seconds())
        return endpoint_id not in resting and self.has_time(deadline)

    def _sent(self, one: PreparedDelivery, *, deadline: datetime) -> Sent:
        now = self.clock.now()
        message_id = message_id_of(one.delivery.event_id)
        headers = {
            "content-type": "application/json",
            "user-agent": f"couponbus/{couponbus.__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signed(
                message_id=message_id, at=now, body=one.body, keys=one.keys
            ),
            **one.trace_headers,
        }
        return self.webhooks.send(
            url=one.endpoint.url, headers=headers, body=one.body, deadline=deadline
        )


def leaves_us_waiting(sent: Sent) -> bool:
    """Whether no more is sent now: the attempt failed, or the endpoint asked to wait."""
    asks = sent.status in ASKS_TO_WAIT and sent.retry_after is not None
    return asks or sent.failure is not None


def _lists(prepared: Sequence[PreparedDelivery]) -> list[list[PreparedDelivery]]:
    """Deal the deliveries of each endpoint to several lists; those of a first one come first."""
    of_endpoint: dict[str, list[PreparedDelivery]] = defaultdict(list)
    for one in prepared:
        of_endpoint[one.endpoint.endpoint_id].append(one)
    dealt = [
        several[first::PARALLEL_PER_ENDPOINT]
        for first in range(PARALLEL_PER_ENDPOINT)
        for several in of_endpoint.values()
    ]
    return [one for one in dealt if one]
