"""Fakes of the workers' triggers, and of tables that were restored beside the stage's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.copying import replace
from couponbus.domain.row import Row
from couponbus_cli.app.triggers import OFF, ON, Trigger
from couponbus_cli.restore.table_copy import Copied
from tests.fakes.ledger import MemoryLedger


@dataclass(slots=True)
class FakeTriggers:
    """One queue and the stream, on until they are switched off."""

    state: str = ON

    def all(self) -> Sequence[Trigger]:
        return [
            Trigger(uuid=worker, worker=worker, source=source, state=self.state)
            for worker, source in (("issue_barcodes", "signups"), ("publish_events", "stream"))
        ]

    def stop(self) -> Sequence[Trigger]:
        return self._switched(OFF)

    def start(self) -> Sequence[Trigger]:
        return self._switched(ON)

    def _switched(self, state: str) -> Sequence[Trigger]:
        before = [each for each in self.all() if each.state != state]
        self.state = state
        return before


@dataclass(slots=True)
class FakeTables:
    """Restored tables by name, and the ledger into which they are copied."""

    ledger: MemoryLedger
    restored: dict[str, Mapping[str, Row]] = field(default_factory=dict)

    def fill(self, source: str, *, leap: int) -> Copied:
        gone = [key for key in self.restored[source] if key not in self.ledger.rows]
        return self._copied(source, gone, leap)

    def replace(self, source: str, *, leap: int) -> Copied:
        return self._copied(source, list(self.restored[source]), leap)

    def _copied(self, source: str, keys: Sequence[str], leap: int) -> Copied:
        found = self.restored[source]
        rows = [replace(found[key], revision=found[key].revision + leap) for key in keys]
        self.ledger.rows.update({row.key: row for row in rows})
        return Copied(read=len(found), written=len(keys))
