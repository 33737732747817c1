"""An endpoint: the URL of a subscriber, which events it gets, and whether it can be reached."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.row import Row
from couponbus.domain.webhooks.retry_schedule import (
    DISABLED_AFTER,
    FORGIVEN,
    PROBATION_MOST,
    QUICK_SECONDS,
    SLOW_SECONDS,
    probation,
)

EVERYTHING = "{}"


class EndpointState(StrEnum):
    """PAUSED keeps events for later, DISABLED does not; REMOVED is for good."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    REMOVED = "REMOVED"


OPEN = (EndpointState.ACTIVE, EndpointState.PAUSED)


class Scope(StrEnum):
    """What an endpoint may see beyond the events themselves."""

    BARCODE_READ = "barcode:read"
    CUSTOM_PARAMS_READ = "custom_params:read"


class DisabledBecause(StrEnum):
    """Why nothing is sent any more; `reason` of EndpointDisabled."""

    GONE = "gone"  # it answered 410
    FAILING = "failing"  # no success for five days


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabling:
    """The content of EndpointDisabled, frozen: the endpoint may change before it is published."""

    at: datetime
    because: str
    failing_since: datetime | None
    host: str
    description: str


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Endpoint(Row):
    """`pattern` is an EventBridge pattern as JSON; `rate` is deliveries a second, None any number.

    `failing_since` is the first failure since the last success, `slow_since` the first slow answer
    since it was quick; `changed_at` is that of the state. A slow endpoint stays slow until
    `trusted_at`, longer after each of its `relapses` soon after that.
    The URL may hold a token of its owner.
    """

    endpoint_id: str
    tenant: str
    url: str = field(repr=False)
    description: str = ""
    pattern: str = EVERYTHING
    scopes: tuple[str, ...] = ()
    rate: int | None = None
    state: EndpointState = EndpointState.ACTIVE
    reason: str | None = None
    failing_since: datetime | None = None
    slow_since: datetime | None = None
    trusted_at: datetime | None = None
    relapses: int = 0
    created_at: datetime
    changed_at: datetime | None = None
    disabling: Disabling | None = None

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return endpoint_key(self.endpoint_id)

    @property
    def host(self) -> str:
        """The host of its URL, the only part that may be published: the rest may be secret."""
        authority = self.url.partition("://")[2].partition("/")[0].partition("?")[0]
        return authority.rpartition("@")[2]

    def keeps_waiting(self, now: datetime) -> bool:
        """Whether it is slow, or has failed for a while: other endpoints must not wait for it.

        One that has just failed, and quickly, may be healthy again at the next attempt.
        """
        if self.slow_since is not None:
            return True
        return self.failing_since is not None and now - self.failing_since >= FORGIVEN

    def may_read(self, scope: Scope) -> bool:
        """Whether it was given this scope."""
        return scope.value in self.scopes

    def failed(self, *, now: datetime, publish_by: datetime) -> Self:
        """Note a failure; the one that comes five days after the first disables it."""
        if self.state is not EndpointState.ACTIVE:
            return self
        if self.failing_since is None:
            return replace(self, failing_since=now, trail=self.step(now, "failing"))
        if now - self.failing_since < DISABLED_AFTER:
            return self
        return self.disabled(because=DisabledBecause.FAILING, now=now, publish_by=publish_by)

    def succeeded(self, *, now: datetime) -> Self:
        """Note a success."""
        if self.failing_since is None or self.state not in OPEN:
            return self
        return replace(self, failing_since=None, trail=self.step(now, "recovered"))

    def answered_in(self, seconds: float, *, now: datetime) -> Self:
        """Note the time of an answer; between the thresholds it stays slow or quick, as it was."""
        if self.state not in OPEN:
            return self
        if seconds >= SLOW_SECONDS:
            return self if self.slow_since is not None else self._slow(now)
        is_trusted = self.trusted_at is None or self.trusted_at <= now
        if self.slow_since is not None and seconds < QUICK_SECONDS and is_trusted:
            return replace(self, slow_since=None, trail=self.step(now, "no longer slow"))
        return self

    def _slow(self, now: datetime) -> Self:
        is_relapse = self.trusted_at is not None and now - self.trusted_at < PROBATION_MOST
        relapses = self.relapses + 1 if is_relapse else 0
        return replace(
            self,
            slow_since=now,
            trusted_at=now + probation(relapses),
            relapses=relapses,
            trail=self.step(now, "slow"),
        )

    def disabled(self, *, because: DisabledBecause, now: datetime, publish_by: datetime) -> Self:
        """Disable it, and owe the event."""
        if self.state not in OPEN:
            return self
        closed = replace(
            self,
            state=EndpointState.DISABLED,
            reason=because.value,
            changed_at=now,
            trail=self.step(now, "disabled", because.value),
        )
        if self.unpublished:
            return closed  # the event before is not published yet, and says the same
        return replace(
            closed,
            outcomes=self.outcomes + 1,
            due_at=publish_by,
            disabling=Disabling(
                at=now,
                because=because.value,
                failing_since=self.failing_since,
                host=self.host,
                description=self.description,
            ),
        )

    def paused(self, *, now: datetime) -> Self:
        """Keep events for later. Raises TransitionRefused."""
        self._require(EndpointState.ACTIVE)
        return replace(
            self, state=EndpointState.PAUSED, changed_at=now, trail=self.step(now, "paused")
        )

    def resumed(self, *, now: datetime) -> Self:
        """Resume sending. Raises TransitionRefused."""
        self._require(EndpointState.PAUSED, EndpointState.DISABLED)
        return replace(
            self,
            state=EndpointState.ACTIVE,
            reason=None,
            failing_since=None,
            slow_since=None,
            trusted_at=None,
            relapses=0,
            changed_at=now,
            trail=self.step(now, "resumed"),
        )

    def rotated(self, *, now: datetime) -> Self:
        """Note that it has a new secret, which is kept elsewhere. Raises TransitionRefused."""
        self._require(EndpointState.ACTIVE, EndpointState.PAUSED, EndpointState.DISABLED)
        return replace(self, trail=self.step(now, "secret rotated"))

    def removed(self, *, now: datetime) -> Self:
        """Remove it, and delete its URL. Raises TransitionRefused."""
        self._require(EndpointState.ACTIVE, EndpointState.PAUSED, EndpointState.DISABLED)
        return replace(
            self,
            state=EndpointState.REMOVED,
            url="",
            changed_at=now,
            trail=self.step(now, "removed"),
        )

    def _require(self, *states: EndpointState) -> None:
        if self.state not in states:
            raise TransitionRefused(f"{self.key} is {self.state.value}")


def endpoint_key(endpoint_id: str) -> str:
    """Return where the ledger keeps an endpoint."""
    return f"ENDPOINT#{endpoint_id}"
