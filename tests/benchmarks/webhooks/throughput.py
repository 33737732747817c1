"""The CPU time of making and sending webhooks: the real handlers, adapters and sender.

Table, queues and receivers are processes of their own, reached over HTTP; receivers answer at once.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from pathlib import Path
from random import Random
from ssl import SSLContext

from couponbus.aws.clock import SystemClock
from couponbus.domain.webhooks.delivery import delivery_id_of, delivery_key
from couponbus.events.commands import DELIVERIES_PER_COMMAND, AttemptDeliveries
from couponbus.providers.http.transport import trust_public_authorities
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.sender import WebhookSender
from tests.benchmarks.quiet import into_nowhere
from tests.benchmarks.webhooks import functions
from tests.benchmarks.webhooks.aws import aws
from tests.benchmarks.webhooks.events import envelope, new_event_id
from tests.benchmarks.webhooks.receivers import Arrivals, Kind, Manners, receivers
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.webhooks import BODY, HEADERS

ENDPOINTS = 10
MESSAGES = 10  # per invocation of deliver_webhooks
MICRO = 1e6
SENT = "deliver_webhooks: a webhook is sent and recorded, over plain HTTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Microseconds of CPU per unit of work, in the best round: noise only ever adds."""

    micros: float

    @property
    def a_second_and_core(self) -> float:
        """Return how many one core could do in a second."""
        return MICRO / self.micros


def measure(*, events: int, posts: int, rounds: int) -> Mapping[str, Spent]:
    """Return the CPU of each unit of work by its name."""
    made, sent = _webhooks(events=events, rounds=rounds)
    return {
        f"fan_out_webhooks: a delivery is made, of {events} events for {ENDPOINTS} endpoints": made,
        SENT: sent,
        "of this the POST alone, over plain HTTP": _plain_posts(number=posts, rounds=rounds),
        "the POST alone, over TLS": _posts_over_tls(number=posts, rounds=rounds),
    }


def _webhooks(*, events: int, rounds: int) -> tuple[Spent, Spent]:
    """Fan out `events` events to ten endpoints and deliver them, other events in each round."""
    with (
        tempfile.TemporaryDirectory() as folder,
        receivers(Manners()) as arrivals,
        aws(secret=functions.signing_secret(ENDPOINTS)) as url,
        into_nowhere(),
    ):
        os.environ.update(functions.environment(aws_url=url, clock_file=Path(folder) / "clock"))
        urls = [arrivals.url(Kind.WELL, number) for number in range(ENDPOINTS)]
        functions.have(functions.tenant(urls=urls, pattern="{}"))
        source = Random(1)
        _round([new_event_id(source)])  # loads secrets, opens connections
        found = [_round([new_event_id(source) for _ in range(events)]) for _ in range(rounds)]
    assert arrivals.number == 1 + events * rounds  # at each of the receivers
    made, sent = (min(each) for each in zip(*found, strict=True))
    return Spent(micros=made), Spent(micros=sent)


def _plain_posts(*, number: int, rounds: int) -> Spent:
    """Send `number` webhooks by the sender alone."""
    with receivers(Manners()) as arrivals:
        return _posts(arrivals, trust_public_authorities(), number=number, rounds=rounds)


def _posts_over_tls(*, number: int, rounds: int) -> Spent:
    """Send likewise over TLS, with a handshake for each."""
    authority = Authority()
    with tempfile.TemporaryDirectory() as folder:
        authority.server(Path(folder))
        with receivers(Manners(certificate=str(Path(folder) / "server.pem"))) as arrivals:
            return _posts(arrivals, authority.trust, number=number, rounds=rounds)


def _posts(arrivals: Arrivals, trust: SSLContext, *, number: int, rounds: int) -> Spent:
    clock = SystemClock()
    sender = WebhookSender(policy=Policy.LOCAL, clock=clock, trust=trust)
    url = arrivals.url(Kind.WELL, 1)

    def send_all() -> None:
        for _ in range(number):
            deadline = clock.now() + timedelta(seconds=60)
            sent = sender.send(url=url, headers=HEADERS, body=BODY, deadline=deadline)
            assert sent.status == 204, sent

    return Spent(micros=min(_cpu(send_all) for _ in range(rounds)) / number)


def _round(event_ids: Sequence[str]) -> tuple[float, float]:
    """Return microseconds for each delivery that was created, and for each that was sent."""
    bodies = [envelope(one) for one in event_ids]
    made = _cpu(lambda: functions.fan_out(bodies))
    messages = list(batched(_messages(event_ids), MESSAGES, strict=False))

    def deliver_all() -> None:
        for some in messages:
            functions.deliver(some)

    count = len(event_ids) * ENDPOINTS
    return made / count, _cpu(deliver_all) / count


def _messages(event_ids: Iterable[str]) -> Iterator[str]:
    """Yield the messages of fan-out, in its order."""
    listed = list(event_ids)
    for name in functions.names(ENDPOINTS):
        for some in batched(listed, DELIVERIES_PER_COMMAND, strict=False):
            keys = [delivery_key(delivery_id_of(endpoint_id=name, event_id=one)) for one in some]
            command = AttemptDeliveries(attempt="first", endpoint_id=name, keys=tuple(keys))
            yield command.model_dump_json()


def _cpu(work: Callable[[], object]) -> float:
    """Return the microseconds that all threads of this process spend on it."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * MICRO
