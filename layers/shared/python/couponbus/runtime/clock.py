"""The clock of a function; on a laptop a file can move it, so that a demo need not wait a week."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path

from couponbus.aws.clock import SystemClock
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.ports import Clock
from couponbus.runtime.settings import TimeSettings

LOCAL = "local"


def clock_of(settings: TimeSettings) -> Clock:
    """Return the time that a function goes by.

    Raises ConfigurationInvalid for a file that moves the time of a deployed stage.
    """
    if settings.clock_file is None:
        return SystemClock()
    if settings.stage != LOCAL:
        raise ConfigurationInvalid("CLOCK_FILE: only the stage local has a clock that can be moved")
    return MovedClock(file=Path(settings.clock_file))


def clock_in(environment: Mapping[str, str]) -> Clock:
    """Return the same for an environment. Raises ConfigurationInvalid."""
    return clock_of(TimeSettings.read(environment))


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
