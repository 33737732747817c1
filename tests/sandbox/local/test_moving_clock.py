"""The clock that a local stack's functions read from a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from couponbus_sandbox.local.moving_clock import MovingClock


def test_the_file_holds_how_far_the_clock_was_moved_in_all(tmp_path: Path) -> None:
    clock = MovingClock(tmp_path / "clock")
    at_first = float(clock.path.read_text())

    clock.advance(seconds=90)
    clock.advance(seconds=-30)

    assert at_first == 0.0
    assert float(clock.path.read_text()) == 60.0
    assert [path.name for path in tmp_path.iterdir()] == ["clock"]


def test_its_present_is_the_machines_moved(tmp_path: Path) -> None:
    clock = MovingClock(tmp_path / "clock")

    clock.advance(seconds=3600)

    assert timedelta(hours=1) <= clock.now() - datetime.now(UTC) + timedelta(seconds=5)
    assert clock.now() - datetime.now(UTC) <= timedelta(hours=1)
