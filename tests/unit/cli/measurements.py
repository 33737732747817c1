"""Alarms and metrics of a stage, without CloudWatch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus_cli.app.queues import LAST_STOPS
from couponbus_cli.status.measured import (
    POINT,
    POINTS,
    Alarms,
    Level,
    Rates,
    Ringing,
    Series,
    letters_in,
)


@dataclass(slots=True)
class FakeMeasurements:
    """Alarms and counts, as a test sets them; `failure` stands for a right that is missing."""

    ringing: Sequence[Ringing] = ()
    deployed: bool = True
    counted: dict[Series, list[float]] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    levels: dict[str, list[float]] = field(default_factory=dict)
    hours: list[datetime] = field(default_factory=list)
    failure: Exception | None = None

    def alarms(self) -> Alarms:
        self._require_answer()
        return Alarms(ringing=self.ringing, deployed=self.deployed)

    def rates(self, now: datetime) -> Rates:
        self._require_answer()
        return Rates(
            began_at=now - POINTS * POINT,
            points={each: self._points(self.counted.get(each, [])) for each in Series},
            levels={
                name: self._points(self.levels.get(name, []))
                for name in (*Level, *map(letters_in, LAST_STOPS))
            }
            | {Level.LONGEST_WAIT: self._points(self.waited)},
        )

    def hours_with_unmatched(self, now: datetime) -> Sequence[datetime]:
        self._require_answer()
        return self.hours

    def _require_answer(self) -> None:
        if self.failure is not None:
            raise self.failure

    @staticmethod
    def _points(last: Sequence[float]) -> list[float]:
        return [*[0.0] * (POINTS - len(last)), *last]
