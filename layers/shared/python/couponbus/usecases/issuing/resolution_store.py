"""Stores sign-ups that wait for their customer; rejects one with another customer's sign-up id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.identity import digest
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock, Conflict
from couponbus.usecases.causes import UNSTORABLE, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.store import Store
from couponbus.usecases.traces import Traced

SIGNUP_ID_REUSED = "signup_id_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionStore:
    """One row for a sign-up id and a program: the customer who came first has it."""

    store: Store
    clock: Clock
    timing: Timing

    def save(
        self, resolutions: Sequence[Resolution], *, run: Invocation
    ) -> Mapping[str, Resolution]:
        """Store them; mark those unsaved that may not be stored, or not be rejected.

        Return the stored one of each that came again after its customer was found, by key.
        """
        try:
            stored = self.store.write(resolutions)
            run.left_out(resolutions, by=stored)
            run.traces.note(stored.written)
            doubles = [pair for pair in map(_double, stored.conflicts) if pair is not None]
            reused = [new for new, old in doubles if new.is_of_another_customer(old)]
            again = [(new, old) for new, old in doubles if new not in reused]
            found = {
                new.key: old
                for new, old in again
                # Another account knows another customer by the same id.
                if old.customer_id is not None and old.account == new.account
            }
            run.count(Metric.DUPLICATES, len(again) - len(found))  # the caller sees the rest
            for new, old in again:
                run.traces.join(new, old)
            self._reject(reused, resolutions, run=run)
        except LedgerUnavailable as error:
            run.mark_unsaved(resolutions, why=cause_of(error))
            return {}
        return found

    def _reject(
        self, reused: Sequence[Resolution], resolutions: Iterable[Resolution], *, run: Invocation
    ) -> None:
        """Store one rejection per customer, which owes an event. Raises LedgerUnavailable."""
        rejections = {one.key: self._rejection(one) for one in reused}
        stored = self.store.write(list({row.key: row for row in rejections.values()}.values()))
        run.broken.update(stored.broken)
        for row in rejections.values():  # one that comes again is rejected again
            run.traces.add(Traced.REFUSED, row.trace_id, key=row.key)
        unstored = {key for key, row in rejections.items() if row.key in stored.broken}
        run.mark_unsaved((one for one in resolutions if one.key in unstored), why=UNSTORABLE)
        run.count(Metric.REUSED_SIGN_UP_IDS, len(rejections) - len(unstored))

    def _rejection(self, resolution: Resolution) -> Rejection:
        now = self.clock.now()
        tenant, signup_id = resolution.tenant, resolution.signup_id
        row = Rejection(
            rejection_id=digest(SIGNUP_ID_REUSED, tenant, signup_id, resolution.customer_ref),
            tenant=tenant,
            signup_id=signup_id,
            reason=SIGNUP_ID_REUSED,
            fields=("signup_id",),
            rejected_at=now,
            trace_id=resolution.trace_id,
        )
        return row.to_publish(now=now, by=self.timing.publish_by(now))


def _double(conflict: Conflict) -> tuple[Resolution, Resolution] | None:
    """Return a new sign-up and the stored one with its key, None for a row resumed twice."""
    new, old = conflict.attempted, conflict.stored
    if not isinstance(new, Resolution) or not isinstance(old, Resolution) or new.revision > 1:
        return None
    return new, old
