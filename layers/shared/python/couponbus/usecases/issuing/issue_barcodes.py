"""From a batch of messages to barcodes: each owed once, each message accounted for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program, program_key
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.domain.row import Row, Rows
from couponbus.domain.tenancy import Tenancy
from couponbus.ports.shared import Clock, Ledger
from couponbus.usecases.bisecting import bisect_batch
from couponbus.usecases.invocation import BatchResult, Invocation
from couponbus.usecases.issuing.after_restore import AfterRestore
from couponbus.usecases.issuing.enrolment import Enrolled, Enrolment, in_force
from couponbus.usecases.issuing.matching import Matches, Matching, Wanted
from couponbus.usecases.issuing.precheck import Precheck
from couponbus.usecases.issuing.reconcile import Reconcile
from couponbus.usecases.issuing.refuse import Refuse, Refused
from couponbus.usecases.issuing.request_barcodes import RequestBarcodes
from couponbus.usecases.issuing.resolve_customers import ResolveCustomers
from couponbus.usecases.issuing.sign_up_messages import SignUp, sort_messages
from couponbus.usecases.issuing.unmatched_sign_ups import UnmatchedSignUps, sign_ups_of
from couponbus.usecases.issuing.watching_only import Wanted as Watched
from couponbus.usecases.issuing.watching_only import WatchingOnly
from couponbus.usecases.messages import Message
from couponbus.usecases.metrics import Metric
from couponbus.usecases.quarantine import InvalidMessages

type Item = SignUp | str  # a sign-up, or the key of a row to go on with

OPEN = (IssuanceState.PENDING, IssuanceState.REQUESTED, ResolutionState.WAITING)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a batch asks for: one row for each key, and the messages that asked for it."""

    allowed: dict[str, Enrolled] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    watched: list[Watched] = field(default_factory=list)
    messages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.allowed or self.refused or self.watched)

    def has_for_another_customer(self, row: Enrolled) -> bool:
        """Whether the key of a sign-up that waits for its customer is taken by another one's."""
        refused = self.refused.get(row.key)
        first = self.allowed.get(row.key) or (refused[0] if refused else None)
        if not isinstance(first, Resolution) or not isinstance(row, Resolution):
            return False
        return row.is_of_another_customer(first)


