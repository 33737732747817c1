"""What polling needs from outside."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from couponbus.domain.polling.cohort import Cohort, CohortSizes, Member, Span
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider


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
    ) -> Snapshot:
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
