"""What the commands need of a stage, as protocols, and the adapters that fulfil them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cli.deployment import LambdaDeployment
from cli.ledger_scan import LedgerScan, Waiting
from cli.queues import Depth, SqsQueues
from cli.stage import Stage, target_of
from couponbus.aws.clock import SystemClock
from couponbus.aws.ids import RandomIds
from couponbus.aws.ledger import DynamoLedger
from couponbus.aws.ledger_report import Due, LedgerReport
from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.program import Program
from couponbus.domain.row import Row
from couponbus.ports import Clock, Conflict, Ids


class ProgramStore(Protocol):
    """The programs of a stage."""

    def active(self) -> Sequence[Program]:
        """Return all programs."""
        ...

    def put(self, program: Program) -> None:
        """Add it, or replace the one of its name."""
        ...

    def remove(self, name: str) -> bool:
        """Take it away; says whether it was there."""
        ...


class Rows(Protocol):
    """The rows of the ledger, by their keys."""

    def read(self, keys: Sequence[str]) -> Mapping[str, Row]:
        """Return the rows that exist."""
        ...

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store each over the revision before it."""
        ...


class Report(Protocol):
    """Questions over the whole ledger."""

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many rows there are, by kind and state."""
        ...

    def oldest_due(self) -> Due | None:
        """Return the row that is due first."""
        ...

    def of_signup(self, *, tenant: str, signup_id: str) -> Sequence[Row]:
        """Return everything that came of a sign-up."""
        ...


class Scan(Protocol):
    """Which rows wait for somebody."""

    def waiting(self) -> Waiting:
        """Return what waits."""
        ...


class Queues(Protocol):
    """The queues of a stage."""

    def depths(self) -> Sequence[Depth]:
        """Return how much waits in each."""
        ...


class Deployment(Protocol):
    """What is deployed."""

    def accounts(self) -> frozenset[str]:
        """Return the names of the Coniq accounts that can be used."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One stage, opened."""

    stage: Stage
    programs: ProgramStore
    rows: Rows
    report: Report
    scan: Scan
    queues: Queues
    deployment: Deployment
    clock: Clock
    ids: Ids


type Opener = Callable[[Stage], World]


def open_world(stage: Stage) -> World:
    """Reach a stage with this machine's credentials. Raises Failed, BotoCoreError."""
    target = target_of(stage)
    clock, client = SystemClock(), target.dynamodb()
    ledger = DynamoLedger(client=client, table=target.table, clock=clock)
    return World(
        stage=stage,
        programs=DynamoPrograms(client=client, table=target.table, clock=clock, seconds=0),
        rows=ledger,
        report=LedgerReport(client=client, table=target.table, ledger=ledger),
        scan=LedgerScan(client=client, table=target.table),
        queues=SqsQueues(client=target.sqs(), target=target),
        deployment=LambdaDeployment(client=target.functions(), target=target),
        clock=clock,
        ids=RandomIds(),
    )
