"""The state of each account of every provider: breakers, pauses, calls of today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.rate_limit import Pace, spent
from couponbus_cli.app.formatting import count
from couponbus_cli.status.issuing_figures import AccountPace, breaker_text
from couponbus_cli.watch import poll_figures

CONIQ = "coniq"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """An account with the present state of its rate limiter; days are in UTC.

    `polled` is what only an account has whose redemptions are polled.
    """

    provider: str
    name: str
    pace: Pace
    at: datetime
    polled: poll_figures.AccountFigures | None = None

    @property
    def title(self) -> str:
        """Its name in sentences and tables."""
        return f"{self.provider} {self.name}"

    @property
    def calls_today(self) -> int:
        """The calls since midnight (UTC)."""
        return spent(self.pace, now=self.at.timestamp())

    @property
    def calls_per_day(self) -> int | None:
        """The daily limit, None without one."""
        return None if self.polled is None else self.polled.calls_per_day

    @property
    def calls_left(self) -> int | None:
        """The calls that are left until midnight (UTC), None without a daily limit."""
        cap = self.calls_per_day
        return None if cap is None else max(cap - self.calls_today, 0)

    @property
    def issuing(self) -> AccountPace | None:
        """The same as an account that issues, None for one that is only polled."""
        return None if self.polled else AccountPace(name=self.name, pace=self.pace)

    @property
    def breakers(self) -> Mapping[str, Breaker]:
        """The circuit breaker of each purpose."""
        if self.polled:
            return {"calls": self.pace.gets}
        return {"look-ups": self.pace.gets, "POSTs": self.pace.posts}

    @property
    def asked_to_wait_until(self) -> datetime | None:
        """Until when the provider asked to wait, None where it does not any more."""
        until = self.pace.paused_until
        return datetime.fromtimestamp(until, tz=UTC) if until > self.at.timestamp() else None

    @property
    def paused(self) -> str | None:
        """Why it is paused, or braked, until an operator resumes it; None if it is not."""
        if self.polled:
            return self.polled.reason
        return self.pace.brake.cause and f"braked: {self.pace.brake.cause.value}"

    @property
    def states(self) -> list[str]:
        """Return what keeps calls from being made, in words; nothing while all is well."""
        return [*self._states()]

    def data(self) -> dict[str, object]:
        """Return it with stable keys, beside those of its kind."""
        wait = self.asked_to_wait_until
        of_kind = (self.polled or AccountPace(name=self.name, pace=self.pace)).data()
        return {
            **of_kind,
            "calls_today": self.calls_today,
            "calls_per_day": self.calls_per_day,
            "calls_left": self.calls_left,
            "asked_to_wait_until": wait and wait.isoformat(),
            "breakers": {name: _data_of(each) for name, each in self.breakers.items()},
        }

    def _states(self) -> Iterator[str]:
        if self.paused is not None:
            yield self.paused if self.polled is None else f"paused: {self.paused}"
        if self.polled and self.polled.promotions:
            yield f"promotions paused: {len(self.polled.promotions)}"
        if self.polled and self.polled.level:
            yield f"throttled: level {self.polled.level}"
        if (until := self.asked_to_wait_until) is not None:
            yield f"asked to wait until {until:%H:%M:%S}"
        for name, breaker in self.breakers.items():
            of = "" if self.polled else f"{name}: "
            if breaker.is_open:
                yield f"{of}{breaker_text(breaker)}"
            elif breaker.is_troubled:
                yield f"{of}{count(breaker.failures, 'failure')} in a row"


def _data_of(breaker: Breaker) -> dict[str, object]:
    failing = breaker.is_troubled
    return {
        "open": breaker.is_open,
        "open_until": _moment(breaker.closed_until).isoformat() if breaker.is_open else None,
        "openings": breaker.openings,
        "failures": breaker.failures,
        "failing_since": _moment(breaker.failing_since).isoformat() if failing else None,
        "health": breaker.health.value,
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
