"""What the use cases need from the world; adapters in `aws` and `providers` fulfil it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from couponbus.domain.attempt import BatchAnswer, Health
from couponbus.domain.barcode import Barcode, BarcodeRequest
from couponbus.domain.brake import Finding
from couponbus.domain.breaker import Purpose
from couponbus.domain.cohort import Cohort, CohortSizes, Member, Span
from couponbus.domain.issuance import Issuance
from couponbus.domain.pacing import Busy, Lease, Outlook
from couponbus.domain.program import ProgramsInForce
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row, Rows
from couponbus.domain.sight import Sight
from couponbus.events.base import Command, PublishedEvent
from couponbus.events.commands import QuarantineLetter


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Return the present, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class Ids(Protocol):
    """The only source of names that nobody else has."""

    def new(self) -> str:
        """Return an id that was never returned before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A row that was not written, and what stands in its place (None: nothing)."""

    attempted: Row
    stored: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePage:
    """Some keys of a backlog, perhaps none, and where it goes on (None: this was the last page)."""

    keys: Sequence[str]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuancePage:
    """Some issuances, perhaps none, and where the table goes on (None: this was the last page)."""

    issuances: Sequence[Issuance]
    broken: frozenset[str]
    after: str | None


class Ledger(Protocol):
    """The truth: rows that change only from the revision that the writer has seen."""

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store each row whose predecessor (revision - 1; 0 means absent) is what is stored.

        Rows have distinct keys. A conflict of one row does not hold back the others.
        Raises RowsBroken for those that can never be stored, or that stand in conflict with what
        cannot be read, when all others are stored or in conflict; LedgerUnavailable when the fate
        of any other row is not known.
        """
        ...

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store all of these rows, at most 100, as `write` would, or none of them.

        Returns the conflicts that kept all from being stored. Raises RowsBroken when some can
        never be stored and so none is, LedgerUnavailable when it is not known what happened.
        """
        ...

    def read(self, keys: Sequence[str]) -> Rows:
        """Return the rows that exist, as of now (consistent); `broken` has those it cannot read.

        Raises LedgerUnavailable.
        """
        ...

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        """Return keys of rows of a backlog with due_at <= now, behind `after` of another page.

        A hint that may lag behind the rows. Raises LedgerUnavailable.
        """
        ...

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        """Return some of the issuances behind `after` of another page, in the order of the table.

        Looks at up to `limit` rows of any kind, and may lag behind; `broken` has the keys of those
        that cannot be read. Raises LedgerUnavailable.
        """
        ...


class Programs(Protocol):
    """The programs in force; may be some seconds old."""

    def active(self, *, since: datetime | None = None) -> ProgramsInForce:
        """Return all programs by name; with `since`, as they were at that moment or later.

        One that cannot be read, or whose pattern cannot be used, is named beside the others.
        Raises LedgerUnavailable.
        """
        ...


class Barcodes(Protocol):
    """Coniq, account by account; see `domain.attempt` for what a POST can have done."""

    def issue(
        self, *, account: str, requests: Sequence[BarcodeRequest], deadline: datetime
    ) -> BatchAnswer:
        """Send one POST for these requests, once, and say what it did; never raises."""
        ...

    def find(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        """Return what the provider has that may belong to this request. Raises ProviderError."""
        ...

    def existing(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        """Return all barcodes of this customer for this offer, whoever had them issued.

        Raises ProviderError.
        """
        ...

    def find_customer(self, *, account: str, email: str, deadline: datetime) -> int | None:
        """Return the customer with this e-mail, None while unknown. Raises ProviderError."""
        ...


class CallBudget(Protocol):
    """The pace that all workers of an account share, with its circuit breakers and its brake."""

    def lease(
        self,
        *,
        account: str,
        calls: int,
        within: float,
        purpose: Purpose = Purpose.QUESTION,
        items: int = 0,
    ) -> Lease | Busy:
        """Take up to `calls` slots that start at most `within` seconds from now.

        With them so many `items` are posted, or one while the lease is troubled.
        Raises LedgerUnavailable: without a slot nothing is sent.
        """
        ...

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        """Return from when on calls may be sent, as of now (consistent), without taking a slot.

        Raises LedgerUnavailable.
        """
        ...

    def report(self, *, lease: Lease, health: Health, retry_after: float | None) -> None:
        """Say how a call went; costs nothing while all is well. Never raises."""
        ...

    def note(self, *, lease: Lease, finding: Finding) -> bool:
        """Count what an answer to a POST shows; costs nothing while all is well. Never raises.

        Returns whether the account is braked by it.
        """
        ...

    def spent(self, account: str) -> int:
        """Return how many calls were leased since the last midnight (UTC).

        Raises LedgerUnavailable.
        """
        ...


class Pseudonyms(Protocol):
    """Names for customers that mean nothing to whoever reads an event."""

    def of(self, *, tenant: str, customer: str) -> str:
        """Return the stable pseudonym. Raises SecretUnavailable."""
        ...


class Bus(Protocol):
    """Where events go."""

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        """Publish; returns the indexes of those that were refused. Raises BusUnavailable."""
        ...


class Commands(Protocol):
    """A queue of ours: that of sign-ups, or that of polls."""

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        """Send all, or raise QueueUnavailable when one may be missing.

        `delays` are the seconds, up to 900, for which each is kept back; none is at once.
        """
        ...


class Quarantine(Protocol):
    """Where messages end that can never be used."""

    def put(self, letters: Sequence[QuarantineLetter]) -> None:
        """Store all, or raise QueueUnavailable when one may be missing."""
        ...


class Redemptions(Protocol):
    """The providers that know what was redeemed; asking changes nothing there."""

    def look(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        deadline: datetime,
    ) -> Sight:
        """Return what one customer has redeemed.

        Raises ProviderError; InputRejected for a name that cannot be asked about.
        """
        ...


class Cohorts(Protocol):
    """Where watches are found by the hour in which they began, or in which their code ends."""

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        """Announce so many watches, before their rows are stored.

        Raises LedgerUnavailable: then the rows must not be stored, or nobody would find them.
        """
        ...

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        """Count so many watches less, after their rows are stored. Never raises."""
        ...

    def sizes(self) -> CohortSizes:
        """Return every cohort that may have watches. Raises LedgerUnavailable."""
        ...

    def members(self, span: Span) -> Sequence[Member]:
        """Return the watches of a span; may lag behind the rows. Raises LedgerUnavailable."""
        ...


class Executor(Protocol):
    """Several things at a time, where the world allows it."""

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        """Yield what the jobs return, as they are done; the next one is taken when one may start.

        A job must not raise.
        """
        ...
