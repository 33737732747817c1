"""A clock that a file moves: a week on a laptop need not take one."""

from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path

from couponbus.aws.clock import SystemClock
from couponbus.domain.errors import ConfigurationInvalid


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
