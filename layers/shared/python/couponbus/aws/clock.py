"""Time and random ids: the only inputs that no caller passes in."""

import os
import time
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path

from couponbus.domain.errors import ConfigurationInvalid

RANDOM_BYTES = 10


class SystemClock:
    """The time of this machine; Lambda keeps it within some milliseconds of true time."""

    def now(self) -> datetime:
        """Return the present, in UTC and whole milliseconds: more would only cost storage."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def sleep(self, seconds: float) -> None:
        """Sleep; return at once for a negative duration."""
        time.sleep(max(seconds, 0.0))


class MovedClock(SystemClock):
    """Runs ahead of the system's time by the number of seconds in a file, read at each call."""

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
    """Ids that are unique without coordination."""

    def new(self) -> str:
        """Return 16 random letters of [A-Z2-7]: each row has one, and is billed by the KB."""
        return b32encode(os.urandom(RANDOM_BYTES)).decode()
