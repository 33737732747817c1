"""The wall clock: one of the two places where the world gets in unasked."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The time of this machine; Lambda keeps it within some milliseconds of the truth."""

    def now(self) -> datetime:
        """Return the present, in UTC and whole milliseconds: more would only cost storage."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, seconds: float) -> None:
        """Let time pass; nothing for a negative duration."""
        time.sleep(max(seconds, 0.0))
