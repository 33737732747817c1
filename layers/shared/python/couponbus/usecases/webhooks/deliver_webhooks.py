"""Sends due deliveries as webhooks to their endpoints, each retried until it is accepted."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Rows, own_keys
from couponbus.domain.timing import Timing
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, delivery_key
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.event_record import event_key
from couponbus.ports.shared import Clock, Conflict
from couponbus.usecases.causes import Failures
from couponbus.usecases.invocation import BatchResult, Invocation, Metric, bisect_batch, ids_of
from couponbus.usecases.messages import Message
from couponbus.usecases.quarantine import InvalidMessages
from couponbus.usecases.store import Store
from couponbus.usecases.traces import Traced
from couponbus.usecases.webhooks.attempt_messages import Attempts, sort_attempts
from couponbus.usecases.webhooks.endpoint_health import GONE, EndpointHealth, is_success
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus.usecases.webhooks.prepare import PreparingAttempts, TraceIds
from couponbus.usecases.webhooks.send import (
    PARALLEL_PER_ENDPOINT,
    AttemptResult,
    PreparedDelivery,
    SendWebhooks,
)

KEPT_TOGETHER = 25
UNSENT_REST = timedelta(minutes=1)
REFUSED_ADDRESSES = frozenset({"address_refused", "url_refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverWebhooks:
    """A message only says what may be due: each attempt but the first is claimed in the ledger.

    An attempt whose outcome was not stored is made again, under the same id, as subscribers are
    promised. So a first one costs no claim: its message is hidden from other workers for longer
    than the invocation takes, and the sweeper waits too.
    """

    store: Store
    parking: ParkingDeliveries
    preparing: PreparingAttempts
    attempting: SendWebhooks
    health: EndpointHealth
    invalid_messages: InvalidMessages
    clock: Clock
    timing: Timing

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        """Do what can be done before `deadline`, the end of the invocation."""
        run = Invocation(deadline=deadline)
        handled = partial(self._handled, run=run)
        failed = bisect_batch(messages, handled, failed=ids_of, run=run)
        return run.report(failed=failed)

    def _handled(self, messages: Sequence[Message], *, run: Invocation) -> Failures:
        attempts = sort_attempts(messages)
        self._attempt(attempts, run=run)
        return self.invalid_messages.quarantine(attempts.invalid, run=run)

    def _attempt(self, attempts: Attempts, *, run: Invocation) -> None:
        """Try what may be tried; the rest is due in the ledger. Raises LedgerUnavailable."""
        now = self.clock.now()
        rows = self.store.read(own_keys(attempts.keys, delivery_key))
        run.broken.update(rows.broken)
        due = [row for row in rows.values() if isinstance(row, Delivery) and row.may_be_tried(now)]
        if not due or not self.attempting.has_time(run.deadline):
            return
        waiting = frozenset(one.key for one in due if attempts.waits_for_failing(one.key))
        prepared = self.preparing.prepare(due, waiting=waiting, run=run)
        self._settle(prepared.settled, prepared.traces, run=run)
        left = prepared.prepared
        while left and self.attempting.has_time(run.deadline):
            wave, left = self._wave(left)
            begun = self._begun(wave, waiting=waiting, run=run)
            resting = self._carry_out(self._still_open(begun, run=run), run=run)
            left = [one for one in left if one.endpoint.endpoint_id not in resting]

    def _wave(
        self, prepared: Sequence[PreparedDelivery]
    ) -> tuple[list[PreparedDelivery], list[PreparedDelivery]]:
        """Return what is claimed now, and what may follow if its endpoint keeps no other waiting.

        For an endpoint in trouble only as much is claimed as begins at once, so that the rest can
        be parked without giving back a claim.
        """
        now = self.clock.now()
        taken: Counter[str] = Counter()
        wave: list[PreparedDelivery] = []
        left: list[PreparedDelivery] = []
        for one in prepared:
            endpoint_id = one.endpoint.endpoint_id
            is_later = (
                one.endpoint.keeps_waiting(now) and taken[endpoint_id] >= PARALLEL_PER_ENDPOINT
            )
            (left if is_later else wave).append(one)
            taken[endpoint_id] += 1
        return wave, left

    def _settle(self, deliveries: Sequence[Delivery], of: TraceIds, *, run: Invocation) -> None:
        """Store what needs no attempt; what was changed meanwhile is another worker's."""
        stored = self.parking.write(deliveries)
        run.broken.update(stored.broken)
        for row in stored.written:
            if not isinstance(row, Delivery):
                continue
            is_over = row.state is DeliveryState.EXHAUSTED
            run.count(Metric.EXHAUSTED if is_over else Metric.DEFERRED)
            what = Traced.FAILED if is_over else Traced.POSTPONED
            _name(what, of.get(row.key), row, run=run)

    def _begun(
        self, prepared: Sequence[PreparedDelivery], *, waiting: Set[str], run: Invocation
    ) -> list[PreparedDelivery]:
        """Return the first attempts as they are, and the others whose claim was stored."""
        now = self.clock.now()
        first: list[PreparedDelivery] = []
        others: list[PreparedDelivery] = []
        for one in prepared:
            row = one.delivery
            if row.is_untried and not row.parked and row.key in waiting:
                first.append(replace(one, delivery=row.begun(now=now)))
            else:
                others.append(one)
        return [*first, *self._claimed(others, run=run)]

    def _claimed(
        self, prepared: Sequence[PreparedDelivery], *, run: Invocation
    ) -> list[PreparedDelivery]:
        """Return those whose claim was stored: no other worker sends them meanwhile."""
        now = self.clock.now()
        sweep_at = run.deadline + timedelta(seconds=self.timing.skew)
        by_key = {one.delivery.key: one for one in prepared}
        stored = self.store.write(
            [
                one.delivery.claimed(now=now, until=run.deadline, sweep_at=sweep_at)
                for one in prepared
            ]
        )
        run.broken.update(stored.broken)
        return [
            replace(by_key[row.key], delivery=row)
            for row in stored.written
            if isinstance(row, Delivery)
        ]

    def _still_open(
        self, begun: Sequence[PreparedDelivery], *, run: Invocation
    ) -> list[PreparedDelivery]:
        """Return those whose endpoint is active since before the claim; others are given back.

        So nothing is sent to an endpoint that was paused, disabled or removed, but for what was
        begun before. Raises LedgerUnavailable.
        """
        endpoints = {one.endpoint.key: one.endpoint for one in begun}
        rows = self.store.read(list(endpoints))
        closed = {key for key, endpoint in endpoints.items() if not _is_open(endpoint, rows)}
        now = self.clock.now()
        given_back = [
            one.delivery.released(until=now) for one in begun if one.endpoint.key in closed
        ]
        self._settle(given_back, {one.delivery.key: one.trace_id for one in begun}, run=run)
        return [one for one in begun if one.endpoint.key not in closed]

    def _carry_out(self, begun: Sequence[PreparedDelivery], *, run: Invocation) -> Set[str]:
        """Send, store the outcomes, and return the endpoints to which no more is sent now.

        What is learnt meanwhile of an endpoint holds for what was not sent yet. Raises
        LedgerUnavailable after all is sent.
        """
        resting: set[str] = set()
        unsent: set[str] = set()
        unkept: list[AttemptResult] = []
        problem: LedgerUnavailable | None = None
        left = len(begun)
        attempts = self.attempting.attempt(
            begun,
            deadline=run.deadline,
            resting=resting,
            on_slow=partial(self.health.notice_slow, closed=resting),
        )
        for outcome in attempts:
            unkept.append(outcome)
            if outcome.sent is None:
                unsent.add(outcome.delivery.endpoint_id)
            left -= 1
            if left and len(unkept) < KEPT_TOGETHER:
                continue
            try:
                # Health first: an outcome that is stored is never read again.
                self.health.note(unkept, closed=resting, run=run)
                self._record(unkept, run=run)
            except LedgerUnavailable as error:
                problem = error
            unkept = []
        if problem is not None:
            raise problem
        return resting | unsent

    def _record(self, outcomes: Sequence[AttemptResult], *, run: Invocation) -> None:
        """Store the outcomes of attempts. Raises LedgerUnavailable.

        A delivery that an operator changed meanwhile stays as the operator left it. Where another
        worker made the same first attempt, it is delivered if either was accepted.
        """
        failed = [one for one in outcomes if one.sent is None or not is_success(one.sent)]
        endpoints = self.store.read(
            list(dict.fromkeys(endpoint_key(one.delivery.endpoint_id) for one in failed))
        )
        rows = [self._after(one, endpoints) for one in outcomes]
        stored = self.parking.write(rows)
        taken = [*_taken_meanwhile(stored.conflicts)]
        run.broken.update(stored.broken | self.store.write(taken).broken)
        for outcome, row in zip(outcomes, rows, strict=True):
            _count(outcome, row, run=run)

    def _after(self, outcome: AttemptResult, endpoints: Rows) -> Delivery:
        """Return the delivery after its attempt: parked if its endpoint keeps others waiting."""
        now = self.clock.now()
        row = self._decided(outcome)
        endpoint = endpoints.readable(endpoint_key(row.endpoint_id))
        is_troubled = isinstance(endpoint, Endpoint) and endpoint.keeps_waiting(now)
        if row.state is DeliveryState.PENDING and is_troubled:
            return row.park(now=now)
        return row

    def _decided(self, outcome: AttemptResult) -> Delivery:
        now, delivery, sent = self.clock.now(), outcome.delivery, outcome.sent
        if sent is None:
            return delivery.released(until=now + UNSENT_REST)
        if sent.status is not None and is_success(sent):
            return delivery.delivered(status=sent.status, now=now)
        reason = sent.failure or f"status_{sent.status}"
        if sent.status == GONE:
            return delivery.refused(reason=reason, status=GONE, now=now)
        return delivery.failed(
            reason=reason, status=sent.status, retry_after=sent.retry_after, now=now
        )


