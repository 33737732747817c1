"""Ports of sending webhooks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from couponbus.domain.rate_limit import NoSlot, Reservation
from couponbus.events.commands import AttemptDeliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The outcome of one attempt: an answer's `status`, or the reason code of a `failure`.

    `retry_after` is what the endpoint asked for, `seconds` how long the attempt took.
    """

    status: int | None
    failure: str | None
    retry_after: float | None
    seconds: float


class Webhooks(Protocol):
    """The sender of webhooks, to public addresses only."""

    def send(
        self, *, url: str, headers: Mapping[str, str], body: bytes, deadline: datetime
    ) -> Sent:
        """POST once, in 15 seconds and before `deadline`; never raises."""
        ...


class SigningKeys(Protocol):
    """The secrets that endpoints share with us."""

    def of(self, endpoint_id: str) -> Sequence[bytes]:
        """Return the keys that are valid now, the newest first.

        Raises SecretUnavailable, ConfigurationInvalid when there is none.
        """
        ...


class DeliveryQueue(Protocol):
    """A queue on which the messages for one endpoint do not delay those for others."""

    def send(self, commands: Sequence[AttemptDeliveries], *, delays: Sequence[int] = ()) -> None:
        """Send all, or raise QueueUnavailable when one may be missing.

        `delays` are the seconds, up to 900, by which each is delayed; empty sends all at once.
        """
        ...


class EndpointPace(Protocol):
    """The rate limiter, shared by all workers, of an endpoint that has a rate."""

    def reserve(
        self, *, endpoint_id: str, per_second: int, calls: int, within: float
    ) -> Reservation | NoSlot:
        """Take up to `calls` slots that start at most `within` seconds from now.

        Raises LedgerUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIndexEntry:
    """A past event as the index has it, without its body, or a page of such.

    `key` is that of its row. Of a page nothing else is known before it is read.
    """

    key: str
    event_at: datetime
    tenant: str | None = None
    detail_type: str | None = None
    customer_ref: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether it stands for events that no endpoint wanted."""
        return self.detail_type is None


class EventLog(Protocol):
    """The published events, by time."""

    def between(self, *, since: datetime, until: datetime) -> Iterator[EventIndexEntry]:
        """Yield the events from `since` to before `until`, oldest first; may lag by a second.

        An event may be in several pages, or in one and in a row of its own.
        Raises LedgerUnavailable.
        """
        ...
