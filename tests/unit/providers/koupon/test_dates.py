"""Koupon's dates have no zone and two digits for the year; nothing else is taken for one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.koupon.dates import DateStyle, read_moment, written

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("03-15-13 11:00:00 AM", datetime(2013, 3, 15, 16, tzinfo=UTC)),
        ("12-01-12 12:00:00 AM", datetime(2012, 12, 1, 6, tzinfo=UTC)),
        ("11-28-12 12:00:00 PM", datetime(2012, 11, 28, 18, tzinfo=UTC)),
        ("07-04-26 01:02:03 PM", datetime(2026, 7, 4, 18, 2, 3, tzinfo=UTC)),
        ("01-01-00 12:00:00 AM", datetime(2000, 1, 1, 6, tzinfo=UTC)),
        ("12-31-99 11:59:59 PM", datetime(2100, 1, 1, 5, 59, 59, tzinfo=UTC)),
        ("02-29-24 12:00:00 PM", datetime(2024, 2, 29, 18, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_in_the_zone_of_the_account(raw: str, moment: datetime) -> None:
    assert read_moment(raw, zone=CHICAGO) == moment


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "03-15-13",
        "3-15-13 11:00:00 AM",
        "03-15-2013 11:00:00 AM",
        "15-03-13 11:00:00 AM",
        "02-30-24 11:00:00 AM",
        "02-29-25 11:00:00 AM",
        "03-15-13 00:00:00 AM",
        "03-15-13 13:00:00 PM",
        "03-15-13 1:00:00 PM",
        "03-15-13 11:60:00 AM",
        "03-15-13 11:00:60 AM",
        "03-15-13 11:00:00",
        "03-15-13 11:00:00 am",
        "03-15-13 11:00:00AM",
        "03-15-13 11:00:00 AM ",
        "03-15-13 11:00:00 AM CST",
        "03-15-13\N{NO-BREAK SPACE}11:00:00 AM",
        "2013-03-15T11:00:00",
        "٠٣-15-13 11:00:00 AM",
    ],
)
def test_anything_else_is_no_date(raw: str) -> None:
    assert read_moment(raw, zone=CHICAGO) is None


def test_of_an_hour_that_is_repeated_the_first_is_meant() -> None:
    assert read_moment("11-01-26 01:30:00 AM", zone=CHICAGO) == datetime(
        2026, 11, 1, 6, 30, tzinfo=UTC
    )


def test_an_hour_that_is_skipped_falls_as_much_after_the_gap() -> None:
    assert read_moment("03-08-26 02:30:00 AM", zone=CHICAGO) == datetime(
        2026, 3, 8, 8, 30, tzinfo=UTC
    )
    assert read_moment("03-08-26 03:30:00 AM", zone=CHICAGO) == datetime(
        2026, 3, 8, 8, 30, tzinfo=UTC
    )


@given(st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2099, 12, 30)))
def test_what_is_written_like_koupon_is_read_back(local: datetime) -> None:
    local = local.replace(microsecond=0)

    read = read_moment(local.strftime("%m-%d-%y %I:%M:%S %p"), zone=CHICAGO)

    assert read is not None
    back = read.astimezone(CHICAGO).replace(tzinfo=None)
    assert back - local in (timedelta(0), timedelta(hours=1))  # an hour only in a gap


@given(st.text(max_size=30))
def test_no_text_breaks_it(raw: str) -> None:
    moment = read_moment(raw, zone=CHICAGO)

    assert moment is None or moment.tzinfo is UTC


def test_a_day_is_written_with_leading_zeros() -> None:
    assert written(date(2005, 1, 2), style=DateStyle.MONTH_DAY_YEAR) == "01-02-05"
