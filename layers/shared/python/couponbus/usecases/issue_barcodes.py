"""From a batch of messages to barcodes: each owed once, each message accounted for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.errors import Unavailable
from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.program import Program
from couponbus.domain.resolution import Resolution, ResolutionState
from couponbus.ports import Clock, Ledger, Programs
from couponbus.usecases.enrolment import Enrolled, Enrolment
from couponbus.usecases.intake import Message, SignUp, sort_messages
from couponbus.usecases.prechecking import Prechecking
from couponbus.usecases.reconciling import Reconciling
from couponbus.usecases.refusing import Refused, Refusing
from couponbus.usecases.requesting import Requesting
from couponbus.usecases.resolving import Resolving
from couponbus.usecases.round import Round
from couponbus.usecases.setting_aside import SettingAside
from couponbus.usecases.tally import Count

OPEN = (IssuanceState.PENDING, IssuanceState.REQUESTED, ResolutionState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReport:
    """Which messages must come again, and what was counted."""

    failed: Sequence[str]
    tally: Mapping[Count, int]


@dataclass(frozen=True, slots=True)
class _Work:
    """What a batch asks for: one row for each key, and the messages that asked for it."""

    allowed: dict[str, Enrolled] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    messages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class IssueBarcodes:
    """The main job; every step may be the last one that is reached (RELIABILITY 5, 6.1)."""

    def __init__(  # noqa: PLR0913 - one collaborator for each step
        self,
        *,
        ledger: Ledger,
        programs: Programs,
        clock: Clock,
        enrolment: Enrolment,
        setting_aside: SettingAside,
        refusing: Refusing,
        resolving: Resolving,
        reconciling: Reconciling,
        prechecking: Prechecking,
        requesting: Requesting,
    ) -> None:
        """Do the job with these; `assembly.issue_barcodes` puts them together."""
        self._ledger = ledger
        self._programs = programs
        self._clock = clock
        self._enrolment = enrolment
        self._setting_aside = setting_aside
        self._refusing = refusing
        self._resolving = resolving
        self._reconciling = reconciling
        self._prechecking = prechecking
        self._requesting = requesting

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> IssueReport:
        """Do what can be done before `deadline`, the end of the invocation."""
        turn = Round(deadline=deadline)
        arrivals = sort_messages(messages)
        failed = self._setting_aside.set_aside(arrivals.unusable, turn=turn)
        keys = [key for command in arrivals.commands for key in command.keys]
        try:
            failed += self._work(arrivals.sign_ups, keys, turn=turn)
        except Unavailable:
            failed += [sign_up.message_id for sign_up in arrivals.sign_ups]
        return IssueReport(failed=failed, tally=turn.tally)

    def _work(self, sign_ups: Sequence[SignUp], keys: Sequence[str], *, turn: Round) -> list[str]:
        """Return the messages of which something may not be in the ledger."""
        programs = {program.name: program for program in self._programs.active()}
        work = _Work()
        self._enrol(sign_ups, programs, work, turn=turn)
        self._take_up(keys, programs, work)
        self._refusing.refuse(
            [one for key, one in work.refused.items() if key not in work.allowed], turn=turn
        )
        self._carry(list(work.allowed.values()), programs, turn=turn)
        lost = (work.messages.get(key, ()) for key in sorted(turn.lost))
        return list(dict.fromkeys(message for messages in lost for message in messages))

    def _enrol(
        self,
        sign_ups: Sequence[SignUp],
        programs: Mapping[str, Program],
        work: _Work,
        *,
        turn: Round,
    ) -> None:
        now = self._clock.now()
        turn.count(Count.SIGN_UPS, len(sign_ups))
        for sign_up in sign_ups:
            matching = self._enrolment.matching(sign_up, list(programs.values()))
            turn.count(Count.UNMATCHED, int(not matching))
            for program in matching:
                row = self._enrolment.enrol(sign_up.event, program, now=now)
                turn.count(Count.DUPLICATES, int(row.key in work.allowed))
                work.messages[row.key].append(sign_up.message_id)
                self._gate(row, program, work)

    def _take_up(self, keys: Sequence[str], programs: Mapping[str, Program], work: _Work) -> None:
        """Add the stored rows that may be acted on now; the sweeper brings the others again."""
        now = self._clock.now()
        rows = self._ledger.read(list(dict.fromkeys(keys))) if keys else {}
        for row in rows.values():
            if isinstance(row, Issuance | Resolution) and row.state in OPEN and row.is_ready(now):
                self._gate(row, programs.get(row.program), work)

    def _gate(self, row: Enrolled, program: Program | None, work: _Work) -> None:
        """Let a row pass or not; an attempt that was made is settled whatever a gate says."""
        reason = self._enrolment.refusal(row, program, now=self._clock.now())
        if reason is None or row.state is IssuanceState.REQUESTED:
            work.allowed[row.key] = row
        else:
            work.refused[row.key] = (row, reason)

    def _carry(
        self, rows: Sequence[Enrolled], programs: Mapping[str, Program], *, turn: Round
    ) -> None:
        """Resolve, reconcile, look before asking, ask."""
        resolutions = [row for row in rows if isinstance(row, Resolution)]
        known = self._resolving.resolve(resolutions, programs, turn=turn)
        issuances = [row for row in rows if isinstance(row, Issuance)]
        requested = [one for one in issuances if one.state is IssuanceState.REQUESTED]
        pending = [one for one in issuances if one.state is IssuanceState.PENDING]
        again = self._reconciling.reconcile(requested, turn=turn)
        wanted = {one.key: one for one in (*(issuance for _, issuance in known), *again, *pending)}
        careful = [one for one in wanted.values() if _looks_first(one, programs)]
        plain = [one for one in wanted.values() if not _looks_first(one, programs)]
        missing = self._prechecking.precheck(careful, turn=turn)
        self._requesting.request([*plain, *missing], turn=turn)
        self._resolving.conclude(known, turn=turn)


def _looks_first(issuance: Issuance, programs: Mapping[str, Program]) -> bool:
    program = programs.get(issuance.program)
    return program is not None and program.precheck_existing and issuance.attempt == 0
