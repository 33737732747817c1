"""The functions of webhooks, run one batch after the other."""

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
MESSAGES = 10  # per invocation of deliver_webhooks
AT_ONCE = Manners(well=0.0, slow=0.0)


class BilledTenant:
    """One tenant, its endpoints, and the AWS requests of its functions."""

    def __init__(self, *, traffic: Traffic, arrivals: Arrivals, clock_file: Path) -> None:
        self._traffic = traffic
        self._arrivals = arrivals
        self._clock_file = clock_file
        self._moved = timedelta(0)
        self._source = Random(1)

    def has(self, kind: Kind, endpoints: int, *, pattern: str) -> None:
        """Give the tenant this number of endpoints of a kind, and discard the bill so far."""
        urls = [self._arrivals.url(kind, number) for number in range(1, endpoints + 1)]
        functions.have(functions.tenant(urls=urls, pattern=pattern))
        self._traffic.taken()
        self._traffic.bill()

    def publish(self, events: int) -> None:
        """Fan out one batch with this number of events."""
        functions.fan_out([envelope(new_event_id(self._source)) for _ in range(events)])

    def deliver(self) -> None:
        """Handle the messages that wait in the queues."""
        for messages in batched(self._traffic.taken(), MESSAGES, strict=False):
            functions.deliver(messages)

    def sweep(self) -> None:
        """Run the sweeper."""
        functions.sweep()

    def pass_time(self, span: timedelta) -> None:
        """Advance the clock."""
        self._moved += span
        self._clock_file.write_text(str(self._moved.total_seconds()), encoding="ascii")

    def bill(self) -> Bill:
        """Return the requests since the last bill."""
        return self._traffic.bill()


@contextmanager
def billed_tenant() -> Iterator[BilledTenant]:
    """Set everything up until the block ends; a process can do this once."""
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
        yield BilledTenant(traffic=traffic, arrivals=arrivals, clock_file=clock_file)
