"""Ports of several capabilities."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from couponbus.domain.brake import Finding
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.health import Health
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.rate_limit import NoSlot, Outlook, Reservation
from couponbus.domain.row import Row, Rows
from couponbus.events.base import Command, PublishedEvent
from couponbus.events.commands import QuarantineLetter

if TYPE_CHECKING:
    from couponbus.domain.issuing.issuance import Issuance


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Return the present, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class Ids(Protocol):
    """The only source of unique ids."""

    def new(self) -> str:
        """Return an id that was never returned before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A row that was not written, and what is stored in its place (None: nothing)."""

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

    issuances: Sequence["Issuance"]
    broken: frozenset[str]
    after: str | None


class Ledger(Protocol):
    """The source of truth: a row is written only over the revision that the worker has read."""

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        """Store each row whose predecessor (revision - 1; 0 means absent) is what is stored.

        Rows have distinct keys. A conflict of one row does not hold back the others.
        Raises RowsBroken for those that can never be stored, or that stand in conflict with what
        cannot be read, when all others are stored or in conflict; LedgerUnavailable when it is not
        known whether any other row is stored.
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

    def attention(self, kind: Attention, *, limit: int) -> Sequence[str]:
        """Return up to `limit` keys of rows of this kind.

        A hint that may lag behind the rows. Raises LedgerUnavailable.
        """
        ...

    def issuances(self, *, limit: int, after: str | None = None) -> IssuancePage:
        """Return some of the issuances behind `after` of another page, in the order of the table.

        Reads up to `limit` rows of any kind, and may lag behind; `broken` has the keys of those
        that cannot be read. Raises LedgerUnavailable.
        """
        ...


class RateLimiter(Protocol):
    """The rate limiter that all workers of an account share, with circuit breakers and brake."""

    def reserve(
        self,
        *,
        account: str,
        calls: int,
        within: float,
        purpose: Purpose = Purpose.GET,
        items: int = 0,
        leaving: int = 0,
    ) -> Reservation | NoSlot:
        """Take up to `calls` slots that start at most `within` seconds from now.

        `items` is how many they post, or one while the lease is troubled. `leaving` is how many
        calls of the day must be left for others.
        Raises LedgerUnavailable: without a slot nothing is sent.
        """
        ...

    def outlook(self, account: str, *, purpose: Purpose) -> Outlook:
        """Return when calls may be sent, as of now (consistent), without taking a slot.

        Raises LedgerUnavailable.
        """
        ...

    def report(
        self, *, reservation: Reservation, health: Health, retry_after: float | None
    ) -> None:
        """Report the result of a call; costs nothing while all is well. Never raises."""
        ...

    def note(self, *, reservation: Reservation, finding: Finding) -> bool:
        """Count what an answer to a POST shows; costs nothing while all is well. Never raises.

        Returns whether the account is braked by it.
        """
        ...

    def take_unreported(self) -> int:
        """Return how many answers could not be stored since this was last called.

        The other workers do not know of them.
        """
        ...

    def spent(self, account: str) -> int:
        """Return how many calls were leased since the last midnight (UTC).

        Raises LedgerUnavailable.
        """
        ...


class Pseudonyms(Protocol):
    """Names for customers and sign-ups that mean nothing to a reader of events."""

    def of(self, *, tenant: str, customer: str) -> str:
        """Return the stable pseudonym. Raises SecretUnavailable."""
        ...

    def trace_id(self, *, tenant: str, signup_id: str) -> str:
        """Return the trace id of a sign-up that brings none. Raises SecretUnavailable."""
        ...


class Bus(Protocol):
    """The event bus."""

    def publish(self, events: Sequence[PublishedEvent]) -> Sequence[int]:
        """Publish; returns the indexes of those that were refused. Raises BusUnavailable."""
        ...


class Commands(Protocol):
    """A queue of commands: that of sign-ups, or that of polls."""

    def send(self, commands: Sequence[Command], *, delays: Sequence[int] = ()) -> None:
        """Send all, or raise QueueUnavailable when one may be missing.

        `delays` are the seconds, up to 900, by which each is delayed; empty sends all at once.
        """
        ...


class Quarantine(Protocol):
    """The queue for messages that can never be used."""

    def put(self, records: Sequence[QuarantineLetter]) -> None:
        """Store all, or raise QueueUnavailable when one may be missing."""
        ...


class Executor(Protocol):
    """Runs jobs concurrently, where the environment allows it."""

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        """Yield the results of the jobs as they end; the next one is taken when one may start.

        A job must not raise.
        """
        ...
