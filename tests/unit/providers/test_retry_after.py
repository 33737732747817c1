"""The pause is sane for any value of Retry-After."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.http.retries import LONGEST, SHORTEST, retry_after

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 1.0),
        ("0.25", 1.0),
        ("2.5", 2.5),
        ("900", 900.0),
        ("901", 900.0),
        ("9" * 4000, 900.0),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), 1.0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 900.0),
        ("Sun, 22 Nov 2026 10:00:30 -0000", 30.0),
        ("Sun, 22 Nov 2026 11:00:30 +0100", 30.0),
    ],
)
def test_seconds_and_dates_are_understood_within_bounds(header: str, seconds: float) -> None:
    assert retry_after(header, now=NOW) == seconds


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "  ", "-5", "+5", "in a while", "1e9", "nan", "inf", "7,8"),
        *("\u0667", "\u00b2", "x" * 5000),
        *("Sun, 99 Nov 2026 10:00:30 GMT", "Sun, 22 Nov 99999 10:00:30 GMT"),
    ],
)
def test_what_means_nothing_is_nothing(header: str | None) -> None:
    assert retry_after(header, now=NOW) is None


def test_a_caller_that_can_wait_longer_says_how_long() -> None:
    for header in ("901", "3600", "3601", "9" * 4000):
        assert retry_after(header, now=NOW, longest=3600.0) == min(float(header[:5]), 3600.0)


@given(st.text())
def test_no_text_breaks_it(header: str) -> None:
    seconds = retry_after(header, now=NOW)

    assert seconds is None or SHORTEST <= seconds <= LONGEST
