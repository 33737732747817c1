"""A clock that moves only when a test moves it or the code sleeps."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class ManualClock:
    """Sleeping takes no time but moves the clock; `slept` lists the pauses."""

    def __init__(self, now: datetime = NOON) -> None:
        self.present = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.present

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_time(max(seconds, 0.0))

    def pass_time(self, seconds: float) -> None:
        self.present += timedelta(seconds=seconds)
