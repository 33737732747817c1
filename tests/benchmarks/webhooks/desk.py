"""The functions of webhooks at the hand of whoever measures: one batch after the other."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import batched
from pathlib import Path
from random import Random

from tests.benchmarks.quiet import into_nowhere
from tests.benchmarks.webhooks import functions
from tests.benchmarks.webhooks.aws import aws
from tests.benchmarks.webhooks.events import envelope, new_event_id
from tests.benchmarks.webhooks.receivers import Arrivals, Kind, Manners, receivers
from tests.benchmarks.webhooks.traffic import Bill, Traffic

ENDPOINTS_MAX = 10
MESSAGES = 10  # to an invocation of deliver_webhooks
AT_ONCE = Manners(well=0.0, slow=0.0)


class Desk:
    """One tenant, its endpoints, and what AWS is asked."""

    def __init__(self, *, traffic: Traffic, arrivals: Arrivals, clock_file: Path) -> None:
        self._traffic = traffic
        self._arrivals = arrivals
        self._clock_file = clock_file
        self._moved = timedelta(0)
        self._source = Random(1)

    def has(self, kind: Kind, endpoints: int, *, pattern: str) -> None:
        """Let the tenant have so many endpoints of a kind, and forget what was asked so far."""
        urls = [self._arrivals.url(kind, number) for number in range(1, endpoints + 1)]
        functions.have(functions.tenant(urls=urls, pattern=pattern))
        self._traffic.taken()
        self._traffic.bill()

    def tell(self, events: int) -> None:
        """Fan one batch of so many events out."""
        functions.fan_out([envelope(new_event_id(self._source)) for _ in range(events)])

    def deliver(self) -> None:
        """Do what waits in the queues."""
        for messages in batched(self._traffic.taken(), MESSAGES, strict=False):
            functions.deliver(messages)

    def sweep(self) -> None:
        """Bring up what is due."""
        functions.sweep()

    def pass_time(self, span: timedelta) -> None:
        """Let it be later."""
        self._moved += span
        self._clock_file.write_text(str(self._moved.total_seconds()), encoding="ascii")

    def bill(self) -> Bill:
        """Return what was asked since the last one."""
        return self._traffic.bill()


@contextmanager
def desk() -> Iterator[Desk]:
    """Have everything until the block ends; a process can do this once."""
    traffic = Traffic()
    traffic.watch()
    with (
        tempfile.TemporaryDirectory() as folder,
        receivers(AT_ONCE) as arrivals,
        aws(secret=functions.signing_secret(ENDPOINTS_MAX)) as url,
        into_nowhere(),
    ):
        clock_file = Path(folder) / "clock"
        os.environ.update(functions.environment(aws_url=url, clock_file=clock_file))
        yield Desk(traffic=traffic, arrivals=arrivals, clock_file=clock_file)
