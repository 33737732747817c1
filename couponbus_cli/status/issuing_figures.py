"""The state of each Coniq account of a stage: POSTs, refusals, brake and circuit breakers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from couponbus.domain.brake import Brake, Cause
from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.health import Health
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.rate_limit import Pace
from couponbus.domain.row import Row
from couponbus_cli.app.formatting import count, duration, moment
from couponbus_cli.app.world import World
from couponbus_cli.why.timeline import Story

HEALTH_TEXTS: Mapping[Health, str] = {
    Health.UNAUTHORISED: "it refuses our key",
    Health.THROTTLED: "it asks to wait",
    Health.REFUSING: "it refuses every request",
    Health.FAILING: "it gives no usable answer",
}

ENDINGS = ("th", "st", "nd", "rd")  # codespell:ignore nd
REPEATED = 2  # failures in a row that an operator should know
REPORT_AFTER = timedelta(minutes=5)  # of answers that only ask to wait


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPace:
    """A Coniq account with the present state of its rate limiter."""

    name: str
    pace: Pace

    @property
    def is_braked(self) -> bool:
        """Whether nothing is posted until an operator resumes it."""
        return self.pace.brake.is_held

    def needs(self, now: datetime) -> list[str]:
        """Return a sentence for each problem that an operator should know."""
        name, pace = self.name, self.pace
        sentences = []
        if self.is_braked:
            sentences.append(
                f"Coniq account {name} is braked since {_since(pace.brake.held_at, now)}:"
                f" {seen(pace.brake)}; sign-ups wait, and look-ups continue. Find the cause with"
                f" couponbus probe coniq, then couponbus account resume {name}"
            )
        elif is_failing(pace.posts):
            sentences.append(f"Coniq takes no POST of account {name} {_failing(pace.posts, now)}")
        if is_failing(pace.gets):
            sentences.append(f"Coniq refuses look-ups of account {name} {_failing(pace.gets, now)}")
        return [*sentences, *only_asks_to_wait("coniq", name, pace, now=now, waits="sign-ups")]

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        brake = self.pace.brake
        return {
            "account": self.name,
            "braked": brake.cause and brake.cause.value,
            "braked_at": _text(brake.held_at) if brake.is_held else None,
            "seen": seen(brake) if brake.is_held else None,
            "counted_from": _text(brake.counted_from) if brake.counted_from else None,
            "posted": brake.posted,
            "refused": brake.refused,
            "anomalies": brake.anomalies,
            "not_understood": brake.not_understood,
            "posts": _breaker_data(self.pace.posts),
            "lookups": _breaker_data(self.pace.gets),
        }


def is_failing(breaker: Breaker) -> bool:
    """Whether calls fail one after the other; while few are made, the breaker is not open yet."""
    if breaker.health is Health.THROTTLED:
        return breaker.is_open
    is_repeated = breaker.is_open or breaker.failures >= REPEATED
    return is_repeated and breaker.health is not Health.GOOD


def only_asks_to_wait(
    provider: str, name: str, pace: Pace, *, now: datetime, waits: str
) -> Iterator[str]:
    """Yield a sentence where an account has answered nothing but that, which opens no breaker."""
    breakers = [
        each
        for each in (pace.gets, pace.posts)
        if each.health is Health.THROTTLED and not each.is_open and each.failures >= REPEATED
    ]
    if not breakers:
        return
    first = min(breakers, key=lambda each: each.failing_since)
    lasts = now - datetime.fromtimestamp(first.failing_since, tz=UTC)
    until = datetime.fromtimestamp(pace.paused_until, tz=UTC)
    if lasts >= REPORT_AFTER > now - until:
        yield (
            f"{provider} {name} asked to wait until {until:%H:%M:%S}; it has answered nothing"
            f" usable for {duration(lasts)}, {count(first.failures, 'call')} in a row: {waits}"
            f" wait. Find the cause with couponbus probe {provider}"
        )


def seen(brake: Brake) -> str:
    """Return why the account is braked."""
    match brake.cause:
        case Cause.OPERATOR:
            return brake.remark
        case Cause.NOT_UNDERSTOOD:
            answers = count(brake.not_understood, "answer", "answers")
            return f"{answers} in a row reported success and could not be read"
        case _:
            return (
                f"of {count(brake.posted, 'item')} sent since {_text(brake.counted_from)},"
                f" {brake.refused} were refused and {brake.anomalies} were answered with other"
                " values than requested"
            )


def with_accounts(stories: Sequence[Story], rows: Iterable[Row], world: World) -> list[Story]:
    """Add the state of the Coniq account to the stories of rows that wait for it."""
    accounts = {row.key: name for row in rows if (name := _waiting_at(row)) is not None}
    now = world.clock.now()
    needs = {
        name: AccountPace(name=name, pace=world.issuing.pace(name)).needs(now)
        for name in sorted(set(accounts.values()))
    }
    return [
        replace(one, known=[*one.known, *needs[accounts[one.key]]]) if one.key in accounts else one
        for one in stories
    ]


def _waiting_at(row: Row) -> str | None:
    """Return the account that a row waits for."""
    match row:
        case Issuance(state=IssuanceState.PENDING | IssuanceState.REQUESTED):
            return row.account
        case Resolution(state=ResolutionState.WAITING):
            return row.account
        case _:
            return None


def breaker_text(breaker: Breaker) -> str:
    """Return for example `breaker open until 00:12:00 (4th time), 8 failures`."""
    failures = count(breaker.failures, "failure")
    until = datetime.fromtimestamp(breaker.closed_until, tz=UTC)
    return f"breaker open until {until:%H:%M:%S} ({_ordinal(breaker.openings)} time), {failures}"


def _breaker_data(breaker: Breaker) -> dict[str, object]:
    failing = is_failing(breaker)
    return {
        "failing_since": _text(breaker.failing_since) if failing else None,
        "health": breaker.health.value if failing else None,
    }


def _failing(breaker: Breaker, now: datetime) -> str:
    opened = f"; {breaker_text(breaker)}" if breaker.is_open else ""
    return (
        f"since {_since(breaker.failing_since, now)}: {HEALTH_TEXTS[breaker.health]}{opened}."
        " Find the cause with couponbus probe coniq"
    )


def _since(seconds: float, now: datetime) -> str:
    at = datetime.fromtimestamp(seconds, tz=UTC)
    return f"{moment(at)} ({duration(now - at)} ago)"


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds")


def _ordinal(number: int) -> str:
    place = 0 if number % 100 in (11, 12, 13) or number % 10 >= len(ENDINGS) else number % 10
    return f"{number}{ENDINGS[place]}"
