"""A clock on which nothing takes time, however busy the machine is."""

import time
from typing import override

from tests.fakes.clock import ManualClock

MOMENT = 0.005  # of real time


class WaitingClock(ManualClock):
    """Passes only by hand: the code sleeps where it waits for other threads, and they go on."""

    @override
    def sleep(self, seconds: float) -> None:
        time.sleep(min(max(seconds, 0.0), MOMENT))
