"""A stage of fakes, and a runner of the CLI on it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from typer.testing import CliRunner

from couponbus.aws.ledger.codec import sign_up_of
from couponbus.aws.ledger.report import KEPT, STATELESS, Backlogged, Due, TableSize
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.outbox.backlog import TO_AUDIT, Backlog, backlog_of
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.cohort import CohortSize, CohortSizes
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import DAY, Pace
from couponbus.domain.row import Row, Rows
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus_cli.app.queues import QUEUES, Depth
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import World
from couponbus_cli.main import app
from couponbus_cli.watch.scan import WatchFilter
from tests.fakes.callers import MemoryIgnoredCallbacks
from tests.fakes.clock import ManualClock
from tests.fakes.cohorts import grouped
from tests.fakes.history import MemoryEventLog
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.fakes.queues import MemoryCommands
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.seen_accounts import MemorySeenAccounts
from tests.fakes.signing_secrets import MemorySigningSecrets
from tests.fakes.unmatched import MemoryUnmatched
from tests.unit.cli.doctor.answering import FakeAnswers
from tests.unit.cli.logs.logged import FakeLogs
from tests.unit.cli.lookups.listing import FakeProviders
from tests.unit.cli.measurements import FakeMeasurements
from tests.unit.cli.restorable import FakeImports, FakeLeftovers, FakeLost, FakeTables, FakeTriggers


@dataclass(frozen=True, slots=True)
class FakeReport:
    """Answers from the rows in memory."""

    ledger: MemoryLedger
    failure: Exception | None = None

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for row in self.ledger.rows.values():
            kind = row.key.partition("#")[0]
            state = str(getattr(row, "state", STATELESS.get(kind, KEPT)))
            states = found.setdefault(kind, {})
            states[state] = states.get(state, 0) + 1
        return found

    def size(self) -> TableSize:
        return TableSize(rows=len(self.ledger.rows), bytes_=1000 * len(self.ledger.rows))

    def backlogs(self) -> Mapping[str, Backlogged]:
        if self.failure is not None:
            raise self.failure
        found: dict[str, list[Due]] = {each: [] for each in (*Backlog, TO_AUDIT)}
        for row in self.ledger.rows.values():
            if row.due_at is not None and (backlog := backlog_of(row)) in found:
                found[backlog].append(Due(key=row.key, due_at=row.due_at))
        return {
            backlog: Backlogged(rows=len(dues), first=sorted(dues, key=lambda due: due.due_at))
            for backlog, dues in found.items()
        }

    def of_signup(self, *, tenant: str, signup_id: str) -> Rows:
        return self.ledger.read(
            [row.key for row in self.ledger.rows.values() if sign_up_of(row) == (tenant, signup_id)]
        )

    def endpoints(self) -> Sequence[str]:
        return [row.key for row in self.ledger.rows.values() if isinstance(row, Endpoint)]

    def left_to_batches(self) -> Sequence[str]:
        return [
            key
            for key, row in self.ledger.rows.items()
            if isinstance(row, Issuance) and row.state == "REQUESTED" and row.due_at is None
        ]

    def refused(self, reason: str) -> Sequence[str]:
        return [
            key
            for key, row in self.ledger.rows.items()
            if isinstance(row, Issuance | Resolution)
            and row.state in ("REJECTED", "AMBIGUOUS", "REFUSED")
            and row.reason == reason
        ]

    def keys(self, wanted: WatchFilter, *, limit: int) -> Sequence[str]:
        equal = wanted.equal()
        return [
            key
            for key, row in self.ledger.rows.items()
            if isinstance(row, Watch) and all(getattr(row, name) == equal[name] for name in equal)
        ][:limit]


@dataclass(slots=True)
class FakeQueues:
    """Queue sizes, as a test sets them."""

    visible: dict[str, int] = field(default_factory=dict)
    failure: Exception | None = None

    def depths(self) -> Sequence[Depth]:
        if self.failure is not None:
            raise self.failure
        return [
            Depth(queue=queue, visible=self.visible.get(queue, 0), in_flight=0) for queue in QUEUES
        ]


@dataclass(frozen=True, slots=True)
class FakeRedrive:
    """Moves what `queues` counts, as far as it is asked to."""

    queues: FakeQueues

    def send_again(self, *, limit: int) -> int:
        sent = min(limit, self.queues.visible["unidentified"])
        self.queues.visible["unidentified"] -= sent
        return sent


def a_poll_account(
    provider: Provider, *, name: str = "main", calls_per_day: int | None = None
) -> PollAccount:
    return PollAccount(
        provider=provider,
        name=name,
        calls_per_second=2.0,
        calls_per_day=calls_per_day,
        max_interval_seconds=48 * 3600.0,
    )


POLLED = (a_poll_account(Provider.UNIQODO), a_poll_account(Provider.KOUPON))


@dataclass(frozen=True, slots=True)
class FakePaces:
    """The paces of the accounts of one provider, as a test sets them."""

    paces: Mapping[str, Pace]

    def pace(self, account: str) -> Pace:
        return self.paces.get(account, Pace())


@dataclass(frozen=True, slots=True)
class FakeCohorts:
    """Cohort sizes, as a test sets them; the others are small."""

    crowds: Sequence[CohortSize]
    broken: frozenset[str]

    def sizes(self) -> CohortSizes:
        return CohortSizes(groups=grouped(self.crowds), broken=self.broken)


@dataclass(slots=True)
class FakeDeployment:
    """Returns its accounts, or fails."""

    named: frozenset[str] = frozenset({"main"})
    polls: Sequence[PollAccount] = POLLED
    failure: Exception | None = None

    def accounts(self) -> frozenset[str]:
        self._fail()
        return self.named

    def polled(self) -> Sequence[PollAccount]:
        self._fail()
        return self.polls

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


@dataclass(slots=True)
class FakeStage:
    """Everything that a test may set up and inspect."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    programs: MemoryPrograms = field(default_factory=MemoryPrograms)
    seen_accounts: MemorySeenAccounts = field(default_factory=MemorySeenAccounts)
    queues: FakeQueues = field(default_factory=FakeQueues)
    deployment: FakeDeployment = field(default_factory=FakeDeployment)
    providers: FakeProviders = field(default_factory=FakeProviders)
    clock: ManualClock = field(default_factory=ManualClock)
    opened: list[Stage] = field(default_factory=list)
    polls: MemoryCommands = field(default_factory=MemoryCommands)
    redeliveries: MemoryCommands = field(default_factory=MemoryCommands)
    signing: MemorySigningSecrets = field(default_factory=MemorySigningSecrets)
    ids: CountingIds = field(default_factory=CountingIds)
    spent: dict[Provider, dict[str, int]] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)
    polled_paces: dict[Provider, dict[str, Pace]] = field(default_factory=dict)
    reports_fail: Exception | None = None
    measured: FakeMeasurements = field(default_factory=FakeMeasurements)
    crowds: list[CohortSize] = field(default_factory=list)
    unreadable: frozenset[str] = frozenset()
    callbacks: MemoryIgnoredCallbacks = field(default_factory=MemoryIgnoredCallbacks)
    triggers: FakeTriggers = field(default_factory=FakeTriggers)
    restored: dict[str, Mapping[str, Row]] = field(default_factory=dict)
    lost: FakeLost | None = None
    imports: FakeImports = field(default_factory=FakeImports)
    leftovers: FakeLeftovers = field(default_factory=FakeLeftovers)
    logs: FakeLogs = field(default_factory=FakeLogs)
    answers: FakeAnswers = field(default_factory=FakeAnswers)

    def open(self, stage: Stage) -> World:
        self.opened.append(stage)
        report = FakeReport(self.ledger, self.reports_fail)
        issuing = MemoryRateLimiter(clock=self.clock, calls_per_second={})
        issuing.paces = self.paces
        return World(
            stage=stage,
            programs=self.programs,
            seen_accounts=self.seen_accounts,
            rows=self.ledger,
            report=report,
            scan=report,
            watches=report,
            cohorts=FakeCohorts(self.crowds, self.unreadable),
            queues=self.queues,
            unidentified=FakeRedrive(self.queues),
            polls=self.polls,
            history=MemoryEventLog(self.ledger),
            unmatched=MemoryUnmatched(self.ledger),
            signing=self.signing,
            redeliveries=self.redeliveries,
            measured=self.measured,
            limiters={each: FakePaces(self._paces_of(each)) for each in Provider},
            issuing=issuing,
            callbacks=self.callbacks,
            deployment=self.deployment,
            providers=self.providers,
            triggers=self.triggers,
            tables=FakeTables(self.ledger, self.restored),
            lost=self.lost or FakeLost(self.clock),
            imports=self.imports,
            leftovers=self.leftovers,
            logs=self.logs,
            answers=self.answers,
            clock=self.clock,
            ids=self.ids,
        )

    def _paces_of(self, provider: Provider) -> Mapping[str, Pace]:
        today = int(self.clock.now().timestamp() // DAY)
        spent = self.spent.get(provider, {})
        calls = {name: Pace(day=today, calls=number) for name, number in spent.items()}
        return {**calls, **self.polled_paces.get(provider, {})}

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
    """Exit code and output of a command."""

    code: int
    out: str
    err: str
