"""A stage of fakes, and the command run on it as from a shell."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from typer.testing import CliRunner

from cli.ledger_scan import Waiting
from cli.main import app
from cli.queues import QUEUES, Depth
from cli.stage import Stage
from cli.world import World
from couponbus.aws.ledger_report import Due
from couponbus.domain.issuance import Issuance
from couponbus.domain.rejection import Rejection
from couponbus.domain.resolution import Resolution
from couponbus.domain.row import Row
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms


@dataclass(frozen=True, slots=True)
class FakeReport:
    """Answers from the rows in memory."""

    ledger: MemoryLedger

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for row in self.ledger.rows.values():
            state = row.state.value if isinstance(row, Issuance | Resolution) else "REJECTED"
            states = found.setdefault(row.key.partition("#")[0], {})
            states[state] = states.get(state, 0) + 1
        return found

    def oldest_due(self) -> Due | None:
        rows = self.ledger.rows.values()
        dues = [Due(key=row.key, due_at=row.due_at) for row in rows if row.due_at is not None]
        return min(dues, key=lambda due: due.due_at, default=None)

    def of_signup(self, *, tenant: str, signup_id: str) -> Sequence[Row]:
        return [
            row
            for row in self.ledger.rows.values()
            if isinstance(row, Issuance | Resolution | Rejection)
            and (row.tenant, row.signup_id) == (tenant, signup_id)
        ]

    def waiting(self) -> Waiting:
        rows = self.ledger.rows.values()
        return Waiting(
            ambiguous=sorted(
                row.issuance_id
                for row in rows
                if isinstance(row, Issuance) and row.state == "AMBIGUOUS"
            ),
            unpublished=sum(row.unpublished for row in rows),
        )


@dataclass(slots=True)
class FakeQueues:
    """Each queue has as many messages as a test says."""

    visible: dict[str, int] = field(default_factory=dict)

    def depths(self) -> Sequence[Depth]:
        return [
            Depth(queue=queue, visible=self.visible.get(queue, 0), in_flight=0) for queue in QUEUES
        ]


@dataclass(slots=True)
class FakeDeployment:
    """Knows its accounts, or fails."""

    named: frozenset[str] = frozenset({"main"})
    failure: Exception | None = None

    def accounts(self) -> frozenset[str]:
        if self.failure is not None:
            raise self.failure
        return self.named


@dataclass(slots=True)
class FakeStage:
    """Everything that a test may set up and look at afterwards."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    programs: MemoryPrograms = field(default_factory=MemoryPrograms)
    queues: FakeQueues = field(default_factory=FakeQueues)
    deployment: FakeDeployment = field(default_factory=FakeDeployment)
    clock: ManualClock = field(default_factory=ManualClock)
    opened: list[Stage] = field(default_factory=list)

    def open(self, stage: Stage) -> World:
        self.opened.append(stage)
        report = FakeReport(self.ledger)
        return World(
            stage=stage,
            programs=self.programs,
            rows=self.ledger,
            report=report,
            scan=report,
            queues=self.queues,
            deployment=self.deployment,
            clock=self.clock,
            ids=CountingIds(),
        )

    def run(self, *arguments: str, typed: str = "") -> "Outcome":
        """Run `couponbus` with these arguments."""
        result = CliRunner().invoke(app, arguments, input=typed, obj=self.open)
        return Outcome(code=result.exit_code, out=result.stdout, err=result.stderr)

    def run_json(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """Run it with --json and read the answer."""
        outcome = self.run(*arguments, "--json")
        return outcome.code, cast("dict[str, object]", json.loads(outcome.out))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a shell would see."""

    code: int
    out: str
    err: str
