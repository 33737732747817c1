"""An alarm's state follows from its last periods, those without data included."""

import pytest

from couponbus_sandbox.engine.alarm_state import State, state_of, windows

NOTHING = None


def judged(
    *values: float | None,
    missing: str = "missing",
    needed: int = 0,
    comparison: str = "GreaterThanThreshold",
    before: State = "OK",
) -> State:
    """Return the state of an alarm with the threshold 5."""
    return state_of(
        values,
        comparison=comparison,
        threshold=5,
        missing=missing,
        needed=needed or len(values),
        before=before,
    )


def test_periods_end_with_the_last_whole_minute() -> None:
    assert list(windows(period=300, count=2, now=1000)) == [(660, 960), (360, 660)]
    assert list(windows(period=60, count=1, now=960)) == [(900, 960)]


def test_every_needed_period_must_breach() -> None:
    assert judged(6, 6, 6) == "ALARM"
    assert judged(6, 5, 6) == "OK"
    assert judged(6, 5, 6, needed=2) == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanThreshold", ["OK", "OK", "ALARM"]),
        ("GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]),
        ("LessThanThreshold", ["ALARM", "OK", "OK"]),
        ("LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]),
    ],
)
def test_a_threshold_is_compared_as_the_alarm_says(comparison: str, states: list[State]) -> None:
    assert [judged(value, comparison=comparison) for value in (4, 5, 6)] == states


@pytest.mark.parametrize(
    ("missing", "state"),
    [
        ("missing", "INSUFFICIENT_DATA"),
        ("ignore", "ALARM"),
        ("breaching", "ALARM"),
        ("notBreaching", "OK"),
    ],
)
def test_without_any_data_the_alarm_is_in_the_state_that_missing_data_counts_as(
    missing: str, state: State
) -> None:
    assert judged(NOTHING, NOTHING, missing=missing, before="ALARM") == state


def test_a_period_without_data_counts_beside_those_that_have_some() -> None:
    assert judged(NOTHING, 6, missing="breaching") == "ALARM"
    assert judged(NOTHING, 6, missing="notBreaching") == "OK"
    assert judged(NOTHING, 4, missing="breaching") == "OK"
    assert judged(NOTHING, 6, missing="missing") == "ALARM"
