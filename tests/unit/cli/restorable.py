"""Fakes of the workers' triggers, and of tables that were restored beside the stage's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.copying import replace
from couponbus.domain.row import Row
from couponbus_cli.app.triggers import OFF, ON, Part, Trigger
from couponbus_cli.restore.table_copy import Copied
from tests.fakes.ledger import MemoryLedger

MAPPINGS = (
    ("issue_barcodes", "signups"),
    ("publish_events", "stream"),
    ("deliver_webhooks", "deliveries"),
    ("deliver_webhooks", "redeliveries"),
)


@dataclass(slots=True)
class FakeTriggers:
    """Some queues and the stream, on until they are switched off; `states` has those that are."""

    states: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The state of all of them."""
        [state] = {each.state for each in self.all()}
        return state

    @state.setter
    def state(self, state: str) -> None:
        self.states = {source: state for _, source in MAPPINGS}

    def all(self) -> Sequence[Trigger]:
        return [
            Trigger(uuid=source, worker=worker, source=source, state=self.states.get(source, ON))
            for worker, source in MAPPINGS
        ]

    def stop(self, part: Part | None = None) -> Sequence[Trigger]:
        return self._switched(OFF, part)

    def start(self, part: Part | None = None) -> Sequence[Trigger]:
        return self._switched(ON, part)

    def _switched(self, state: str, part: Part | None) -> Sequence[Trigger]:
        changed = [each for each in self.all() if part in (None, each.part) and each.state != state]
        self.states.update({each.source: state for each in changed})
        return changed


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
