"""Quarantines invalid messages, and has `SignUpRejected` published for the sign-ups in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.errors import Unavailable
from couponbus.domain.identity import digest
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.timing import Timing
from couponbus.events.commands import QuarantineLetter
from couponbus.ports.shared import Clock, Quarantine
from couponbus.usecases.causes import UNSTORABLE, Failures, all_for, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.messages import InvalidMessage
from couponbus.usecases.store import Store
from couponbus.usecases.traces import Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidMessages:
    """Makes a quarantine record of each, and owes an event if its sign-up id could be read."""

    store: Store
    queue: Quarantine
    clock: Clock
    timing: Timing

    def quarantine(self, invalid: Sequence[InvalidMessage], *, run: Invocation) -> Failures:
        """Return the messages that could not be quarantined and must be redelivered."""
        if not invalid:
            return {}
        pairs = [(one, self._rejection(one)) for one in invalid]
        rejections = {row.key: row for _, row in pairs if row is not None}
        try:
            stored = self.store.write(list(rejections.values()))
            run.left_out(rejections.values(), by=stored)
            broken = stored.broken
            recorded = [pair for pair in pairs if pair[1] is None or pair[1].key not in broken]
            self.queue.put([self._record(one) for one, _ in recorded])
        except Unavailable as error:
            return all_for(cause_of(error), (one.message_id for one in invalid))
        run.count(Metric.QUARANTINED, len(recorded))
        for one, row in recorded:
            run.traces.add(Traced.REFUSED, one.trace_id, key=row.key if row else "")
        unstored = [one for one, row in pairs if row is not None and row.key in broken]
        return all_for(UNSTORABLE, (one.message_id for one in unstored))

    def _rejection(self, invalid: InvalidMessage) -> Rejection | None:
        if invalid.signup_id is None or invalid.tenant is None:
            return None
        now = self.clock.now()
        row = Rejection(
            rejection_id=digest("rejection", invalid.sha256, *_place_of(invalid)),
            tenant=invalid.tenant,
            signup_id=invalid.signup_id,
            reason=invalid.reason,
            fields=invalid.fields,
            rejected_at=now,
            trace_id=invalid.trace_id,
        )
        return row.to_publish(now=now, by=self.timing.publish_by(now))

    def _record(self, invalid: InvalidMessage) -> QuarantineLetter:
        return QuarantineLetter(
            reason=invalid.reason,
            fields=invalid.fields,
            message_id=invalid.message_id,
            event_id=invalid.event_id,
            signup_id=invalid.signup_id,
            sha256=invalid.sha256,
            size=invalid.size,
            received_at=self.clock.now().isoformat(),
            source=invalid.source,
            queue=invalid.queue,
        )


def _place_of(invalid: InvalidMessage) -> Sequence[int]:
    """Return what tells the sign-ups of one message apart; nothing for the first, or the only."""
    return [invalid.place] if invalid.place else []
