"""The history of a ledger in memory, read from its rows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from couponbus.domain.row import Row
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.domain.webhooks.history_page import HistoryPage
from couponbus.ports.webhooks import EventIndexEntry


class _Rows(Protocol):
    @property
    def rows(self) -> Mapping[str, Row]: ...


class MemoryEventLog:
    """Has each past event of a ledger as soon as it is stored, except tests for one endpoint."""

    def __init__(self, ledger: _Rows) -> None:
        self._ledger = ledger

    def newest(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        yield from reversed(list(self.between(since=since, until=until)))

    def between(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        found = [
            row
            for row in self._ledger.rows.values()
            if isinstance(row, EventRecord | HistoryPage)
            and (isinstance(row, HistoryPage) or row.only_for is None)
            and since <= row.event_at < until
        ]
        for row in sorted(found, key=lambda row: (row.event_at, row.key.partition("#")[2])):
            if isinstance(row, HistoryPage):
                yield EventIndexEntry(key=row.key, event_at=row.event_at)
                continue
            yield EventIndexEntry(
                key=row.key,
                tenant=row.tenant,
                detail_type=row.detail_type,
                customer_ref=row.customer_ref,
                event_at=row.event_at,
            )
