"""The watches of an issuance, stored before the issuance is stored as ISSUED."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import program_key
from couponbus.domain.polling.watch import Watch
from couponbus.ports.issuing import Programs
from couponbus.usecases.causes import UNREADABLE_PROGRAM, Cause
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.polling.start_watches import BegunWatches, InitialPolls, Watched, Watching


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginWatches:
    """Stores the watches of issuances before the issuances themselves are stored as ISSUED.

    If the second write does not happen, a look-up finds the barcode later, and its watches are
    there already; in the other order no worker would know that they are missing.
    """

    programs: Programs
    watching: Watching
    initial_polls: InitialPolls

    def begin(
        self, rows: Sequence[Issuance], *, of: Sequence[Issuance], run: Invocation
    ) -> Sequence[Issuance]:
        """Return the rows that may be stored now; the others are held, as a watch is missing.

        `of` are the issuances that the rows were made from: those held are marked unsaved.
        Raises Unavailable.
        """
        issued = [row for row in rows if _is_to_be_watched(row)]
        if not issued:
            return rows
        watches = self._watches(issued, run=run)
        begun = self.watching.begin([*chain.from_iterable(watches.values())])
        self.initial_polls.request(begun.watches, run=run)
        _note(begun, run=run)
        held: dict[str, Cause] = {}
        for row in issued:
            if row.key not in watches:
                held[row.key] = UNREADABLE_PROGRAM
            elif any(one.key in begun.unstored for one in watches[row.key]):
                held[row.key] = begun.why_unstored(watches[row.key])
        for before in of:
            if before.key in held:
                run.mark_unsaved([before], why=held[before.key])
        return [row for row in rows if row.key not in held]

    def _watches(
        self, issued: Sequence[Issuance], *, run: Invocation
    ) -> Mapping[str, Sequence[Watch]]:
        """Return the watches of each issuance whose program can be read."""
        programs = self.programs.active()
        readable = {program.name: program for program in programs.readable}
        found: dict[str, Sequence[Watch]] = {}
        for row in issued:
            if row.program in programs.unreadable:
                run.broken.add(program_key(row.program))
                continue
            program = readable.get(row.program)
            found[row.key] = self.watching.watches_for(
                _who(row), program.watches if program else ()
            )
        return found


def _note(begun: BegunWatches, *, run: Invocation) -> None:
    run.broken.update(begun.broken)
    for new, old in begun.doubles:
        if new.trace_id != old.trace_id:
            run.traces.join(new, old)


def _is_to_be_watched(row: Issuance) -> bool:
    if row.state is not IssuanceState.ISSUED:
        return False
    return row.uniqodo_user is not None or row.koupon_consumer is not None


def _who(row: Issuance) -> Watched:
    return Watched(
        tenant=row.tenant,
        program=row.program,
        signup_id=row.signup_id,
        customer_ref=row.customer_ref,
        uniqodo_user=row.uniqodo_user,
        koupon_consumer=row.koupon_consumer,
        signed_up_at=row.signed_up_at,
        trace_id=row.trace_id,
    )
