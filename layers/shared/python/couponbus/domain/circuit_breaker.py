"""A circuit breaker: it stops calls to a provider that keeps failing, until a probe succeeds."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from couponbus.domain.health import Health

FAILURES_TO_OPEN = 5
RECOVERY = 30.0
RECOVERY_CAP = 60.0  # what comes after a recovery waits no longer for its discovery


class Purpose(StrEnum):
    """What a call is for; each has a circuit breaker of its own, the slots are shared."""

    QUESTION = "question"  # changes nothing at the provider
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """A streak of `failures` opens it; `openings` counts how often in a row.

    While it is open nothing is called before `closed_until`, then one probe at a time. The
    first success after a failure was at `healed_at`; the streak began at `failing_since`, and
    what the last of its calls said is `health`.
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
        """Whether the last call failed: then a success is news, and a probe risks less."""
        return self.openings > 0 or self.failures > 0

    def probed(self, *, at: float) -> Self:
        """Let nothing else through for a while: the worker of a probe may have died."""
        return replace(self, closed_until=at + self.recovery)

    def at_once(self) -> Self:
        """Let the next probe through without a wait."""
        return replace(self, closed_until=0.0)

    def healed(self, *, now: float) -> Self:
        """Forget the failures: a call went well."""
        if not self.is_troubled:
            return self
        return type(self)(healed_at=now)

    def throttled(self, *, now: float) -> Self:
        """Count a call that the provider had no room for; it asks for a pause, not for probes."""
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
        """Return for how long it stays closed, in seconds."""
        return doubled(RECOVERY, times=self.openings - 1)


def doubled(seconds: float, *, times: int) -> float:
    """Return a pause that was doubled so often, up to the longest one."""
    return min(seconds * 2.0 ** min(max(times, 0), 16), RECOVERY_CAP)
