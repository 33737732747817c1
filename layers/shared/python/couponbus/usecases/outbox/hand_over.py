"""Hands due rows to the queues of their kinds; a queue that fails affects only its own rows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import batched

from couponbus.domain.errors import LedgerUnavailable, QueueUnavailable
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.parking import Parking
from couponbus.events.commands import (
    DELIVERIES_PER_COMMAND,
    KEYS_PER_COMMAND,
    AttemptDeliveries,
    ContinueWork,
)
from couponbus.ports.shared import Clock, Commands, Ledger
from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.causes import NOT_WOKEN, Cause, cause_of
from couponbus.usecases.issuing.issuing_by_pace import IssuingByPace, take_back
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus.usecases.webhooks.retry_share import SEND_NOW, RetryShare, SendTime
from couponbus.usecases.webhooks.wake_parked import WakeParked


class WorkQueue(StrEnum):
    """The queues that the sweeper fills, in this order."""

    SIGNUPS = "signups"
    POLLS = "polls"
    REDELIVERIES = "redeliveries"


class HandOver:
    """The handover of one tick; `unsent` counts by queue the rows that could not be handed over.

    `broken` has the keys of those that could not be stored, `causes` counts the reasons.

    A queue that refused once is tried again in the next tick: until then its rows stay due and
    are not written.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        store: Store,
        issuing: IssuingByPace,
        polls: Commands,
        redeliveries: DeliveryQueue,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Leave what is neither watch nor delivery to `issuing`."""
        self.unsent: Counter[WorkQueue] = Counter()
        self.broken: set[str] = set()
        self.causes: Counter[Cause] = Counter()
        self._store = store
        self._parking = ParkingDeliveries(store=store)
        self._polls = polls
        self._redeliveries = redeliveries
        self._clock = clock
        self._timing = timing
        self._retry_share = RetryShare(store=store, clock=clock)
        self._wake_parked = WakeParked(
            ledger=ledger, store=store, redeliveries=redeliveries, clock=clock, timing=timing
        )
        self._refusing: dict[WorkQueue, Cause] = {}
        self._works: Mapping[WorkQueue, Callable[[Sequence[Row]], int]] = {
            WorkQueue.SIGNUPS: issuing.hand_over,
            WorkQueue.POLLS: partial(self._handed_over, WorkQueue.POLLS),
            WorkQueue.REDELIVERIES: partial(self._handed_over, WorkQueue.REDELIVERIES),
        }

    def hand_over(self, rows: Sequence[Row]) -> int:
        """Enqueue the rows; return how many a queue has now.

        The others were changed by another worker meanwhile, wait for those of the same endpoint,
        or are counted as unsent.
        """
        handed_over = 0
        for queue in WorkQueue:
            theirs = [row for row in rows if _is_for(queue, row)]
            handed_over += self._hand_over(queue, theirs, self._works[queue])
        parkings = [row for row in rows if isinstance(row, Parking)]
        return handed_over + self._hand_over(WorkQueue.REDELIVERIES, parkings, self._woken)

    def _woken(self, parkings: Sequence[Parking]) -> int:
        woken, failed = self._wake_parked.wake(parkings)
        self.unsent[WorkQueue.REDELIVERIES] += failed
        self.causes[NOT_WOKEN] += failed
        self.broken |= self._wake_parked.broken
        return woken

    def _hand_over[R: Row](
        self, queue: WorkQueue, rows: Sequence[R], work: Callable[[Sequence[R]], int]
    ) -> int:
        if not rows:
            return 0
        why = self._refusing.get(queue)
        try:
            if why is None:
                return work(rows)
        except LedgerUnavailable as error:
            why = cause_of(error)  # which are postponed is unknown: the others stay due
        except QueueUnavailable as error:
            why = self._refusing[queue] = cause_of(error)
        self.unsent[queue] += len(rows)
        self.causes[why] += len(rows)
        return 0

    def _handed_over(self, queue: WorkQueue, rows: Sequence[Row]) -> int:
        """Postpone the next sweep of each, then enqueue it: a lost message costs only time.

        Raises LedgerUnavailable, QueueUnavailable.
        """
        by = self._clock.now() + timedelta(seconds=self._timing.handover)
        send_times = self._retry_share.send_times(
            [row for row in rows if isinstance(row, Delivery)]
        )
        changed = [self._put_off(row, send_times.get(row.key, SEND_NOW), by=by) for row in rows]
        later = {
            key
            for key, send_time in send_times.items()
            if send_time.waits or send_time.until is not None
        }
        stored = self._parking.write(changed)
        self.broken |= stored.broken
        mine = [row for row in stored.written if row.key not in later]
        try:
            self._send(queue, mine, send_times)
        except QueueUnavailable:
            take_back(mine, rows, store=self._store, clock=self._clock)
            raise
        return len(mine)

    def _put_off(self, row: Row, send_time: SendTime, *, by: datetime) -> Row:
        if not isinstance(row, Delivery):
            return row.handed_over(until=by)
        if send_time.waits:
            return row.park(now=self._clock.now())
        return (
            row.handed_over(until=by)
            if send_time.until is None
            else row.put_off(until=send_time.until)
        )

    def _send(
        self, queue: WorkQueue, rows: Sequence[Row], send_times: Mapping[str, SendTime]
    ) -> None:
        """Send the keys of all rows. Raises QueueUnavailable."""
        if queue is WorkQueue.REDELIVERIES:
            deliveries = [row for row in rows if isinstance(row, Delivery)]
            _send_again(self._redeliveries, deliveries, send_times)
        else:
            _send(self._polls, rows)


def _is_for(queue: WorkQueue, row: Row) -> bool:
    match row:
        case Watch():
            return queue is WorkQueue.POLLS
        case Delivery():
            return queue is WorkQueue.REDELIVERIES
        case Parking():
            return False
        case _:
            return queue is WorkQueue.SIGNUPS


def _send(queue: Commands, rows: Sequence[Row]) -> None:
    if rows:
        chunks = batched([row.key for row in rows], KEYS_PER_COMMAND, strict=False)
        queue.send([ContinueWork(keys=chunk) for chunk in chunks])


def _send_again(
    queue: DeliveryQueue, deliveries: Sequence[Delivery], send_times: Mapping[str, SendTime]
) -> None:
    """Send deliveries of one endpoint that have the same delay in one message."""
    together: dict[tuple[str, int], list[str]] = defaultdict(list)
    for each in deliveries:
        together[each.endpoint_id, send_times[each.key].after].append(each.key)
    sent = [
        (AttemptDeliveries(attempt="again", endpoint_id=endpoint_id, keys=chunk), after)
        for (endpoint_id, after), keys in together.items()
        for chunk in batched(keys, DELIVERIES_PER_COMMAND, strict=False)
    ]
    if sent:
        queue.send([command for command, _ in sent], delays=[after for _, after in sent])
