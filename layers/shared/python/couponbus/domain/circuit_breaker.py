"""A circuit breaker: it stops calls to a provider that keeps failing, until a probe succeeds."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from couponbus.domain.health import Health

FAILURES_TO_OPEN = 5
RECOVERY = 30.0
RECOVERY_CAP = 60.0  # a provider that recovered is noticed after this time at the latest


class Purpose(StrEnum):
    """What a call is for; each purpose has its own circuit breaker, slots are shared."""

    GET = "get"  # changes nothing at the provider
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Opened by a streak of `failures`; `openings` counts the openings in a row.

    While it is open, no call is made before `closed_until`, then one probe at a time. `healed_at`
    is the first success after a failure. The streak began at `failing_since`, and `health` is the
    result of its last call.
    """

    failures: int = 0
    closed_until: float = 0.0
    openings: int = 0
    healed_at: float = 0.0
    failing_since: float = 0.0
    health: Health = Health.GOOD

    @property
    def is_open(self) -> bool:
        """Whether only probes are let through."""
        return self.openings > 0

    @property
    def is_troubled(self) -> bool:
        """Whether the last call failed: then a success is reported, and a POST has one item."""
        return self.openings > 0 or self.failures > 0

    def probed(self, *, at: float) -> Self:
        """Block further probes for a while, in case the worker of this one dies."""
        return replace(self, closed_until=at + self.recovery)

    def at_once(self) -> Self:
        """Let the next probe through without a wait."""
        return replace(self, closed_until=0.0)

    def healed(self, *, now: float) -> Self:
        """Reset the failures: a call succeeded."""
        if not self.is_troubled:
            return self
        return type(self)(healed_at=now)

    def throttled(self, *, now: float) -> Self:
        """Count a throttled call; it leads to a pause and does not open the breaker."""
        return self._counted(Health.THROTTLED, now=now)

    def failed(self, health: Health, *, now: float) -> Self:
        """Count a failure; the streak, or a failed probe, opens the breaker for longer."""
        counted = self._counted(health, now=now)
        if counted.failures < FAILURES_TO_OPEN and not self.is_open:
            return counted
        opened = replace(counted, openings=self.openings + 1)
        return replace(opened, closed_until=now + opened.recovery)

    def _counted(self, health: Health, *, now: float) -> Self:
        since = self.failing_since if self.is_troubled else now
        return replace(self, failures=self.failures + 1, failing_since=since, health=health)

    @property
    def recovery(self) -> float:
        """Return how long no call is let through, in seconds."""
        return doubled(RECOVERY, times=self.openings - 1)


def doubled(seconds: float, *, times: int) -> float:
    """Return the pause, doubled `times` times, at most RECOVERY_CAP."""
    return min(seconds * 2.0 ** min(max(times, 0), 16), RECOVERY_CAP)
