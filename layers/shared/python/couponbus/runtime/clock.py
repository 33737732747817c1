"""The clock of a function; on a laptop a file can move it, so that a demo need not wait a week."""

from collections.abc import Mapping
from pathlib import Path

from couponbus.aws.clock import MovedClock, SystemClock
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.ports.shared import Clock
from couponbus.runtime.settings import TimeSettings

LOCAL = "local"


def clock_of(settings: TimeSettings) -> Clock:
    """Return the clock of a function.

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
