"""The nightly audit: finds what must not happen, such as a second or a missing barcode."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from couponbus.domain.errors import LedgerUnavailable, RowsBroken
from couponbus.domain.issuing.audit import AuditFinding, audited, findings
from couponbus.domain.issuing.audit_progress import AUDIT_KEY, AuditProgress, first_pass
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.outbox.backlog import TO_AUDIT, backlog_of
from couponbus.domain.timing import Timing
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock, IssuancePage, Ledger
from couponbus.usecases.causes import Cause, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.rate_limited_calls import RateLimitedCalls, by_account
from couponbus.usecases.store import Store

DUE_PAGE = 200
TABLE_PAGE = 500
AUDIT_MARGIN = timedelta(seconds=10)
SAMPLE_SHARE = 0.2  # the share of a night that is kept for issuances that were never in doubt
ROUNDS = 3  # passes of a night over those in doubt, while some have no answer
BETWEEN_ROUNDS = 60.0
# What an operator must know of the calls; how many there were is no news.
OF_THE_CALLS = (Metric.BREAKER_OPEN, Metric.UNAUTHORISED, Metric.CONTRACT_BROKEN)

type Compared = tuple[Issuance, Collection[AuditFinding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """How many issuances were compared, and the tracking codes of those with a finding.

    `unreadable` has the keys of rows that could not be read or stored, `metrics` what is counted
    of the calls, `cause` why the night ended before its time.
    """

    checked: int
    duplicates: Sequence[str] = ()
    missing: Sequence[str] = ()
    refused: Sequence[str] = ()
    unreadable: Sequence[str] = ()
    metrics: Mapping[Metric, int] = MappingProxyType({})
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBarcodes:
    """Compares with the provider the issuances once in doubt, then a sample of the others."""

    ledger: Ledger
    store: Store
    barcodes: Barcodes
    calls: RateLimitedCalls
    clock: Clock
    timing: Timing

    def handle(self, *, deadline: datetime) -> AuditReport:
        """Audit all that is due, then continue the walk from where the last night ended.

        What the ledger does not answer or store is left for the next night.
        """
        night = _Night()
        now = self.clock.now()
        try:
            self._audit_doubted(night, until=deadline - SAMPLE_SHARE * (deadline - now))
            self._audit_sample(night, deadline=deadline)
        except LedgerUnavailable as error:
            night.cause = cause_of(error)  # what was found is reported all the same
        except RowsBroken as error:
            night.unreadable |= error.keys
        night.metrics[Metric.UNREPORTED_ANSWERS] = self.calls.limiter.take_unreported()
        return night.report()

    def _audit_doubted(self, night: "_Night", *, until: datetime) -> None:
        for _ in range(ROUNDS):
            if self._audit_doubted_once(night, until=until):
                return
            if not self._has_time(until - timedelta(seconds=BETWEEN_ROUNDS)):
                return
            self.clock.sleep(BETWEEN_ROUNDS)

    def _audit_doubted_once(self, night: "_Night", *, until: datetime) -> bool:
        """Return whether the provider answered for each that is due."""
        after: str | None = None
        left = 0
        while self._has_time(until):
            settled = self.clock.now() - timedelta(seconds=self.timing.settle)
            page = self.ledger.due(backlog=TO_AUDIT, now=settled, limit=DUE_PAGE, after=after)
            read = self.store.read(page.keys)
            night.unreadable |= read.broken
            waiting = [one for one in read.of(Issuance) if _waits(one)]
            done = self._compare(waiting, night, until=until)
            self._note(done, night)
            left += len(waiting) - len(done)
            after = page.after
            if after is None:
                return left == 0
        return False

    def _audit_sample(self, night: "_Night", *, deadline: datetime) -> None:
        """Go on until the pass or the time is over, or the provider stops answering."""
        progress = self._progress()
        passes, answers = progress.passes, True
        while answers and progress.passes == passes and self._has_time(deadline):
            page = self.ledger.issuances(limit=TABLE_PAGE, after=progress.place)
            night.unreadable |= page.broken
            new = [one for one in page.issuances if one.key not in night.checked]
            chosen = [one for one in new if self._is_chosen(one, progress)]
            done = self._compare(chosen, night, until=deadline)
            self._note((one for one in done if one[1]), night)
            answers = bool(done) or not chosen
            # Go on even so: what is never answered must not keep the audit at one place.
            if not self.store.put(self._advanced(progress, page)):
                return  # another invocation does the same
            progress = self._progress()

    def _note(self, done: Iterable[Compared], night: "_Night") -> None:
        """Store what was compared; what cannot be stored is compared again."""
        rows = [audited(*one, now=self.clock.now()) for one in done]
        night.unreadable |= self.store.write(rows).broken

    def _advanced(self, progress: AuditProgress, page: IssuancePage) -> AuditProgress:
        return progress.advanced(
            place=page.after, issuances=len(page.issuances), now=self.clock.now()
        )

    def _progress(self) -> AuditProgress:
        row = self.store.read([AUDIT_KEY]).get(AUDIT_KEY)
        return row if isinstance(row, AuditProgress) else first_pass(now=self.clock.now())

    def _has_time(self, until: datetime) -> bool:
        return self.clock.now() + AUDIT_MARGIN < until

    def _is_chosen(self, one: Issuance, progress: AuditProgress) -> bool:
        """Whether this pass takes it: not what is due by itself, may change or is not ours."""
        settled = self.clock.now() - timedelta(seconds=self.timing.settle)
        if one.decided_at is None or one.decided_at > settled or one.due_at is not None:
            return False
        if one.state is IssuanceState.REJECTED and one.attempt == 0:
            return False
        is_ours = one.is_final and one.origin is not Origin.EXISTING
        return is_ours and progress.singles_out(one)

    def _compare(
        self, issuances: Sequence[Issuance], night: "_Night", *, until: datetime
    ) -> list[Compared]:
        """Return those that the provider answered for, with their findings."""
        run, skew = Invocation(deadline=until), timedelta(seconds=self.timing.skew)
        done: list[Compared] = []
        for account, group in by_account(issuances):
            for issuance, listed in self.calls.call_each(account, group, self._listed, run=run):
                found = findings(issuance, listed, skew=skew)
                night.note(issuance, found)
                done.append((issuance, found))
        night.unreadable |= run.broken
        night.cause = next(iter(run.undone), night.cause)
        for metric in OF_THE_CALLS:
            night.metrics[metric] += run.metrics[metric]
        return done

    def _listed(self, issuance: Issuance, until: datetime) -> Sequence[Barcode]:
        return self.barcodes.existing(
            account=issuance.account, request=issuance.request, deadline=until
        )


@dataclass(slots=True)
class _Night:
    """What was compared in one night, and the findings."""

    checked: set[str] = field(default_factory=set)
    found: Mapping[AuditFinding, list[str]] = field(default_factory=lambda: defaultdict(list))
    unreadable: frozenset[str] = frozenset()
    metrics: Counter[Metric] = field(default_factory=Counter)
    cause: Cause | None = None

    def note(self, issuance: Issuance, found: Collection[AuditFinding]) -> None:
        """Count an issuance that was compared, and keep its findings."""
        self.checked.add(issuance.key)
        for each in found:
            self.found[each].append(issuance.tracking_code)

    def report(self) -> AuditReport:
        """Return the report of the night."""
        return AuditReport(
            checked=len(self.checked),
            duplicates=self.found[AuditFinding.DUPLICATE],
            missing=self.found[AuditFinding.MISSING],
            refused=self.found[AuditFinding.REFUSED],
            unreadable=sorted(self.unreadable),
            metrics=+self.metrics,
            cause=self.cause,
        )


def _waits(one: Issuance) -> bool:
    """Whether it is due for the audit still: the index may lag behind."""
    return one.due_at is not None and backlog_of(one) == TO_AUDIT
