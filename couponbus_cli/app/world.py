"""Protocols of what commands need from a stage."""

# The annotations name what only an opened stage needs.
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from couponbus.aws.webhooks.signing_keys import SigningSecrets
    from couponbus.domain.issuing.program import Program, ProgramsInForce
    from couponbus.domain.polling.budget import PollAccount
    from couponbus.domain.provider import Provider
    from couponbus.domain.rate_limit import Pace
    from couponbus.ports.inbound import IgnoredCallbackCounts
    from couponbus.ports.shared import Clock, Commands, Ids, Ledger
    from couponbus.ports.webhooks import DeliveryQueue
    from couponbus_cli.app.queues import Depth
    from couponbus_cli.app.readers import (
        CohortRegister,
        History,
        Measurements,
        Report,
        Scan,
        Unmatched,
        Watches,
    )
    from couponbus_cli.app.stage import Stage
    from couponbus_cli.app.triggers import Part, Trigger
    from couponbus_cli.doctor.answers import Answers
    from couponbus_cli.endpoints.signing_secrets import Change
    from couponbus_cli.logs.log_groups import Logs
    from couponbus_cli.lookups.provider_calls import ProviderCalls
    from couponbus_cli.restore.leftovers import Adopted
    from couponbus_cli.restore.lost_table import Protection, Remade
    from couponbus_cli.restore.stack_changes import Template
    from couponbus_cli.restore.stack_import import Imported
    from couponbus_cli.restore.table_copy import Copied


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

    def stop(self, part: Part | None = None) -> Sequence[Trigger]:
        """Disable those of a part, or all; returns those that were enabled."""
        ...

    def start(self, part: Part | None = None) -> Sequence[Trigger]:
        """Enable those of a part, or all; returns those that were disabled."""
        ...


class Tables(Protocol):
    """Copies a restored table into the stage's own."""

    def fill(self, source: str, *, leap: int) -> Copied:
        """Write the items that are missing."""
        ...

    def replace(self, source: str, *, leap: int) -> Copied:
        """Write all items."""
        ...


class Lost(Protocol):
    """Makes a table again that was deleted."""

    def remade(self) -> Remade | None:
        """Return the restored table, None where there is none."""
        ...

    def restore(self, backup: str | None) -> None:
        """Begin to restore this backup, or the one of the table as it was deleted."""
        ...

    def complete(self, protection: Protection) -> Sequence[str]:
        """Set what a restored table lacks; returns what that was."""
        ...


class Imports(Protocol):
    """Brings a table that was made again into its stack."""

    def take_in(self) -> Imported:
        """Import it, and return where it is."""
        ...


class Adopting(Protocol):
    """Takes into the stacks what an earlier deployment of the stage left behind."""

    def adopt(self, templates: Mapping[str, Template]) -> Sequence[Adopted]:
        """Take in what these templates name and no stack has, by the names of the stacks."""
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
    history: History
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
    lost: Lost
    imports: Imports
    leftovers: Adopting
    logs: Logs
    answers: Answers
    clock: Clock
    ids: Ids


type Opener = Callable[[Stage], World]


def open_world(stage: Stage) -> World:
    """Open a stage with this machine's credentials. Raises Failed, BotoCoreError."""
    # boto3 and the adapters would cost each usage error and each help their start.
    from couponbus_cli.app.opening import opened  # noqa: PLC0415

    return opened(stage)
