"""The guarantee behind every hint: whatever is due and was not done is brought up again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from couponbus.domain.delivery import Delivery
from couponbus.domain.errors import RowUnreadable, Unavailable
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.domain.watch import Watch
from couponbus.events.commands import (
    DELIVERIES_PER_COMMAND,
    KEYS_PER_COMMAND,
    AttemptDeliveries,
    ContinueWork,
)
from couponbus.ports import Clock, Commands, Ledger
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.allowance import Allowance, Turn
from couponbus.usecases.publish_events import PublishEvents
from couponbus.usecases.store import Store

PAGE = 1000
MARGIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What one tick did; `oldest` is how late the latest row was, in seconds."""

    handed_over: int
    published: int
    failed: int
    oldest: float


class SweepDue:
    """Hands due rows to the queue and publishes what the stream has not; ticks may overlap."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        store: Store,
        publish_events: PublishEvents,
        commands: Commands,
        polls: Commands,
        redeliveries: DeliveryQueue,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Sweep this ledger; what is neither watch nor delivery goes to `commands`."""
        self._ledger = ledger
        self._store = store
        self._publish_events = publish_events
        self._commands = commands
        self._polls = polls
        self._redeliveries = redeliveries
        self._clock = clock
        self._timing = timing

    def handle(self, *, deadline: datetime) -> SweepReport:
        """Sweep page by page until nothing is due or time is short. Raises LedgerUnavailable."""
        handed_over = published = failed = 0
        oldest = 0.0
        seen: set[str] = set()
        allowance = Allowance(store=self._store, clock=self._clock)
        while self._clock.now() + MARGIN < deadline:
            keys = self._due(seen)
            if not keys:
                break
            read = self._read(keys)
            failed += len(keys) - len(read)
            rows = [row for row in read.values() if row is not None and self._is_due(row)]
            oldest = max([oldest, *(self._lateness(row) for row in rows)])
            report = self._publish_events.handle([row for row in rows if row.unpublished])
            published += report.published
            failed += len(report.failed)
            waiting = [row for row in rows if not row.unpublished]
            try:
                handed_over += self._hand_over(waiting, allowance)
            except Unavailable:
                failed += len(waiting)
        return SweepReport(
            handed_over=handed_over, published=published, failed=failed, oldest=oldest
        )

    def _due(self, seen: set[str]) -> list[str]:
        """Return the next keys of the index, which lags behind. Raises LedgerUnavailable."""
        now = self._clock.now()
        keys = [k for k in self._ledger.due(now=now, limit=PAGE + len(seen)) if k not in seen]
        seen.update(keys[:PAGE])
        return keys[:PAGE]

    def _read(self, keys: Sequence[str]) -> Mapping[str, Row | None]:
        """Return the rows, None where there is none; one that cannot be read is left out.

        It must not hold up the others: it waits for whoever reads the alarm. Raises
        LedgerUnavailable.
        """
        try:
            rows = self._ledger.read(keys)
        except RowUnreadable:
            if len(keys) == 1:
                return {}
            middle = len(keys) // 2
            return {**self._read(keys[:middle]), **self._read(keys[middle:])}
        return {key: rows.get(key) for key in keys}

    def _is_due(self, row: Row) -> bool:
        return row.due_at is not None and row.due_at <= self._clock.now()

    def _lateness(self, row: Row) -> float:
        """Count from when somebody could act: handing over puts only `due_at` off."""
        since = row.ready_at or row.due_at or self._clock.now()
        return (self._clock.now() - since).total_seconds()

    def _hand_over(self, rows: Sequence[Row], allowance: Allowance) -> int:
        """Put the next sweep of each off, then send it: a lost message costs only time.

        Returns how many; the others were moved by somebody else meanwhile, or wait for those of
        the same endpoint. Raises Unavailable.
        """
        by = self._clock.now() + timedelta(seconds=self._timing.handover)
        turns = allowance.turns([row for row in rows if isinstance(row, Delivery)])
        later = {key: turn.until for key, turn in turns.items() if turn.until is not None}
        changed = [
            row.put_off(until=later[row.key])
            if isinstance(row, Delivery) and row.key in later
            else row.handed_over(until=by)
            for row in rows
        ]
        mine = [row for row in self._store.write(changed).written if row.key not in later]
        _send(self._polls, [row.key for row in mine if isinstance(row, Watch)])
        others = [row for row in mine if not isinstance(row, Watch | Delivery)]
        _send(self._commands, [row.key for row in others])
        _send_again(self._redeliveries, [row for row in mine if isinstance(row, Delivery)], turns)
        return len(mine)


def _send(queue: Commands, keys: Sequence[str]) -> None:
    if keys:
        chunks = batched(keys, KEYS_PER_COMMAND, strict=False)
        queue.send([ContinueWork(keys=chunk) for chunk in chunks])


def _send_again(
    queue: DeliveryQueue, deliveries: Sequence[Delivery], turns: Mapping[str, Turn]
) -> None:
    """Send those that have their turn together in one message."""
    together: dict[tuple[str, int], list[str]] = defaultdict(list)
    for each in deliveries:
        together[each.endpoint_id, turns[each.key].after].append(each.key)
    sent = [
        (AttemptDeliveries(attempt="again", endpoint_id=endpoint_id, keys=chunk), after)
        for (endpoint_id, after), keys in together.items()
        for chunk in batched(keys, DELIVERIES_PER_COMMAND, strict=False)
    ]
    if sent:
        queue.send([command for command, _ in sent], delays=[after for _, after in sent])
