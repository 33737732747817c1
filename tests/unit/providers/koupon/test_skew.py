"""Clocks are compared by the Date header, when it is one."""

from datetime import UTC, datetime

import pytest

from couponbus.providers.koupon.skew import clock_skew

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "skew"),
    [
        ("Sun, 22 Nov 2026 10:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 10:10:00 GMT", 600.0),
        ("Sun, 22 Nov 2026 09:50:00 GMT", 600.0),
        ("Sun, 22 Nov 2026 10:00:30 -0000", 30.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 10:00:00 GMT", None),
        ("x" * 65, None),
    ],
)
def test_the_distance_has_no_direction(header: str | None, skew: float | None) -> None:
    assert clock_skew(header, now=NOW) == skew