def _taken_meanwhile(conflicts: Sequence[Conflict]) -> Iterator[Delivery]:
    """Yield those that were accepted in a first attempt, and are to be tried again by their row."""
    for each in conflicts:
        taken, row = each.attempted, each.stored
        if not isinstance(taken, Delivery) or not isinstance(row, Delivery):
            continue
        if taken.state is not DeliveryState.DELIVERED or taken.status is None:
            continue
        is_same_round = taken.round == row.round
        if is_same_round and taken.attempt == 1 and row.state is DeliveryState.PENDING:
            yield row.delivered(status=taken.status, now=taken.decided_at or row.created_at)


def _is_open(endpoint: Endpoint, rows: Rows) -> bool:
    """Whether it still exists and is active: a new endpoint with its id is another one."""
    row = rows.readable(endpoint.key)
    return (
        isinstance(row, Endpoint)
        and row.state is EndpointState.ACTIVE
        and row.created_at == endpoint.created_at
    )


def _name(what: Traced, trace_id: str | None, row: Delivery, *, run: Invocation) -> None:
    # Its event names the sign-up, its own row does not.
    run.traces.add(what, trace_id, key=event_key(row.event_id))


def _count(outcome: AttemptResult, row: Delivery, *, run: Invocation) -> None:
    if outcome.sent is None:
        _name(Traced.POSTPONED, outcome.trace_id, row, run=run)
        run.count(Metric.UNSENT)
        return
    is_delivered = row.state is DeliveryState.DELIVERED
    what = Traced.DELIVERED if is_delivered else Traced.FAILED
    _name(what, outcome.trace_id, row, run=run)
    run.count(Metric.ATTEMPTS)
    run.count(Metric.DELIVERED, int(is_delivered))
    run.count(Metric.FAILED_ATTEMPTS, int(not is_delivered))
    run.count(Metric.EXHAUSTED, int(row.state is DeliveryState.EXHAUSTED))
    run.count(Metric.REFUSED_ADDRESSES, int(outcome.sent.failure in REFUSED_ADDRESSES))
