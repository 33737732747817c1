"""Protocols of what commands need from a stage, and the adapters that implement them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from couponbus.aws.clock import RandomIds
from couponbus.aws.inbound.ignored_callbacks import DynamoIgnoredCallbacks
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.report import LedgerReport
from couponbus.aws.ledger.unmatched_index import DynamoUnmatched
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.programs import DynamoPrograms
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.aws.seen_accounts import DynamoSeenAccounts
from couponbus.aws.webhooks.event_log import DynamoEventLog
from couponbus.aws.webhooks.signing_keys import SigningSecrets
from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from couponbus.ports.inbound import IgnoredCallbackCounts
from couponbus.ports.shared import Clock, Commands, Ids, Ledger
from couponbus.ports.webhooks import DeliveryQueue, EventLog
from couponbus_cli.app.deployment import LambdaDeployment
from couponbus_cli.app.queues import (
    Depth,
    SqsPolls,
    SqsQueues,
    SqsRedeliveries,
    SqsUnidentified,
)
from couponbus_cli.app.readers import (
    CohortRegister,
    Measurements,
    Report,
    Scan,
    Unmatched,
    Watches,
)
from couponbus_cli.app.stage import Stage, target_of
from couponbus_cli.app.triggers import LambdaTriggers, Trigger
from couponbus_cli.endpoints.signing_secrets import PART, Change, StoredSigningSecrets
from couponbus_cli.logs.log_groups import LogGroups, Logs
from couponbus_cli.lookups.provider_calls import ProviderCalls, StageCalls
from couponbus_cli.restore.table_copy import Copied, TableCopy
from couponbus_cli.status.cloudwatch import CloudWatch
from couponbus_cli.status.ledger_scan import LedgerScan
from couponbus_cli.watch.scan import WatchScan


class ProgramStore(Protocol):
    """The programs of a stage."""

    def active(self) -> ProgramsInForce:
        """Return all programs."""
        ...

    def put(self, program: Program) -> None:
        """Add a program, or replace the one with its name."""
        ...

    def remove(self, name: str) -> bool:
        """Remove a program; returns whether it existed."""
        ...


class SeenAccounts(Protocol):
    """The accounts that were ever seen deployed on a stage, each as `provider/id`."""

    def all(self) -> frozenset[str]:
        """Return all of them."""
        ...

    def see(self, ids: Collection[str]) -> None:
        """Add these."""
        ...

    def forget(self, ids: Collection[str]) -> None:
        """Remove these."""
        ...


class Queues(Protocol):
    """The queues of a stage."""

    def depths(self) -> Sequence[Depth]:
        """Return the depth of each."""
        ...


class Redrive(Protocol):
    """The messages in which no sign-up id was read."""

    def send_again(self, *, limit: int) -> int:
        """Send up to `limit` to `signups` again; returns how many."""
        ...


class Deployment(Protocol):
    """The settings of the deployed functions."""

    def accounts(self) -> frozenset[str]:
        """Return the names of the Coniq accounts that can be used."""
        ...

    def polled(self) -> Sequence[PollAccount]:
        """Return the accounts whose redemptions are polled."""
        ...


class Spending(Protocol):
    """The rate limiter of each account of a provider."""

    def pace(self, account: str) -> Pace:
        """Return its present state."""
        ...


class Paces(Spending, Protocol):
    """The rate limiter and the brake of each Coniq account."""

    def change(self, account: str, change: Callable[[Pace], Pace]) -> Pace:
        """Change it by compare-and-swap, retried on conflict; returns the result."""
        ...


class Signing(Protocol):
    """The endpoints' signing secrets."""

    def read(self) -> SigningSecrets:
        """Return all of them."""
        ...

    def change(self, change: Change) -> SigningSecrets:
        """Store the changed secrets; never overwrites what another operator stored meanwhile."""
        ...


class Triggers(Protocol):
    """The event source mappings of the workers."""

    def all(self) -> Sequence[Trigger]:
        """Return all of them."""
        ...

    def stop(self) -> Sequence[Trigger]:
        """Disable them; returns those that were enabled."""
        ...

    def start(self) -> Sequence[Trigger]:
        """Enable them; returns those that were disabled."""
        ...


class Tables(Protocol):
    """Copies a restored table into the stage's own."""

    def fill(self, source: str, *, leap: int) -> Copied:
        """Write the items that are missing."""
        ...

    def replace(self, source: str, *, leap: int) -> Copied:
        """Write all items."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One stage, opened."""

    stage: Stage
    programs: ProgramStore
    seen_accounts: SeenAccounts
    rows: Ledger
    report: Report
    scan: Scan
    watches: Watches
    cohorts: CohortRegister
    queues: Queues
    unidentified: Redrive
    polls: Commands
    history: EventLog
    unmatched: Unmatched
    measured: Measurements
    signing: Signing
    redeliveries: DeliveryQueue
    limiters: Mapping[Provider, Spending]
    issuing: Paces
    callbacks: IgnoredCallbackCounts
    deployment: Deployment
    providers: ProviderCalls
    triggers: Triggers
    tables: Tables
    logs: Logs
    clock: Clock
    ids: Ids


type Opener = Callable[[Stage], World]


def open_world(stage: Stage) -> World:
    """Open a stage with this machine's credentials. Raises Failed, BotoCoreError."""
    target = target_of(stage)
    clock, client, sqs = target.clock, target.dynamodb(), target.sqs()
    functions = target.functions()
    deployment = LambdaDeployment(client=functions, target=target)
    ledger = DynamoLedger(client=client, table=target.table, clock=clock)
    limiters = {
        provider: DynamoRateLimiter(
            client=client, table=target.table, clock=clock, provider=provider, limits={}
        )
        for provider in Provider
    }
    return World(
        stage=stage,
        programs=DynamoPrograms(client=client, table=target.table, clock=clock, seconds=0),
        seen_accounts=DynamoSeenAccounts(client=client, table=target.table),
        rows=ledger,
        report=LedgerReport(client=client, table=target.table, ledger=ledger),
        scan=LedgerScan(client=client, table=target.table),
        watches=WatchScan(client=client, table=target.table),
        cohorts=DynamoCohorts(client=client, table=target.table),
        queues=SqsQueues(client=sqs, target=target),
        unidentified=SqsUnidentified(client=sqs, target=target, clock=clock),
        polls=SqsPolls(client=sqs, target=target, clock=clock),
        history=DynamoEventLog(client=client, table=target.table),
        unmatched=DynamoUnmatched(client=client, table=target.table),
        measured=CloudWatch(target=target),
        signing=StoredSigningSecrets(
            client=target.secrets(), secret_id=target.secret(PART), clock=clock
        ),
        redeliveries=SqsRedeliveries(client=sqs, target=target, clock=clock),
        limiters=limiters,
        issuing=DynamoRateLimiter(
            client=client, table=target.table, clock=clock, provider="coniq", limits={}
        ),
        callbacks=DynamoIgnoredCallbacks(client=client, table=target.table, clock=clock),
        deployment=deployment,
        providers=StageCalls(target=target, deployment=deployment),
        triggers=LambdaTriggers(client=functions, target=target, clock=clock),
        tables=TableCopy(client=client, table=target.table),
        logs=LogGroups(target=target),
        clock=clock,
        ids=RandomIds(),
    )
