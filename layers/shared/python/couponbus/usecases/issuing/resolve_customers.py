"""Looks up the Coniq customer of an e-mail address, again and again until Coniq knows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.errors import ContractBroken, SeveralCustomers
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.look_up_results import doubled, unproven_since_of
from couponbus.domain.issuing.program import Program, Refusal
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.enrolment import Enrolment
from couponbus.usecases.issuing.resolution_store import ResolutionStore
from couponbus.usecases.issuing.unusable_answers import with_failure
from couponbus.usecases.rate_limited_calls import RateLimitedCalls, by_account, usable_or_not

type Known = tuple[Resolution, Issuance]
type Answer = int | ContractBroken | None

NOT_RESOLVED = "not looked up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveCustomers:
    """Looks up customers at Coniq by e-mail; sign-ups of those it does not know yet wait."""

    store: ResolutionStore
    barcodes: Barcodes
    enrolment: Enrolment
    calls: RateLimitedCalls
    clock: Clock
    timing: Timing

    def resolve(
        self,
        resolutions: Sequence[Resolution],
        programs: Mapping[str, Program],
        *,
        run: Invocation,
    ) -> list[Known]:
        """Return the sign-ups whose customer is known now, each with its issuance.

        The others are stored and wait. Raises SecretUnavailable.
        """
        known: list[Known] = []
        waiting: list[Resolution] = []
        for account, group in by_account(resolutions):
            answers = self._look_up(account, group, run=run)
            for one in group:
                match answers.get(one.email or "", NOT_RESOLVED):
                    case int(customer_id):
                        program = programs[one.program]
                        issuance = self.enrolment.continued(one, program, customer_id=customer_id)
                        known.append((one, issuance))
                    case None:
                        waiting.append(self._unknown(one, run))
                    case SeveralCustomers():
                        waiting.append(self._refused(one, Refusal.SEVERAL_CUSTOMERS, run))
                    case ContractBroken() as broken:
                        waiting.append(self._unproven(one, broken, run))
                    case _:
                        waiting += self._not_looked_up(one, run)
        found = self.store.save(waiting, run=run)
        return [*known, *self._come_again(resolutions, found, programs)]

    def conclude(self, known: Sequence[Known], *, run: Invocation) -> None:
        """Forget the e-mails of those whose issuance is safely in the ledger."""
        now = self.clock.now()
        safe = [(one, issuance) for one, issuance in known if issuance.key not in run.unsaved]
        for one, issuance in known:
            if issuance.key in run.unsaved:
                run.mark_unsaved([one], why=run.unsaved[issuance.key])
        stored = [(one, issuance) for one, issuance in safe if one.revision > 0]
        resolved = [one.resolved(customer_id=i.customer_id, now=now) for one, i in stored]
        self.store.save(resolved, run=run)

    def _come_again(
        self,
        resolutions: Sequence[Resolution],
        found: Mapping[str, Resolution],
        programs: Mapping[str, Program],
    ) -> Iterator[Known]:
        """Yield those that were `found` stored with a customer, each with its issuance.

        That may be gone, where a restore brought back a part of the rows: with the trail of the
        stored one, what was made of it is looked up first.
        """
        for one in resolutions:
            stored = found.get(one.key)
            if stored is None or stored.customer_id is None:
                continue
            program, customer_id = programs[one.program], stored.customer_id
            issuance = self.enrolment.continued(one, program, customer_id=customer_id)
            yield replace(one, trail=stored.trail), issuance

    def _look_up(
        self, account: str, resolutions: Sequence[Resolution], *, run: Invocation
    ) -> dict[str, Answer]:
        def customer(email: str, until: datetime) -> Answer:
            return usable_or_not(
                lambda: self.barcodes.find_customer(account=account, email=email, deadline=until)
            )

        emails = list(dict.fromkeys(one.email for one in resolutions if one.email))
        return dict(self.calls.call_each(account, emails, customer, run=run))

    def _unknown(self, resolution: Resolution, run: Invocation) -> Resolution:
        now = self.clock.now()
        if now >= resolution.give_up_at:
            return self._refused(resolution, Refusal.CUSTOMER_UNKNOWN, run)
        run.count(Metric.POSTPONED)
        tries = resolution.tries + 1
        until = now + self.timing.pause_after(tries)
        return resolution.waiting(now=now, until=until, why="customer unknown", tries=tries)

    def _unproven(
        self, resolution: Resolution, broken: ContractBroken, run: Invocation
    ) -> Resolution:
        """Postpone for longer after each unusable answer; refuse after `resolve_for`."""
        now = self.clock.now()
        run.count(Metric.CONTRACT_BROKEN)
        since = unproven_since_of(resolution, now=now, gap=self.timing.longest_silence)
        if now - since >= timedelta(seconds=self.timing.resolve_for):
            several = broken.reason == Refusal.SEVERAL_CUSTOMERS
            reason = Refusal.SEVERAL_CUSTOMERS if several else Refusal.LOOKUPS_UNREADABLE
            return self._refused(resolution, reason, run)
        run.count(Metric.POSTPONED)
        shortest, longest = self.timing.pause_after(1), self.timing.backoff_cap
        pause = doubled(since, now=now, pause=shortest, longest=timedelta(seconds=longest))
        return resolution.unproven(since=since, now=now, until=now + pause, why=broken.reason)

    def _refused(self, resolution: Resolution, reason: Refusal, run: Invocation) -> Resolution:
        now = self.clock.now()
        run.count(Metric.REFUSED)
        publish_by = self.timing.publish_by(now)
        return resolution.refused(reason=reason, now=now, publish_by=publish_by)

    def _not_looked_up(self, resolution: Resolution, run: Invocation) -> list[Resolution]:
        """Postpone: an outage is no proof that the customer is unknown, so it never ends the wait.

        A row that was handed over is made due again; one that is due sooner stays unwritten.
        """
        now = self.clock.now()
        run.count(Metric.POSTPONED)
        run.traces.note([resolution])
        until = now + self.timing.pause_after(1)
        if resolution.revision > 0:
            is_put_off = resolution.due_at is not None and resolution.due_at > until
            failed = with_failure(resolution, now=now, run=run)
            return [failed.handed_over(until=until)] if is_put_off else []
        waiting = resolution.waiting(now=now, until=until, why=NOT_RESOLVED, tries=resolution.tries)
        return [with_failure(waiting, now=now, run=run)]
