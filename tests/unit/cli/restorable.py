"""Fakes of the workers' triggers, and of tables that were restored beside the stage's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from couponbus.domain.copying import replace
from couponbus.domain.row import Row
from couponbus_cli.app.triggers import OFF, ON, Part, Trigger
from couponbus_cli.restore.leftovers import Adopted
from couponbus_cli.restore.lost_table import ACTIVE, Protection, Remade
from couponbus_cli.restore.stack_changes import Template
from couponbus_cli.restore.stack_import import Imported
from couponbus_cli.restore.table_copy import Copied
from tests.fakes.clock import ManualClock
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
class FakeLost:
    """A table that was deleted, and is there after some looks at it once it is restored."""

    clock: ManualClock
    looks: int = 1
    outdated: bool = False
    begun_with: list[str | None] = field(default_factory=list)
    lacking: list[str] = field(default_factory=lambda: ["stream", "TTL", "recovery", "protection"])

    def remade(self) -> Remade | None:
        if not self.begun_with:
            return None
        self.looks -= 1
        status = ACTIVE if self.looks <= 0 else "CREATING"
        to = self.clock.now() - timedelta(minutes=5)
        return Remade(status=status, to=to, outdated=self.outdated)

    def restore(self, backup: str | None) -> None:
        self.begun_with.append(backup)

    def complete(self, protection: Protection) -> Sequence[str]:
        wanted = [
            each for each in self.lacking if (protection, each) != ("unprotected", "protection")
        ]
        self.lacking = []
        return wanted


@dataclass(slots=True)
class FakeImports:
    """Counts how often the table was taken in."""

    taken: int = 0

    def take_in(self) -> Imported:
        self.taken += 1
        return Imported(stack="couponbus-local-ledger", logical_id="Table")


@dataclass(slots=True)
class FakeLeftovers:
    """Stacks of which each has a queue in the account, that no stack has until it is adopted."""

    left: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def adopt(self, templates: Mapping[str, Template]) -> Sequence[Adopted]:
        done = [
            Adopted(stack=name, discarded=name in self.failed, names=[f"queue of {name}"])
            for name in templates
            if name in self.left
        ]
        self.left -= templates.keys()
        return done


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