class IssueBarcodes:
    """The main job; any step may be the last one reached (docs/reliability.md#issuance-states)."""

    def __init__(  # noqa: PLR0913 - one collaborator for each step
        self,
        *,
        ledger: Ledger,
        clock: Clock,
        matching: Matching,
        unmatched: UnmatchedSignUps,
        enrolment: Enrolment,
        invalid_messages: InvalidMessages,
        refuse: Refuse,
        resolve_customers: ResolveCustomers,
        reconcile: Reconcile,
        after_restore: AfterRestore,
        precheck: Precheck,
        request_barcodes: RequestBarcodes,
        watching_only: WatchingOnly,
        tenancy: Tenancy,
    ) -> None:
        """Do the job with these; `assembly.issue_barcodes` puts them together."""
        self._ledger = ledger
        self._clock = clock
        self._matching = matching
        self._unmatched = unmatched
        self._enrolment = enrolment
        self._invalid_messages = invalid_messages
        self._refuse = refuse
        self._resolve_customers = resolve_customers
        self._reconcile = reconcile
        self._after_restore = after_restore
        self._precheck = precheck
        self._request_barcodes = request_barcodes
        self._watching_only = watching_only
        self._tenancy = tenancy

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        """Do what can be done before `deadline`, the end of the invocation."""
        run, arrived = Invocation(deadline=deadline), self._clock.now()
        arrivals = sort_messages(messages, tenancy=self._tenancy)
        run.count(Metric.SIGN_UPS, len(arrivals.sign_ups))
        failed = self._invalid_messages.quarantine(arrivals.invalid, run=run)
        keys = dict.fromkeys(key for command in arrivals.commands for key in command.keys)
        items: list[Item] = [*arrivals.sign_ups, *keys]
        work = partial(self._work, arrived=arrived, run=run)
        failed += bisect_batch(items, work, failed=_message_ids, run=run)
        return run.report(failed=failed)

    def _work(self, items: Sequence[Item], *, arrived: datetime, run: Invocation) -> list[str]:
        """Return the messages of which something may not be in the ledger."""
        sign_ups = [one for one in items if isinstance(one, SignUp)]
        rows = self._taken_up([one for one in items if isinstance(one, str)], run=run)
        kept = [row for row in rows if isinstance(row, UnmatchedSignUp)]
        self._unmatched.close([row for row in rows if isinstance(row, UnmatchedTally)], run=run)
        matches = self._matching.match([*sign_ups, *sign_ups_of(kept)], arrived=arrived)
        run.broken.update(map(program_key, matches.unreadable))
        failed = [one.message_id for one in matches.undecided]
        work, wanted = _Work(), matches.wanted
        for row in rows:
            # Those of a program that cannot be read stay as they are: the sweeper brings them.
            if isinstance(row, Issuance | Resolution) and row.program not in matches.unreadable:
                owed = in_force(row, matches.programs, now=self._clock.now())
                self._gate(owed, matches.programs.get(owed.program), work)
        while wanted or work.is_any:
            wanted = self._enrol(wanted, work, run=run)
            failed += self._done(work, matches.programs, run=run)
            work = _Work()
        return self._concluded(list(dict.fromkeys(failed)), matches, kept, run=run)

    def _done(self, work: _Work, programs: Mapping[str, Program], *, run: Invocation) -> list[str]:
        """Do what is asked for, and return the messages of which something may not be stored."""
        self._refuse.refuse(
            [one for key, one in work.refused.items() if key not in work.allowed], run=run
        )
        unwatched = self._watching_only.watch(work.watched, run=run)
        self._carry(list(work.allowed.values()), programs, run=run)
        lost = (work.messages.get(key, ()) for key in sorted(run.unsaved))
        return [*unwatched, *(one for messages in lost for one in messages)]

    def _concluded(
        self,
        failed: Sequence[str],
        matches: Matches,
        kept: Sequence[UnmatchedSignUp],
        *,
        run: Invocation,
    ) -> list[str]:
        """Store what no program wants, and what came of what was kept; return what failed."""
        again = {row.key for row in kept}
        fresh = [one for one in matches.unmatched if one.message_id not in again]
        taken = {sign_up.message_id for sign_up, _ in matches.wanted}
        done = [row for row in kept if row.key not in failed]
        self._unmatched.settle(done, matched=taken, run=run)
        # What was kept is in the ledger and due: it needs no message to come again.
        lost = [one for one in failed if one not in again]
        return [*lost, *self._unmatched.keep(fresh, run=run)]

    def _enrol(self, wanted: Sequence[Wanted], work: _Work, *, run: Invocation) -> list[Wanted]:
        """Return what must wait until this work is done: its sign-up id is another customer's."""
        now = self._clock.now()
        left: list[Wanted] = []
        for sign_up, matching in wanted:
            for program in matching:
                if not program.issues:
                    work.watched.append((sign_up, program))
                    continue
                row = self._enrolment.enrol(sign_up.event, program, now=now)
                if sign_up.past:
                    row = replace(row, trail=sign_up.past)
                if work.has_for_another_customer(row):
                    left.append((sign_up, [program]))
                    continue
                work.messages[row.key].append(sign_up.message_id)
                if row.key in work.allowed:
                    _count_double(work.allowed[row.key], row, run=run)
                else:
                    self._gate(row, program, work)
        return left

    def _taken_up(self, keys: Sequence[str], *, run: Invocation) -> list[Row]:
        """Return the stored rows that may be acted on now; the sweeper brings the others again."""
        now = self._clock.now()
        rows = self._ledger.read(keys) if keys else Rows({})
        run.broken.update(rows.broken)
        return [
            row
            for row in rows.values()
            if _is_open(row) and row.is_ready(now) and not self._must_wait(row)
        ]

    def _must_wait(self, row: Row) -> bool:
        """Say whether a row may have been forgotten by a restore that is not over."""
        return isinstance(row, Issuance | Resolution) and self._after_restore.must_wait(row)

    def _gate(self, row: Enrolled, program: Program | None, work: _Work) -> None:
        """Let a row pass or not; what may have been sent is settled whatever a gate says."""
        reason = self._enrolment.refusal(row, program, now=self._clock.now())
        if reason is None or self._may_have_been_sent(row):
            work.allowed[row.key] = row
        else:
            work.refused.setdefault(row.key, (row, reason))

    def _may_have_been_sent(self, row: Enrolled) -> bool:
        if row.state is IssuanceState.REQUESTED:
            return True
        return isinstance(row, Issuance) and bool(self._after_restore.unsure([row]))

    def _carry(
        self, rows: Sequence[Enrolled], programs: Mapping[str, Program], *, run: Invocation
    ) -> None:
        """Ask for what is clear first; then find out what is not, and ask for that too."""
        issuances = _fresh_first(row for row in rows if isinstance(row, Issuance))
        pending = [one for one in issuances if one.state is IssuanceState.PENDING]
        requested = [one for one in issuances if one.state is IssuanceState.REQUESTED]
        resolutions = [row for row in rows if isinstance(row, Resolution)]
        unsure = {one.key for one in self._after_restore.unsure(pending)}
        clear = [
            one for one in pending if one.key not in unsure and not _looks_first(one, programs)
        ]
        self._request_barcodes.request(clear, run=run)
        known = self._resolve_customers.resolve(resolutions, programs, run=run)
        released = self._reconcile.reconcile(requested, run=run)
        done = {one.key for one in clear}
        left = {one.key: one for _, one in known} | {one.key: one for one in (*pending, *released)}
        rest = [one for key, one in left.items() if key not in done]
        unsent = self._after_restore.look_up(rest, known, programs, run=run)
        sure = self._still_allowed(unsent, programs, run=run)
        careful = [one for one in sure if _looks_first(one, programs)]
        plain = [one for one in sure if not _looks_first(one, programs)]
        missing = self._precheck.precheck(careful, run=run)
        self._request_barcodes.request([*plain, *missing], run=run)
        self._resolve_customers.conclude(known, run=run)

    def _still_allowed(
        self, unsent: Sequence[Issuance], programs: Mapping[str, Program], *, run: Invocation
    ) -> list[Issuance]:
        """Let the gates speak of those of which it is known that nothing was sent for them."""
        now = self._clock.now()
        reasons = [
            (one, self._enrolment.refusal(one, programs.get(one.program), now=now))
            for one in unsent
        ]
        self._refuse.refuse([(one, why) for one, why in reasons if why is not None], run=run)
        return [one for one, why in reasons if why is None]


def _is_open(row: Row) -> bool:
    match row:
        case Issuance() | Resolution():
            return row.state in OPEN
        case UnmatchedSignUp():
            return row.is_kept and row.due_at is not None
        case _:
            return isinstance(row, UnmatchedTally)


def _message_ids(items: Sequence[Item]) -> list[str]:
    """Return the messages of sign-ups; rows are in the ledger and come again by themselves."""
    return [one.message_id for one in items if isinstance(one, SignUp)]


def _count_double(first: Enrolled, second: Enrolled, *, run: Invocation) -> None:
    run.count(Metric.DUPLICATES)
    if isinstance(first, Issuance) and isinstance(second, Issuance):
        run.count(Metric.CONFLICTING, int(first.channel is not second.channel))


def _fresh_first(issuances: Iterable[Issuance]) -> list[Issuance]:
    """A backlog in the same batch may take all the time: the ledger holds it, and it waits on."""
    return sorted(issuances, key=lambda one: one.revision > 0)


def _looks_first(issuance: Issuance, programs: Mapping[str, Program]) -> bool:
    program = programs.get(issuance.program)
    return program is not None and program.precheck_existing and issuance.attempt == 0
