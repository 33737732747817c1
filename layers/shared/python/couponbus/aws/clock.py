"""Time and random names: the only places where the world gets in unasked."""

import time
import uuid
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path

from couponbus.domain.errors import ConfigurationInvalid


class SystemClock:
    """The time of this machine; Lambda keeps it within some milliseconds of the truth."""

    def now(self) -> datetime:
        """Return the present, in UTC and whole milliseconds: more would only cost storage."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, seconds: float) -> None:
        """Let time pass; nothing for a negative duration."""
        time.sleep(max(seconds, 0.0))


class MovedClock(SystemClock):
    """Goes as far before the system's time as the file says at that moment, in seconds."""

    def __init__(self, *, file: Path) -> None:
        """Take the file, which need not be there yet."""
        self._file = file

    def now(self) -> datetime:
        """Return the moved present. Raises ConfigurationInvalid for a file without a number."""
        return super().now() + timedelta(milliseconds=round(self._seconds() * 1000))

    def _seconds(self) -> float:
        try:
            text = self._file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return 0.0
        try:
            seconds = float(text or 0)
        except ValueError:
            seconds = float("nan")
        if not isfinite(seconds):
            raise ConfigurationInvalid("CLOCK_FILE: the file holds no number of seconds")
        return seconds


class RandomIds:
    """Names that nobody else has, without asking anybody."""

    def new(self) -> str:
        """Return 32 random hexadecimal digits."""
        return uuid.uuid4().hex
