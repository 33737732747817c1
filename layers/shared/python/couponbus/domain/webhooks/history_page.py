"""Published events that no endpoint wants: the history for a replay, many in one row."""

import base64
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from couponbus.domain.identity import digest
from couponbus.domain.row import Row
from couponbus.domain.webhooks.event_record import EventRecord

# Of the bodies of one page; packed it has less, and an item of the table takes 400 KB.
BODIES_BYTES = 160 * 1024


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class HistoryPage(Row):
    """Written once, under an id that its events make. `content` is packed.

    Once a replay sends one of its events, that has a row of its own as well.
    """

    history_id: str
    event_at: datetime
    content: str = field(repr=False)

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return history_key(self.history_id)

    @property
    def events(self) -> Sequence[EventRecord]:
        """The events as they were published, word for word."""
        packed = base64.b85decode(self.content)
        return [
            EventRecord(
                event_id=event_id,
                tenant=tenant,
                source=source,
                detail_type=detail_type,
                event_at=self.event_at,
                body=body,
                customer_ref=customer_ref,
            )
            for event_id, tenant, source, detail_type, customer_ref, body in json.loads(
                zlib.decompress(packed)
            )
        ]

    @classmethod
    def of(cls, events: Sequence[EventRecord]) -> Self:
        """Return the page of events of the same moment."""
        packed = [
            (one.event_id, one.tenant, one.source, one.detail_type, one.customer_ref, one.body)
            for one in events
        ]
        content = json.dumps(packed, separators=(",", ":"), ensure_ascii=False)
        return cls(
            history_id=digest("history", *sorted(one.event_id for one in events)),
            event_at=events[0].event_at,
            content=base64.b85encode(zlib.compress(content.encode())).decode(),
        )


def pages_of(events: Iterable[EventRecord]) -> Iterator[HistoryPage]:
    """Yield as few pages as these events fit into."""
    by_moment: dict[datetime, list[EventRecord]] = defaultdict(list)
    for each in events:
        by_moment[each.event_at].append(each)
    for several in by_moment.values():
        page: list[EventRecord] = []
        size = 0
        for each in several:
            more = len(each.body.encode())
            if page and size + more > BODIES_BYTES:
                yield HistoryPage.of(page)
                page, size = [], 0
            page.append(each)
            size += more
        yield HistoryPage.of(page)


def events_in(rows: Iterable[Row]) -> Iterator[EventRecord]:
    """Yield the events among these rows, and those in their pages."""
    for row in rows:
        if isinstance(row, EventRecord):
            yield row
        elif isinstance(row, HistoryPage):
            yield from row.events


def history_key(history_id: str) -> str:
    """Return where the ledger keeps a page."""
    return f"HISTORY#{history_id}"
