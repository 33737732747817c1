"""A barcode is recorded as issued only when whoever is to be watched for it is watched."""

from collections.abc import Iterator, Sequence

from couponbus.domain.issuance import Issuance, IssuanceState
from couponbus.domain.row import Row
from couponbus.domain.watch import Watch
from couponbus.ports import Clock, Ids, Ledger, Programs
from couponbus.usecases.store import Store, Stored
from couponbus.usecases.watching import FirstLooks, Watched, Watching


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
        first_looks: FirstLooks,
    ) -> None:
        """Watch what these programs watch."""
        super().__init__(ledger=ledger, ids=ids, clock=clock)
        self._programs = programs
        self._watching = watching
        self._first_looks = first_looks

    def write(self, rows: Sequence[Row]) -> Stored:
        """Write as `Store.write` does. Raises Unavailable, ConfigurationInvalid."""
        issued = [row for row in rows if isinstance(row, Issuance) and _is_to_be_watched(row)]
        if issued:
            self._first_looks.ask_for(self._watching.begin(list(self._watches(issued))))
        return super().write(rows)

    def _watches(self, issued: Sequence[Issuance]) -> Iterator[Watch]:
        programs = {program.name: program for program in self._programs.active()}
        found: dict[str, Watch] = {}
        for row in issued:
            program = programs.get(row.program)
            for watch in self._watching.wanted(_who(row), program.watches if program else ()):
                found.setdefault(watch.key, watch)
        yield from found.values()


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
