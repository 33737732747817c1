"""Published events that no endpoint wants: the history for a replay, many in one row."""

import base64
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from couponbus.domain.identity import digest
from couponbus.domain.row import Row
from couponbus.domain.webhooks.event_record import EventRecord

# Of the bodies of one page; packed it has less, and an item of the table takes 400 KB.
BODIES_BYTES = 160 * 1024


class _Event(NamedTuple):
    """The fields of an event in their order in a page."""

    event_id: str
    tenant: str
    source: str
    detail_type: str
    customer_ref: str | None
    body: str


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
        found = _unpacked(self.content)
        return [EventRecord(event_at=self.event_at, **one._asdict()) for one in found]

    @classmethod
    def of(cls, events: Sequence[EventRecord]) -> Self:
        """Return the page of events of the same moment."""
        fields = [
            _Event(
                event_id=one.event_id,
                tenant=one.tenant,
                source=one.source,
                detail_type=one.detail_type,
                customer_ref=one.customer_ref,
                body=one.body,
            )
            for one in events
        ]
        return cls(
            history_id=digest("history", *sorted(one.event_id for one in events)),
            event_at=events[0].event_at,
            content=packed_page(fields),
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


def packed_page(fields: Sequence[Sequence[str | None]]) -> str:
    """Return the content of a page of events with these fields."""
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return base64.b85encode(zlib.compress(text.encode())).decode()


def whole(content: str) -> str:
    """Return the content of a stored page. Raises ValueError or TypeError for a damaged one."""
    _unpacked(content)
    return content


def _unpacked(content: str) -> Sequence[_Event]:
    try:
        text = zlib.decompress(base64.b85decode(content))
    except zlib.error:
        raise ValueError("not packed") from None
    return [_Event(*each) for each in json.loads(text)]


def history_key(history_id: str) -> str:
    """Return where the ledger keeps a page."""
    return f"HISTORY#{history_id}"
