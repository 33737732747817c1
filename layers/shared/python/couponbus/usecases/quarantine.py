"""Putting unusable messages where they block nobody, and telling their producer."""

from collections.abc import Sequence
from datetime import timedelta

from couponbus.domain.errors import Unavailable
from couponbus.domain.identity import digest
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.timing import Timing
from couponbus.events.commands import QuarantineLetter
from couponbus.ports.shared import Clock, Quarantine
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.messages import Unusable
from couponbus.usecases.metrics import Metric
from couponbus.usecases.store import Store


class SettingAside:
    """A letter to the quarantine for each, and an event if it says whose sign-up it was."""

    def __init__(
        self, *, store: Store, quarantine: Quarantine, clock: Clock, timing: Timing
    ) -> None:
        """Put letters into this quarantine."""
        self._store = store
        self._quarantine = quarantine
        self._clock = clock
        self._timing = timing

    def set_aside(self, unusable: Sequence[Unusable], *, run: Invocation) -> list[str]:
        """Return the ids of the messages that could not be set aside and must come again."""
        if not unusable:
            return []
        pairs = [(one, self._rejection(one)) for one in unusable]
        rejections = {row.key: row for _, row in pairs if row is not None}
        try:
            stored = self._store.write(list(rejections.values()))
            run.left_out(rejections.values(), by=stored)
            broken = stored.broken
            letters = [one for one, row in pairs if row is None or row.key not in broken]
            self._quarantine.put([self._letter(one) for one in letters])
        except Unavailable:
            return [one.message_id for one in unusable]
        run.count(Metric.QUARANTINED, len(letters))
        return [one.message_id for one, row in pairs if row is not None and row.key in broken]

    def _rejection(self, unusable: Unusable) -> Rejection | None:
        if unusable.signup_id is None or unusable.tenant is None:
            return None
        now = self._clock.now()
        row = Rejection(
            rejection_id=digest("rejection", unusable.sha256),
            tenant=unusable.tenant,
            signup_id=unusable.signup_id,
            reason=unusable.reason,
            fields=unusable.fields,
            rejected_at=now,
        )
        return row.to_publish(now=now, by=now + timedelta(seconds=self._timing.publish_grace))

    def _letter(self, unusable: Unusable) -> QuarantineLetter:
        return QuarantineLetter(
            reason=unusable.reason,
            fields=unusable.fields,
            message_id=unusable.message_id,
            event_id=unusable.event_id,
            signup_id=unusable.signup_id,
            sha256=unusable.sha256,
            size=unusable.size,
            received_at=self._clock.now().isoformat(),
        )
