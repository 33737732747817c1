"""The claim and the POST: one batch to Coniq, sent only by the worker that holds the claim."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.health import Health
from couponbus.domain.issuing.account import BATCH_MAX, Account
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome, finding_of
from couponbus.domain.issuing.doubt import doubt_of
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.domain.rate_limit import NoSlot, Obstacle, Reservation
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock, Ids
from couponbus.usecases.causes import cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.begin_watches import BeginWatches
from couponbus.usecases.issuing.issuing_batches import IssuingBatches
from couponbus.usecases.issuing.probing import Probing
from couponbus.usecases.rate_limited_calls import RateLimitedCalls, count_breaker, moment
from couponbus.usecases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBarcodes:
    """Claims PENDING issuances, posts the requests for their barcodes and stores the outcomes."""

    store: Store
    watches: BeginWatches
    admission: Admission
    batches: IssuingBatches
    barcodes: Barcodes
    calls: RateLimitedCalls
    probing: Probing
    clock: Clock
    ids: Ids
    accounts: Mapping[str, Account]
    timing: Timing

    def request(self, issuances: Iterable[Issuance], *, run: Invocation) -> None:
        """Carry these as far as time allows; the sweeper resumes the others from the ledger."""
        for account, members in self._batches(issuances):
            left = members
            while left and (reservation := self._reserve(account, left, run=run)):
                is_probe = reservation.troubled
                if is_probe and not self.probing.may_post(
                    left[0], reservation=reservation, run=run
                ):
                    continue
                chunk = left[:1] if is_probe else left
                left = left[len(chunk) :]
                if (batch := self._open(chunk, run=run)) and (
                    claimed := self._claim(chunk, batch, run=run)
                ):
                    self._post(account, batch, claimed, reservation=reservation, run=run)

    def _batches(self, issuances: Iterable[Issuance]) -> Iterator[tuple[str, Sequence[Issuance]]]:
        """Group by account, and by the batch limit that an earlier refusal may have set."""
        groups: dict[tuple[str, int], list[Issuance]] = {}
        for issuance in issuances:
            account = self.accounts.get(issuance.account)
            most = account.batch_max if account else BATCH_MAX
            limit = min(issuance.batch_limit or most, most)
            groups.setdefault((issuance.account, limit), []).append(issuance)
        for (name, limit), members in groups.items():
            for chunk in batched(members, limit, strict=False):
                yield name, chunk

    def _reserve(
        self, account: str, chunk: Sequence[Issuance], *, run: Invocation
    ) -> Reservation | None:
        """Reserve one call for the chunk; without one the whole chunk is postponed, or unsaved."""
        if not self._has_time(run):
            self._leave(chunk, until=self.clock.now(), why="no time left", run=run)
            return None
        run.count(Metric.MISCONFIGURED, 0 if account in self.accounts else len(chunk))
        try:
            reservation = self.calls.reserve(
                account, calls=1, purpose=Purpose.POST, items=len(chunk)
            )
        except LedgerUnavailable as error:
            run.broken.update(error.broken)
            run.mark_unsaved(chunk, why=cause_of(error))
            run.leave_waiting(chunk)
            return None
        count_breaker(reservation, run=run)
        if isinstance(reservation, NoSlot):
            run.count(Metric.BRAKED, int(reservation.why is Obstacle.BRAKE))
            why = reservation.why.value
            self._leave(chunk, until=moment(reservation.until), why=why, run=run)
            return None
        return reservation

    def _has_time(self, run: Invocation) -> bool:
        return self.clock.now() + self.timing.needed_to_post <= run.deadline

    def _leave(
        self, chunk: Sequence[Issuance], *, until: datetime, why: str, run: Invocation
    ) -> None:
        now = self.clock.now()
        self.admission.leave(chunk, until=until, why=why, now=now, run=run)

    def _open(self, chunk: Sequence[Issuance], *, run: Invocation) -> IssuingBatch | None:
        """Store the batch of these before they are claimed; without it none of them may be."""
        settle = timedelta(seconds=self.timing.skew + self.timing.settle)
        try:
            return self.batches.open(
                chunk,
                claim_id=self.ids.new(),
                due_at=self.timing.publish_by(run.deadline),
                settled_at=run.deadline + settle,
            )
        except (LedgerUnavailable, RowsBroken) as error:
            run.broken.update(error.keys if isinstance(error, RowsBroken) else ())
            run.mark_unsaved(chunk, why=cause_of(error))
            run.leave_waiting(chunk)
            return None

    def _claim(
        self, chunk: Sequence[Issuance], batch: IssuingBatch, *, run: Invocation
    ) -> Sequence[Issuance]:
        """Claim these; what is claimed after `settled_at` of the batch would be in none."""
        if not self._has_time(run):
            self._leave(chunk, until=self.clock.now(), why="no time left", run=run)
            return ()
        now = self.clock.now()

        def claimed(one: Issuance) -> Issuance:
            return one.claimed(
                claim_id=batch.batch_id,
                now=now,
                deadline=run.deadline,
                ready_at=batch.settled_at,
            )

        return self.admission.admit(chunk, claimed, now=now, run=run)

    def _post(
        self,
        account: str,
        batch: IssuingBatch,
        claimed: Sequence[Issuance],
        *,
        reservation: Reservation,
        run: Invocation,
    ) -> None:
        self.calls.wait_for(reservation, 0)
        if not self._has_time(run):
            unsent = _not_sent(claimed, "no_time_left")
            self._settle(batch, claimed, unsent, healed_at=reservation.healed_at, run=run)
            return
        run.count(Metric.CALLS)
        run.count(Metric.ITEMS_POSTED, len(claimed))
        answer = self.barcodes.issue(
            account=account,
            requests=[issuance.request for issuance in claimed],
            deadline=self.clock.now() + timedelta(seconds=self.timing.post),
        )
        refused = self._settle(batch, claimed, answer, healed_at=reservation.healed_at, run=run)
        finding = finding_of(answer, refused=refused)
        run.count(
            Metric.BRAKED, int(self.calls.limiter.note(reservation=reservation, finding=finding))
        )
        health = _health_of_account(answer)
        if health is not None:
            self.calls.limiter.report(
                reservation=reservation, health=health, retry_after=answer.retry_after
            )

    def _settle(
        self,
        batch: IssuingBatch,
        claimed: Sequence[Issuance],
        answer: BatchAnswer,
        *,
        healed_at: float,
        run: Invocation,
    ) -> int:
        """Store the outcome of each, and publish it; return how many the answer refuses."""
        now = self.clock.now()
        run.count(Metric.ANOMALIES, answer.anomalies)
        run.count(Metric.UNEXPLAINED, answer.unexplained)
        run.count(Metric.UNAUTHORISED, int(answer.health is Health.UNAUTHORISED))
        rows = [
            self._after(issuance, attempt, answer=answer, healed_at=healed_at, now=now)
            for issuance, attempt in zip(claimed, answer.attempts, strict=True)
        ]
        for row in rows:
            run.count(_COUNTED[row.state])
        try:
            ready = self.watches.begin(rows, of=rows, run=run)
            stored = self.store.write([_left_to(batch, row) for row in ready])
            run.left_out(rows, by=stored)
            run.traces.note(stored.written)
        except LedgerUnavailable:
            run.leave_waiting(claimed)  # they stay REQUESTED: a look-up settles them
        else:
            run.leave_waiting(row for row in rows if not row.is_final)
            self.batches.conclude(batch, claimed, stored, run=run)
        return sum(row.state is IssuanceState.REJECTED or row.refusal is not None for row in rows)

    def _after(
        self,
        issuance: Issuance,
        attempt: Attempt,
        *,
        answer: BatchAnswer,
        healed_at: float,
        now: datetime,
    ) -> Issuance:
        """Return the issuance as the outcome of its attempt changes it."""
        publish_by = self.timing.publish_by(now)
        if attempt.outcome is Outcome.APPLIED and attempt.barcode is not None:
            return issuance.issued(
                barcode=attempt.barcode, origin=Origin.ISSUED, now=now, publish_by=publish_by
            )
        fewer = _halved(issuance, attempt, len(answer.attempts))
        if attempt.outcome is Outcome.NOT_SENT or attempt.outcome is Outcome.REFUSED:
            if attempt.outcome is Outcome.REFUSED and attempt.blame is Blame.ITEM:
                return issuance.rejected(reason=attempt.reason, now=now, publish_by=publish_by)
            return issuance.released(
                now=now,
                until=now + self._pause(issuance, attempt, answer),
                why=attempt.reason,
                batch_limit=fewer,
            )
        doubt = doubt_of(
            issuance,
            attempt,
            answer=answer,
            healed_at=healed_at,
            patience=timedelta(seconds=self.timing.resolve_for),
            now=now,
        )
        return issuance.doubted(
            now=now,
            ready_at=self._look_up_at(attempt, now=now),
            why=attempt.reason,
            refusal=doubt.refusal,
            contradiction=doubt.contradiction,
            candidates=attempt.candidates,
            refused_since=doubt.refused_since,
            batch_limit=fewer,
        )

    def _look_up_at(self, attempt: Attempt, *, now: datetime) -> datetime:
        """Return when to look up: a provider that did not answer may still be working on it."""
        if attempt.blame is Blame.TRANSIENT and attempt.outcome is not Outcome.CONTRADICTED:
            return now + timedelta(seconds=self.timing.skew + self.timing.settle)
        return now + timedelta(seconds=self.timing.answered_settle)

    def _pause(self, issuance: Issuance, attempt: Attempt, answer: BatchAnswer) -> timedelta:
        if attempt.blame is Blame.BATCH:
            return timedelta(0)
        pause = timedelta(seconds=answer.retry_after or 0.0)
        return max(pause, self.timing.pause_after(issuance.attempt))


def _left_to(batch: IssuingBatch, row: Issuance) -> Issuance:
    """Leave what was issued without any doubt to its batch; the others go on by themselves."""
    if row.state is not IssuanceState.ISSUED or row.was_in_doubt:
        return row
    return row.left_to_batch(claim_id=batch.batch_id)


_COUNTED = {
    IssuanceState.PENDING: Metric.RELEASED,
    IssuanceState.REQUESTED: Metric.UNKNOWN,
    IssuanceState.ISSUED: Metric.ISSUED,
    IssuanceState.REJECTED: Metric.REFUSED,
}


def _halved(issuance: Issuance, attempt: Attempt, sent: int) -> int | None:
    """Return the largest batch that it may be sent in again: half, when one of the batch is bad."""
    if attempt.blame is not Blame.BATCH:
        return issuance.batch_limit
    return max(1, (sent + 1) // 2)


def _health_of_account(answer: BatchAnswer) -> Health | None:
    """Return what the answer says about the account's POSTs, None if it says nothing."""
    if answer.health is not Health.GOOD:
        return answer.health
    if any(attempt.outcome is Outcome.APPLIED for attempt in answer.attempts):
        return Health.GOOD
    return Health.FAILING if answer.unexplained else None


def _not_sent(claimed: Sequence[Issuance], reason: str) -> BatchAnswer:
    attempt = Attempt(outcome=Outcome.NOT_SENT, reason=reason)
    return BatchAnswer(attempts=[attempt] * len(claimed), health=Health.GOOD)
