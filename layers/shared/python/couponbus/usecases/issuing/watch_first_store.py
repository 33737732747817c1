"""A barcode is recorded as issued only when whoever is to be watched for it is watched."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import program_key
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.ports.issuing import Programs
from couponbus.ports.shared import Clock, Ids, Ledger
from couponbus.usecases.polling.start_watches import InitialPolls, Watched, Watching
from couponbus.usecases.store import Store, Stored


class WatchFirstStore(Store):
    """Stores the watches of an issuance before the issuance itself.

    Should the second write not happen, the barcode is found by a look-up later, and its watches
    are there already; the other way round, nobody would know that they are missing.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        ids: Ids,
        clock: Clock,
        programs: Programs,
        watching: Watching,
        initial_polls: InitialPolls,
    ) -> None:
        """Watch what these programs watch."""
        super().__init__(ledger=ledger, ids=ids, clock=clock)
        self._programs = programs
        self._watching = watching
        self._initial_polls = initial_polls

    def write(self, rows: Sequence[Row]) -> Stored:
        """Write as `Store.write` does; an issuance whose watches may not be stored is held.

        Raises Unavailable.
        """
        issued = [row for row in rows if isinstance(row, Issuance) and _is_to_be_watched(row)]
        if not issued:
            return super().write(rows)
        watches, broken = self._watches(issued)
        wanted: dict[str, Watch] = {}
        for one in chain.from_iterable(watches.values()):
            wanted.setdefault(one.key, one)
        begun = self._watching.begin(list(wanted.values()))
        self._initial_polls.ask_for(begun.watches)
        held = {
            row.key
            for row in issued
            if row.key not in watches or any(one.key in begun.unstored for one in watches[row.key])
        }
        stored = super().write([row for row in rows if row.key not in held])
        return replace(stored, broken=stored.broken | begun.broken | broken, held=frozenset(held))

    def _watches(
        self, issued: Sequence[Issuance]
    ) -> tuple[Mapping[str, Sequence[Watch]], frozenset[str]]:
        """Return the watches of each issuance whose program can be read, and the other programs."""
        programs = self._programs.active()
        readable = {program.name: program for program in programs.readable}
        found: dict[str, Sequence[Watch]] = {}
        for row in issued:
            if row.program not in programs.unreadable:
                program = readable.get(row.program)
                orders = program.watches if program else ()
                found[row.key] = self._watching.wanted(_who(row), orders)
        lost = {row.program for row in issued if row.key not in found}
        return found, frozenset(map(program_key, lost))


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
    )
