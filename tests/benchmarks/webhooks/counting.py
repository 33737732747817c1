"""The AWS requests of an event, a webhook and a retry, counted as the functions make them.

Not counted are the queries by which the sweeper finds due rows: one for each of 22 shards, at half
a unit for each 4 KB of keys, whether any row is due or not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from couponbus.domain.webhooks.retry_schedule import SCHEDULE
from tests.benchmarks.webhooks.billed_tenant import BilledTenant, billed_tenant
from tests.benchmarks.webhooks.receivers import Kind
from tests.benchmarks.webhooks.traffic import Bill

EVERYTHING, NOTHING = "{}", '{"detail-type": ["OfferEnded"]}'
FULL = 100  # events in a batch of fan_out_webhooks
MORE_ENDPOINTS = (3, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A bill, and the number of things that it was for."""

    what: str
    number: int
    bill: Bill

    def each(self) -> Sequence[float]:
        """Return rows, units of table, indexes and reads, messages and calls, for one of them."""
        bill = self.bill
        counts = (bill.rows, bill.table_units, bill.index_units, bill.read_units)
        return [count / self.number for count in (*counts, bill.messages, bill.sends)]


def count(batches: Sequence[int]) -> list[Counted]:
    """Count everything once for each number of events in a batch."""
    with billed_tenant() as found:
        return [
            Counted(what=what, number=events, bill=bill)
            for events in batches
            for part in (_unwanted, _taken, _taken_by_more, _refused)
            for what, bill in part(found, events)
        ]


def _unwanted(found: BilledTenant, events: int) -> Iterator[tuple[str, Bill]]:
    found.has(Kind.WELL, 1, pattern=NOTHING)
    found.publish(events)
    yield "an event without a subscriber", found.bill()


def _taken(found: BilledTenant, events: int) -> Iterator[tuple[str, Bill]]:
    found.has(Kind.WELL, 1, pattern=EVERYTHING)
    found.publish(events)
    yield "an event for 1 endpoint", found.bill()
    found.deliver()
    yield "a webhook that is taken", found.bill()


def _taken_by_more(found: BilledTenant, events: int) -> Iterator[tuple[str, Bill]]:
    for endpoints in MORE_ENDPOINTS:
        found.has(Kind.WELL, endpoints, pattern=EVERYTHING)
        found.publish(events)
        yield f"an event for {endpoints} endpoints", found.bill()


def _refused(found: BilledTenant, events: int) -> Iterator[tuple[str, Bill]]:
    found.has(Kind.REFUSING, 1, pattern=EVERYTHING)
    found.publish(events)
    found.deliver()
    found.bill()
    found.pass_time(SCHEDULE[1] * 2)
    found.sweep()
    yield "a retry, until it is in the queue", found.bill()
    found.deliver()
    yield "a retry that fails", found.bill()
