"""Ports of polling."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from couponbus.domain.polling.cohort import Cohort, CohortSizes, Member, Span
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider


class Redemptions(Protocol):
    """The providers that are polled for redemptions; a poll changes nothing there."""

    def poll(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        list_filter: ListFilter | None,
        deadline: datetime,
    ) -> Snapshot:
        """Poll one customer, and return the snapshot; only Koupon's lists have a filter.

        Raises ProviderError; InputRejected for a name that no request can carry.
        """
        ...


class Cohorts(Protocol):
    """The index of watches by the hour in which they began, or in which their code ends."""

    def enter(self, arrivals: Mapping[Cohort, int]) -> None:
        """Count watches that enter cohorts, before their rows are stored.

        Raises LedgerUnavailable: then the rows must not be stored, or no poll would find them.
        """
        ...

    def leave(self, departures: Mapping[Cohort, int]) -> None:
        """Count watches that left cohorts, after their rows are stored. Never raises."""
        ...

    def sizes(self) -> CohortSizes:
        """Return every cohort that may have watches. Raises LedgerUnavailable."""
        ...

    def members(self, span: Span) -> Sequence[Member]:
        """Return the watches of a span; may lag behind the rows. Raises LedgerUnavailable."""
        ...
