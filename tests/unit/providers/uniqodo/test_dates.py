"""Three ways to write a time, and no fourth; two readings where a clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.providers.uniqodo.dates import RAW_MAX, Edge, stated_time

LONDON = ZoneInfo("Europe/London")
ZONES = ("Europe/London", "America/Chicago", "Australia/Lord_Howe", "America/St_Johns")


def moment(text: str, *, edge: Edge = Edge.EARLIEST, zone: ZoneInfo = LONDON) -> datetime | None:
    return stated_time(text, zone=zone, edge=edge).at


@pytest.mark.parametrize(
    ("text", "wanted", "assumed"),
    [
        ("2019-05-15T08:55:37+0100", "2019-05-15T07:55:37", False),
        ("2019-05-15T08:55:37+01:00", "2019-05-15T07:55:37", False),
        ("2019-05-15T08:55:37-0330", "2019-05-15T12:25:37", False),
        ("2019-05-15T08:55:37Z", "2019-05-15T08:55:37", False),
        ("2019-05-15T08:55:37.25Z", "2019-05-15T08:55:37.250000", False),
        ("2015-05-29T10:39:17", "2015-05-29T09:39:17", True),
        ("27-02-2019 00:00:00", "2019-02-27T00:00:00", True),
        ("05-03-2019 10:00:00", "2019-03-05T10:00:00", True),
        ("17-05-2019 23:59:59", "2019-05-17T22:59:59", True),
        ("29-02-2000 12:00:00", "2000-02-29T12:00:00", True),
    ],
)
def test_each_known_form_names_one_moment(text: str, wanted: str, assumed: bool) -> None:
    stated = stated_time(text, zone=LONDON, edge=Edge.LATEST)

    assert stated.at == datetime.fromisoformat(wanted).replace(tzinfo=UTC)
    assert stated.at.tzinfo is UTC
    assert stated.tz_assumed is assumed
    assert stated.raw == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1557906937",
        "2019-05-15",
        "2019-05-15 08:55:37",
        "2019-05-15T08:55",
        "2019-05-15T24:00:00",
        "2019-05-15T08:55:60",
        "2019-13-15T08:55:37",
        "2019-02-29T08:55:37",
        "2019-05-15T08:55:37+1500",
        "2019-05-15T08:55:37+0160",
        "2019-05-15T08:55:37+01",
        "2019-05-15T08:55:37 +0100",
        "2019-05-15T08:55:37+0100\n",
        "2019-05-15t08:55:37z",
        "05-15-2019 08:55:37",
        "27/02/2019 00:00:00",
        "27-02-19 00:00:00",
        "27-02-2019 00:00:00 AM",
        "27-02-2019T00:00:00",
        "00-00-0000 00:00:00",
        "31-12-1999 23:59:59",
        "01-01-2100 00:00:00",
        "2019-05-15T08:55:37+0100 and more",
        "\u0662\u0667-02-2019 00:00:00",
    ],
)
def test_no_other_form_is_taken_for_a_moment(text: str) -> None:
    stated = stated_time(text, zone=LONDON, edge=Edge.EARLIEST)

    assert (stated.raw, stated.at, stated.tz_assumed) == (text, None, False)


@given(text=st.text(max_size=200), edge=st.sampled_from(Edge))
def test_any_text_is_kept_up_to_a_length(text: str, edge: Edge) -> None:
    assert stated_time(text, zone=LONDON, edge=edge).raw == text[:RAW_MAX]


@given(
    wall=st.datetimes(
        min_value=datetime(2000, 1, 1),
        max_value=datetime(2099, 12, 31),
    ).map(lambda value: value.replace(microsecond=0)),
    edge=st.sampled_from(Edge),
)
def test_both_forms_without_a_zone_name_the_same_moment(wall: datetime, edge: Edge) -> None:
    day_first = moment(wall.strftime("%d-%m-%Y %H:%M:%S"), edge=edge)

    assert day_first == moment(wall.isoformat(), edge=edge)
    assert day_first is not None


def changes(zone: ZoneInfo) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return each change of a zone's clock from 2010 to 2040: when, offset before and after."""
    found = []
    at = datetime(2010, 1, 1, tzinfo=UTC)
    before = _offset(at, zone)
    while at.year <= 2040:
        later = at + timedelta(days=1)
        if _offset(later, zone) != before:
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
                low, high = (low, middle) if _offset(middle, zone) != before else (middle, high)
            found.append((high, before, _offset(high, zone)))
            before = _offset(high, zone)
        at = later
    return found


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


@pytest.mark.parametrize("name", ZONES)
def test_around_every_change_of_the_clock_starts_are_earliest_and_ends_latest(name: str) -> None:
    zone = ZoneInfo(name)
    seen = changes(zone)

    assert len(seen) == 62
    for change, before, after in seen:
        first, end = sorted(((change + before), (change + after)))
        for wall in (first, first + (end - first) / 2, end - timedelta(seconds=1)):
            text = wall.strftime("%d-%m-%Y %H:%M:%S")
            readings = sorted((wall - before, wall - after))
            assert moment(text, edge=Edge.EARLIEST, zone=zone) == readings[0]
            assert moment(text, edge=Edge.LATEST, zone=zone) == readings[1]


@pytest.mark.parametrize("name", ZONES)
def test_just_outside_of_a_change_there_is_one_reading(name: str) -> None:
    zone = ZoneInfo(name)

    for change, before, after in changes(zone):
        first, end = sorted(((change + before), (change + after)))
        for wall, offset in ((first - timedelta(seconds=1), before), (end, after)):
            text = wall.strftime("%Y-%m-%dT%H:%M:%S")
            assert moment(text, edge=Edge.EARLIEST, zone=zone) == wall - offset
            assert moment(text, edge=Edge.LATEST, zone=zone) == wall - offset


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("25-10-2026 01:30:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00"),  # occurs twice
        ("29-03-2026 01:30:00", "2026-03-29T00:30:00", "2026-03-29T01:30:00"),  # never occurs
    ],
)
def test_in_london_the_hour_that_changes_has_these_readings(
    text: str, earliest: str, latest: str
) -> None:
    assert moment(text, edge=Edge.EARLIEST) == datetime.fromisoformat(earliest + "+00:00")
    assert moment(text, edge=Edge.LATEST) == datetime.fromisoformat(latest + "+00:00")
