"""Which time a function goes by, and how a file moves it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from couponbus.aws.clock import SystemClock
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.ports.shared import Clock
from couponbus.runtime.clock import clock_in, clock_of
from couponbus.runtime.settings import TimeSettings

WEEK = timedelta(days=7)


def moved_by(file: Path) -> Clock:
    return clock_of(TimeSettings(stage="local", clock_file=str(file)))


def distance(clock: Clock) -> timedelta:
    """Return how far a clock is ahead, rounded, because the call takes time."""
    ahead = (clock.now() - datetime.now(UTC)).total_seconds()
    return timedelta(seconds=round(ahead, 1))


def test_without_a_file_it_is_the_time_of_the_machine() -> None:
    assert type(clock_of(TimeSettings(stage="prod"))) is SystemClock


@pytest.mark.parametrize("stage", ["dev", "prod", ""])
def test_a_deployed_stage_has_no_clock_that_can_be_moved(stage: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="only the stage local"):
        clock_of(TimeSettings(stage=stage, clock_file=str(tmp_path / "clock")))


@pytest.mark.parametrize("text", ["604800", "604800.0\n", " 6.048e5 "])
def test_the_file_says_by_how_many_seconds_it_is_moved(text: str, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text(text)

    assert distance(moved_by(file)) == WEEK


def test_it_can_be_moved_while_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = moved_by(file)

    before = distance(clock)
    file.write_text("604800")
    after = distance(clock)
    file.write_text("0.5")

    assert (before, after, distance(clock)) == (timedelta(), WEEK, timedelta(seconds=0.5))


def test_a_file_that_is_empty_moves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.touch()

    assert distance(moved_by(file)) == timedelta()


@pytest.mark.parametrize("text", ["a week", "nan", "inf", "1 2"])
def test_a_file_without_a_number_stops_the_function(text: str, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text(text)

    with pytest.raises(ConfigurationInvalid, match="no number of seconds"):
        moved_by(file).now()


def test_it_has_whole_milliseconds_in_utc_because_rows_keep_no_more(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("0.1234567")

    now = moved_by(file).now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


def test_an_environment_decides_by_stage_and_file_and_needs_neither(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("604800")

    local = clock_in({"STAGE": "local", "CLOCK_FILE": str(file), "TABLE_NAME": "ledger"})

    assert distance(local) == WEEK
    assert distance(clock_in({})) == timedelta()
