"""Issues the barcodes that a batch of messages asks for: each once, and no message is lost."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from couponbus.domain.copying import replace
from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, issuance_key
from couponbus.domain.issuing.program import Program, program_key
from couponbus.domain.issuing.reopening import open_since
from couponbus.domain.issuing.resolution import Resolution, ResolutionState, resolution_key
from couponbus.domain.issuing.unmatched import UnmatchedSignUp, unmatched_key
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally, tally_key
from couponbus.domain.row import Row, Rows, own_keys
from couponbus.domain.tenancy import Tenancy
from couponbus.ports.shared import Clock, Ledger, RateLimiter
from couponbus.usecases.causes import Failures, first_of
from couponbus.usecases.invocation import BatchResult, Invocation, Metric, bisect_batch
from couponbus.usecases.issuing.after_restore import AfterRestore
from couponbus.usecases.issuing.enrolment import Enrolled, Enrolment, in_force
from couponbus.usecases.issuing.matching import Matched, Matches, Matching
from couponbus.usecases.issuing.precheck import Precheck
from couponbus.usecases.issuing.reconcile import Reconcile
from couponbus.usecases.issuing.refuse import Refuse
from couponbus.usecases.issuing.request_barcodes import RequestBarcodes
from couponbus.usecases.issuing.resolve_customers import Known, ResolveCustomers
from couponbus.usecases.issuing.sign_up_messages import SignUp, sort_messages
from couponbus.usecases.issuing.unidentified_messages import UnidentifiedMessages
from couponbus.usecases.issuing.unmatched_sign_ups import UnmatchedSignUps, key_of, sign_ups_of
from couponbus.usecases.issuing.watching_only import WatchingOnly
from couponbus.usecases.issuing.work import Work, count_duplicate, count_joined
from couponbus.usecases.messages import Message
from couponbus.usecases.traces import Traced

type Item = SignUp | str  # a sign-up, or the key of a row to resume

# A command may name the rows of these kinds.
CONTINUED = (issuance_key, resolution_key, unmatched_key, tally_key)
OPEN = (IssuanceState.PENDING, IssuanceState.REQUESTED, ResolutionState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBarcodes:
    """The issuing worker, which may die after any step (docs/reliability.md#issuance-states)."""

    ledger: Ledger
    clock: Clock
    matching: Matching
    unmatched: UnmatchedSignUps
    enrolment: Enrolment
    invalid_messages: UnidentifiedMessages
    refuse: Refuse
    resolve_customers: ResolveCustomers
    reconcile: Reconcile
    after_restore: AfterRestore
    precheck: Precheck
    request_barcodes: RequestBarcodes
    watching_only: WatchingOnly
    limiter: RateLimiter
    tenancy: Tenancy

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        """Do what can be done before `deadline`, the end of the invocation."""
        run, arrived = Invocation(deadline=deadline), self.clock.now()
        arrivals = sort_messages(messages, now=arrived, tenancy=self.tenancy)
        run.count(Metric.SIGN_UPS, len(arrivals.sign_ups))
        run.count(Metric.DROPPED_FIELDS, sum(len(one.dropped) for one in arrivals.sign_ups))
        failed: Failures = {}
        if invalid := arrivals.invalid:
            failed = self.invalid_messages.quarantine(invalid, messages=messages, run=run)
        keys = dict.fromkeys(key for command in arrivals.commands for key in command.keys)
        items: list[Item] = [*arrivals.sign_ups, *keys]
        work = partial(self._work, arrived=arrived, run=run)
        failed = first_of(failed, bisect_batch(items, work, failed=_message_ids, run=run))
        run.count(Metric.UNREPORTED_ANSWERS, self.limiter.take_unreported())
        again = [(one, "") for one in arrivals.sign_ups if one.message_id in failed]
        self._note(Traced.FAILED, again, run=run)
        levels = _levels_of(run, sign_ups=len(arrivals.sign_ups), now=self.clock.now())
        return run.report(failed=failed, levels=levels)

    def _work(self, items: Sequence[Item], *, arrived: datetime, run: Invocation) -> Failures:
        """Issue what can be issued; return the messages with rows that may not be in the ledger."""
        rows = self._resumed([one for one in items if isinstance(one, str)], run=run)
        if tallies := [row for row in rows if isinstance(row, UnmatchedTally)]:
            self.unmatched.close(tallies, run=run)
        matches = self._matched(items, rows, arrived=arrived, run=run)
        programs, matched = matches.programs, matches.matched
        failed: Failures = {one.message_id: why for one, why in matches.undecided}
        work = self._gated(rows, matches, run=run)
        while matched or work.is_any:
            matched = self._enrol(matched, work, run=run)
            if denied := work.denied:
                self.refuse.refuse(denied, run=run)
            if work.watched:
                failed = first_of(failed, self.watching_only.watch(work.watched, run=run))
            pending = work.issuances(IssuanceState.PENDING)
            # POST what is clear first; then look up what is not, and POST what that releases.
            if clear := self._clear(pending, programs):
                self.request_barcodes.request(clear, run=run)
            emails, requested = work.resolutions, work.issuances(IssuanceState.REQUESTED)
            known = self.resolve_customers.resolve(emails, programs, run=run) if emails else []
            free = self.reconcile.reconcile(requested, run=run) if requested else []
            count_joined(known, [*pending, *free], run=run)
            rest = _without(clear, [*(one for _, one in known), *pending, *free])
            self._look_up_and_request(rest, known, programs, run=run)
            if known:
                self.resolve_customers.conclude(known, run=run)
            failed = first_of(failed, work.failures(run.unsaved))
            work = Work()
        return self._concluded(failed, matches, rows, run=run)

    def _matched(
        self, items: Sequence[Item], rows: Sequence[Row], *, arrived: datetime, run: Invocation
    ) -> Matches:
        """Match the sign-ups that arrived, and those that were kept."""
        sign_ups = [one for one in items if isinstance(one, SignUp)]
        kept = sign_ups_of(rows) if rows else []
        matches = self.matching.match([*sign_ups, *kept], arrived=arrived)
        run.broken.update(map(program_key, matches.unreadable))
        return matches

    def _gated(self, rows: Sequence[Row], matches: Matches, *, run: Invocation) -> Work:
        work, now = Work(), self.clock.now()
        owed = [row for row in rows if isinstance(row, Issuance | Resolution)]
        # Rows of a program that cannot be read stay as they are: the sweeper enqueues them.
        run.leave_waiting([row for row in owed if row.program in matches.unreadable])
        for row in owed:
            if row.program not in matches.unreadable:
                kept = in_force(row, matches.programs, now=now)
                self._gate(kept, matches.programs.get(kept.program), work)
        return work

    def _concluded(
        self, failed: Failures, matches: Matches, rows: Sequence[Row], *, run: Invocation
    ) -> Failures:
        """Keep what no program matches, settle what was kept before; return what failed."""
        kept = {row.key: row for row in rows if isinstance(row, UnmatchedSignUp)}
        places = [
            (one, one.message_id if one.message_id in kept else key_of(one))
            for one in matches.unmatched
        ]
        self._note(Traced.UNMATCHED, places, run=run)
        fresh = [one for one in matches.unmatched if one.message_id not in kept]
        if kept:
            taken = {sign_up.message_id for sign_up, _ in matches.matched}
            done = [row for key, row in kept.items() if key not in failed]
            self.unmatched.settle(done, matched=taken, run=run)
        # What was kept is in the ledger and due: it needs no redelivery.
        lost = {one: why for one, why in failed.items() if one not in kept}
        if not fresh:
            return lost
        unkept = self.unmatched.keep(fresh, run=run)
        # Last: a batch that fails before is bisected, and each sign-up counted once all the same.
        run.unmatched.extend(one.message_id for one in fresh)
        return first_of(lost, unkept)

    def _note(
        self, what: Traced, sign_ups: Sequence[tuple[SignUp, str]], *, run: Invocation
    ) -> None:
        """Note sign-ups, each with the key of its row; without the pepper there is no trace id."""
        with suppress(SecretUnavailable):  # a log line is worth no redelivery
            for one, key in sign_ups:
                run.traces.add(what, self.enrolment.trace_id(one.event), key=key)

    def _enrol(self, matched: Sequence[Matched], work: Work, *, run: Invocation) -> list[Matched]:
        """Return what must wait until this work is done: another customer has its sign-up id."""
        now = self.clock.now()
        left: list[Matched] = []
        for sign_up, programs in matched:
            for program in programs:
                if not program.issues:
                    work.watched.append((sign_up, program))
                    continue
                row = self.enrolment.enrol(sign_up, program, now=now)
                if sign_up.past:
                    row = replace(row, trail=sign_up.past)
                if work.has_for_another_customer(row):
                    left.append((sign_up, [program]))
                    continue
                work.messages[row.key].append(sign_up.message_id)
                if (first := work.first(row.key)) is not None:
                    count_duplicate(first, row, run=run)
                if row.key not in work.allowed:
                    self._gate(row, program, work)
        return left

    def _resumed(self, keys: Sequence[str], *, run: Invocation) -> list[Row]:
        """Return the stored rows that may be acted on now; the sweeper enqueues the others."""
        now = self.clock.now()
        own = own_keys(keys, *CONTINUED) if keys else []
        rows = self.ledger.read(own) if own else Rows({})
        run.broken.update(rows.broken)
        return [
            row
            for row in rows.values()
            if _is_open(row) and row.is_ready(now) and not self.after_restore.must_wait(row)
        ]

    def _gate(self, row: Enrolled, program: Program | None, work: Work) -> None:
        """Allow or refuse a row; what may have been sent is settled even if a gate refuses it."""
        reason = self.enrolment.refusal(row, program, now=self.clock.now())
        if reason is None or self._may_have_been_sent(row):
            work.allowed[row.key] = row
        else:
            work.refused.setdefault(row.key, (row, reason))

    def _may_have_been_sent(self, row: Enrolled) -> bool:
        if row.state is IssuanceState.REQUESTED:
            return True
        return isinstance(row, Issuance) and bool(self.after_restore.unsure([row]))

    def _clear(
        self, pending: Sequence[Issuance], programs: Mapping[str, Program]
    ) -> list[Issuance]:
        """Return those that may be sent without any look-up."""
        unsure = {one.key for one in self.after_restore.unsure(pending)}
        return [
            one for one in pending if one.key not in unsure and not _must_precheck(one, programs)
        ]

    def _look_up_and_request(
        self,
        issuances: Sequence[Issuance],
        known: Sequence[Known],
        programs: Mapping[str, Program],
        *,
        run: Invocation,
    ) -> None:
        """Look up which barcodes exist already, and request the others."""
        unsent = self.after_restore.look_up(issuances, known, programs, run=run)
        sure = self._still_allowed(unsent, programs, run=run)
        careful = [one for one in sure if _must_precheck(one, programs)]
        missing = self.precheck.precheck(careful, run=run) if careful else []
        self.request_barcodes.request([*_without(careful, sure), *missing], run=run)

    def _still_allowed(
        self, unsent: Sequence[Issuance], programs: Mapping[str, Program], *, run: Invocation
    ) -> list[Issuance]:
        """Apply the gates to issuances for which it is known that nothing was sent."""
        now = self.clock.now()
        reasons = [
            (one, self.enrolment.refusal(one, programs.get(one.program), now=now)) for one in unsent
        ]
        if denied := [(one, why) for one, why in reasons if why is not None]:
            self.refuse.refuse(denied, run=run)
        return [one for one, why in reasons if why is None]


def _is_open(row: Row) -> bool:
    match row:
        case Issuance() | Resolution():
            return row.state in OPEN
        case UnmatchedSignUp():
            return row.is_kept and row.due_at is not None
        case _:
            return isinstance(row, UnmatchedTally)


def _levels_of(run: Invocation, *, sign_ups: int, now: datetime) -> Mapping[Metric, float]:
    """Return the share that no program matches, and the longest wait, where there is any.

    A resolution is no issuance yet: its customer may never come to be known.
    """
    levels: dict[Metric, float] = {}
    if sign_ups:
        levels[Metric.UNMATCHED_SHARE] = 100 * len(run.unmatched) / sign_ups
    waiting = [open_since(row) or now for row in run.waiting if isinstance(row, Issuance)]
    if waiting:
        levels[Metric.LONGEST_WAIT] = (now - min(waiting)).total_seconds()
    return levels


def _message_ids(items: Sequence[Item]) -> list[str]:
    """Return the messages of sign-ups; rows are in the ledger, where the sweeper finds them."""
    return [one.message_id for one in items if isinstance(one, SignUp)]


def _without(done: Iterable[Issuance], issuances: Iterable[Issuance]) -> list[Issuance]:
    """Return the issuances whose key is not done; of several with one key, the last."""
    keys = {one.key for one in done}
    return [one for key, one in {one.key: one for one in issuances}.items() if key not in keys]


def _must_precheck(issuance: Issuance, programs: Mapping[str, Program]) -> bool:
    program = programs.get(issuance.program)
    return program is not None and program.precheck_existing and issuance.attempt == 0
