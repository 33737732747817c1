"""Parameters that make no sense are refused before anything is sent."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import InputRejected
from couponbus.providers.koupon.dates import DateStyle
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus.providers.koupon.urls import offers_url

HERE = {"latitude": 32.7767, "longitude": -96.797}


def made(**fields: object) -> OfferFilter:
    make: Callable[..., OfferFilter] = OfferFilter
    return make(**fields)


def query(wanted: OfferFilter, *, style: DateStyle = DateStyle.MONTH_DAY_YEAR) -> str:
    pairs = wanted.pairs(style=style)
    return offers_url("https://a.example.test", consumer="c", query=pairs).partition("?")[2]


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, ""),
        ({"fromdt": date(2026, 1, 2)}, "fromdt=01-02-26"),
        ({"todt": date(2026, 12, 31)}, "todt=12-31-26"),
        ({"publishedonly": True}, "publishedonly=yes"),
        ({"publishedonly": False}, "publishedonly=no"),
        ({"storeid": ["12", "34"]}, "storeid=12,34"),
        ({"store_group": "north & south"}, "store_group=north%20%26%20south"),
        ({"channel": "mobile"}, "channel=mobile"),
        ({"digital_property_code": "app"}, "digital_property_code=app"),
        ({**HERE, "geo_radius": 2.5}, "geo_radius=2.5&latitude=32.7767&longitude=-96.797"),
        ({"latitude": 0, "longitude": 0.0}, "latitude=0&longitude=0"),
        ({"latitude": -0.0000001, "longitude": 1e-5}, "latitude=0&longitude=0.00001"),
        ({"geo_gating": True}, "geo_gating=1"),
        ({"geo_gating": False}, ""),
        ({"display_store": "12"}, "display_store=12"),
    ],
)
def test_each_parameter_is_written_as_the_record_has_it(
    fields: dict[str, object], sent: str
) -> None:
    assert query(made(**fields)) == sent


@pytest.mark.parametrize(
    ("style", "sent"),
    [
        (DateStyle.MONTH_DAY_YEAR, "fromdt=01-02-26"),
        (DateStyle.MONTH_DAY_LONG_YEAR, "fromdt=01-02-2026"),
        (DateStyle.ISO, "fromdt=2026-01-02"),
    ],
)
def test_dates_are_written_in_the_style_of_the_account(style: DateStyle, sent: str) -> None:
    assert query(made(fromdt=date(2026, 1, 2)), style=style) == sent


@pytest.mark.parametrize(
    ("fields", "reason", "at_fault"),
    [
        ({"latitude": 1.0}, "half_a_position", ("longitude",)),
        ({"longitude": 1.0}, "half_a_position", ("latitude",)),
        ({**HERE, "latitude": 90.1}, "out_of_range", ("latitude",)),
        ({**HERE, "longitude": -180.5}, "out_of_range", ("longitude",)),
        ({**HERE, "latitude": float("nan")}, "out_of_range", ("latitude",)),
        ({**HERE, "latitude": True}, "not_a_number", ("latitude",)),
        ({**HERE, "latitude": "32"}, "not_a_number", ("latitude",)),
        ({**HERE, "geo_radius": 0}, "out_of_range", ("geo_radius",)),
        ({**HERE, "geo_radius": -1}, "out_of_range", ("geo_radius",)),
        ({**HERE, "geo_radius": 20_000}, "out_of_range", ("geo_radius",)),
        ({"geo_radius": 5}, "ignored_without_position", ("geo_radius",)),
        ({**HERE, "geo_radius": 5, "storeid": ["1"]}, "ignored_beside_storeid", ("geo_radius",)),
        ({"storeid": "12,34"}, "not_a_list", ("storeid",)),
        ({"storeid": ["12,34"]}, "comma_in_id", ("storeid",)),
        ({"storeid": [""]}, "empty", ("storeid",)),
        ({"storeid": [12]}, "not_text", ("storeid",)),
        ({"storeid": [str(number) for number in range(51)]}, "too_many_ids", ("storeid",)),
        ({"channel": " "}, "empty", ("channel",)),
        ({"channel": "a\nb"}, "not_text", ("channel",)),
        ({"store_group": "\ud800"}, "not_text", ("store_group",)),
        ({"display_store": "x" * 257}, "too_long", ("display_store",)),
        ({"fromdt": "2026-01-02"}, "not_a_date", ("fromdt",)),
        ({"fromdt": datetime(2026, 1, 2, tzinfo=UTC)}, "not_a_date", ("fromdt",)),
        ({"todt": date(1999, 12, 31)}, "out_of_range", ("todt",)),
        ({"todt": date(2100, 1, 1)}, "out_of_range", ("todt",)),
        (
            {"fromdt": date(2026, 1, 2), "todt": date(2026, 1, 1)},
            "ends_before_it_starts",
            ("fromdt", "todt"),
        ),
        ({"publishedonly": "yes"}, "not_a_flag", ("publishedonly",)),
        ({"geo_gating": "1"}, "not_a_flag", ("geo_gating",)),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    fields: dict[str, object], reason: str, at_fault: tuple[str, ...]
) -> None:
    with pytest.raises(InputRejected) as refused:
        made(**fields)

    assert (refused.value.reason, refused.value.fields) == (reason, at_fault)


@given(
    latitude=st.floats(min_value=-90, max_value=90),
    longitude=st.floats(min_value=-180, max_value=180),
)
def test_a_position_is_written_without_an_exponent_and_as_near_as_a_metre(
    latitude: float, longitude: float
) -> None:
    sent = dict(made(latitude=latitude, longitude=longitude).pairs(style=DateStyle.ISO))

    for name, value in (("latitude", latitude), ("longitude", longitude)):
        (text,) = sent[name]
        assert set(text) <= set("-.0123456789")
        assert abs(float(text) - value) < 0.000001


@pytest.mark.parametrize(
    ("fields", "asks"), [({}, False), ({"storeid": ["1"]}, True), ({**HERE, "geo_radius": 1}, True)]
)
def test_only_stores_and_a_radius_ask_for_stores(fields: dict[str, object], asks: bool) -> None:
    assert made(**fields).asks_for_stores is asks


def test_a_position_is_not_shown() -> None:
    shown = repr(made(**HERE))

    assert "32.7" not in shown
    assert "96.7" not in shown
