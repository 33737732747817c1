"""What CloudWatch knows of a stage: the alarms that ring, and counts in points of five minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from couponbus_cli.app.formatting import duration
from couponbus_cli.app.stage import Stage
from couponbus_cli.logs.line import FUNCTIONS
from couponbus_cli.status.log_command import log_command

POINT = timedelta(minutes=5)
POINTS = 36  # three hours
OF_AN_HOUR = 12
RUNBOOK = "infra/RUNBOOK.md"
RUNBOOK_MARK = "runbook: "
LATEST = 2
RECENT = 4  # a quarter of an hour, and the point that is not over yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """An alarm that rings; its name is without the prefix of the stage."""

    name: str
    since: datetime
    why: str

    def need(self, now: datetime, *, stage: Stage) -> str:
        """Return a sentence for an operator; its description ends with a section of the runbook."""
        lasts = duration(max(now - self.since, timedelta()))
        what, _, section = self.why.partition(RUNBOOK_MARK)
        said = f": {what.rstrip('. ')}" if what else ""
        place = f"{RUNBOOK}#{section}" if section else RUNBOOK
        look = self._look(stage)
        return f"alarm {self.name} rings for {lasts}{said}; what to do: {place}; look with {look}"

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        return {"name": self.name, "since": self.since.isoformat(), "why": self.why}

    def _look(self, stage: Stage) -> str:
        """Return the command that shows the cause: the name begins with what is watched."""
        watched = self.name.partition("-")[0]
        if watched in FUNCTIONS:
            return log_command(watched, stage=stage)
        name = stage.names.of(self.name)
        return f"aws cloudwatch describe-alarm-history --alarm-name {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Those that ring; `deployed` is whether the stage has any."""

    ringing: Sequence[Ringing] = ()
    deployed: bool = True


class Series(StrEnum):
    """What is counted in points of five minutes, in the order in which it is shown."""

    SIGN_UPS = "sign_ups"
    MATCHED = "matched"
    ISSUED = "issued"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    POLLS = "polls"
    REDEMPTIONS = "redemptions"
    WEBHOOKS = "webhooks"


class Level(StrEnum):
    """What is measured again and again: its highest value in each point, 0 without one.

    Breakers belong to accounts, but functions count: the calls that breakers held back are those
    of all accounts of a function, and summed.
    """

    AMBIGUOUS = "ambiguous"
    DISABLED = "endpoints_disabled"
    OLDEST_DUE = "oldest_due_seconds"
    LONGEST_WAIT = "longest_wait_seconds"
    POLL_LAG = "poll_lag_seconds"
    ISSUING_BREAKER = "held_back_issuing"
    POLLING_BREAKER = "held_back_polling"


def letters_in(queue: str) -> str:
    """Return the name of the level of a queue that no function reads."""
    return f"letters_{queue.replace('-', '_')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """`POINTS` numbers of each series, the oldest first; the last point is not over yet.

    `levels` has those of each `Level`, and of the letters in each last stop.
    """

    began_at: datetime
    points: Mapping[Series, Sequence[float]]
    levels: Mapping[str, Sequence[float]]

    def last_hour(self, series: Series) -> int:
        """Return the sum of the last twelve points."""
        return round(sum(self.points[series][-OF_AN_HOUR:]))

    def recent(self, series: Series) -> int:
        """Return the sum of the last quarter of an hour."""
        return round(sum(self.points[series][-RECENT:]))

    def highest(self, level: str) -> float:
        """Return the highest value of the last quarter of an hour."""
        return max(self.levels[level][-RECENT:])

    def latest(self, level: str) -> float:
        """Return the value of the last ten minutes: a point that has just begun may be empty."""
        return max(self.levels[level][-LATEST:])

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        return {
            "began_at": self.began_at.isoformat(),
            "seconds": int(POINT.total_seconds()),
            "last_hour": {each.value: self.last_hour(each) for each in Series},
            "points": {each.value: [*map(round, self.points[each])] for each in Series},
            "levels": {
                str(name): {"latest": round(self.latest(name)), "points": [*map(round, points)]}
                for name, points in self.levels.items()
            },
        }
