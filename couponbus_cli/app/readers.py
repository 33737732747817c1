"""Protocols of what commands only read of a stage."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from couponbus.aws.ledger.report import Backlogged, TableSize
from couponbus.domain.polling.cohort import CohortSizes
from couponbus.domain.row import Rows
from couponbus.ports.webhooks import EventIndexEntry, EventLog
from couponbus_cli.status.measured import Alarms, Rates
from couponbus_cli.watch.scan import WatchFilter


class Report(Protocol):
    """Queries over the whole ledger."""

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many rows there are, by kind and state."""
        ...

    def size(self) -> TableSize:
        """Return the size of the table, before it is read."""
        ...

    def backlogs(self) -> Mapping[str, Backlogged]:
        """Return the head of each backlog."""
        ...

    def of_signup(self, *, tenant: str, signup_id: str) -> Rows:
        """Return all rows of a sign-up."""
        ...


class Scan(Protocol):
    """Rows that only a full table scan finds."""

    def endpoints(self) -> Sequence[str]:
        """Return the keys of all endpoints."""
        ...

    def left_to_batches(self) -> Sequence[str]:
        """Return the keys of claimed issuances that are not due themselves."""
        ...

    def refused(self, reason: str) -> Sequence[str]:
        """Return the keys of refused or ambiguous issuances and of resolutions for a reason."""
        ...


class Watches(Protocol):
    """The watches of a stage."""

    def keys(self, wanted: WatchFilter, *, limit: int) -> Sequence[str]:
        """Return the keys of matching watches, at most `limit`."""
        ...


class CohortRegister(Protocol):
    """The register of cohorts."""

    def sizes(self) -> CohortSizes:
        """Return the approximate number of watches of each."""
        ...


class History(EventLog, Protocol):
    """The published events, also from the newest on."""

    def newest(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        """Yield those from `since` to before `until`, newest first. Raises LedgerUnavailable."""
        ...


class Unmatched(Protocol):
    """The unmatched sign-ups that are still kept."""

    def kept(self, *, since: datetime, until: datetime) -> Iterator[str]:
        """Yield the keys of those that arrived from `since` to before `until`."""
        ...


class Measurements(Protocol):
    """What CloudWatch knows of a stage."""

    def alarms(self) -> Alarms:
        """Return those that ring."""
        ...

    def rates(self, now: datetime) -> Rates:
        """Return what was counted in the last hours."""
        ...

    def hours_with_unmatched(self, now: datetime) -> Sequence[datetime]:
        """Return the hours of the last days in which sign-ups matched no program."""
        ...
