"""However many browsers look, a stage is read once in 15 seconds, and only while one looks."""

import threading
from dataclasses import dataclass, field

from couponbus_cli.page.reading import SharedReading

STEP = 10.0  # seconds that a test waits at most for a thread


@dataclass
class Counted:
    """Counts how often it is read; `gate` holds the reading up."""

    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    times: int = 0
    seconds: float = 0.0

    def read(self) -> int:
        self.begun.set()
        assert self.gate.wait(STEP)
        self.times += 1
        return self.times

    def now(self) -> float:
        return self.seconds


def a_reading(*, is_open: bool = True) -> tuple[Counted, SharedReading[int]]:
    counted = Counted()
    if is_open:
        counted.gate.set()
    return counted, SharedReading(counted.read, seconds=counted.now)


def test_it_is_read_once_in_fifteen_seconds_however_often_it_is_looked_at() -> None:
    counted, reading = a_reading()

    at_first = [reading.latest(patience=STEP) for _ in range(20)]
    counted.seconds = 14.9
    before = reading.latest(patience=STEP)
    counted.seconds = 15.0
    after = reading.latest(patience=STEP)

    assert (set(at_first), before, after) == ({1}, 1, 2)


def test_viewers_at_the_same_time_share_one_reading() -> None:
    counted, reading = a_reading(is_open=False)
    seen: list[int | None] = []
    viewers = [
        threading.Thread(target=lambda: seen.append(reading.latest(patience=STEP)))
        for _ in range(8)
    ]
    for viewer in viewers:
        viewer.start()
    counted.gate.set()
    for viewer in viewers:
        viewer.join()

    assert seen == [1] * 8


def test_nothing_is_read_while_nothing_looks() -> None:
    counted, reading = a_reading()
    reading.latest(patience=STEP)

    counted.seconds = 3_600.0

    assert counted.times == 1
    assert reading.latest(patience=STEP) == 2


def test_a_slow_reading_keeps_a_viewer_for_a_moment_only() -> None:
    counted, reading = a_reading(is_open=False)

    first = reading.latest(patience=0)
    counted.gate.set()
    then = reading.latest(patience=STEP)
    counted.gate.clear()
    counted.seconds = 20.0
    meanwhile = reading.latest(patience=0)
    counted.gate.set()

    assert (first, then, meanwhile) == (None, 1, 1)
