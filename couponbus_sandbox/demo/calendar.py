"""How long the second part of the demo lasts, in simulated time."""

from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
DEFAULT_DAYS, DAYS_MAX = 7, 30
SHARE_OF_A_CODE = 5 / 7


@dataclass(frozen=True, slots=True)
class Calendar:
    """All in seconds since the beginning; a `stretch` is a day of a week, or a seventh of less."""

    days: int

    @property
    def end(self) -> float:
        """When the last watch ends."""
        return self.days * DAY

    @property
    def stretch(self) -> float:
        """A seventh of the whole time."""
        return self.end / 7

    @property
    def code_days(self) -> int:
        """How long a code is valid at Uniqodo."""
        return max(1, round(self.days * SHARE_OF_A_CODE))

    @property
    def last_code(self) -> float:
        """The latest use of a code: codes are some minutes older than the beginning."""
        return min(self.code_days * DAY - 10 * MINUTE, self.last_offer)

    @property
    def last_offer(self) -> float:
        """The latest use of an offer that a poll is sure to show."""
        return self.end - HOUR
