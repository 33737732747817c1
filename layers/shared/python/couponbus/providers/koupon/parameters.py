"""The query parameters, checked before anything is sent (docs/providers.md#koupon-requests)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from couponbus.domain.errors import InputRejected
from couponbus.providers.koupon.dates import CENTURY, DateStyle, written
from couponbus.providers.koupon.texts import check_text
from couponbus.providers.koupon.urls import Pairs

STORE_IDS_MAX = 50
RADIUS_MAX_MILES = 12_450.0  # half way around the earth
_LATITUDE_MAX, _LONGITUDE_MAX = 90.0, 180.0
_YES_OR_NO = {True: "yes", False: "no", None: None}
_CENTURY_END = CENTURY + 99


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFilter:
    """A filter of offers; a field that is left out does not restrict.

    The names are Koupon's. `publishedonly` is sent as yes or no, `geo_gating` only if true,
    `geo_radius` is in miles. The position 0, 0 requests offers of no store in particular
    (docs/providers.md#koupon-requests). Raises InputRejected that names the fields at fault.
    """

    fromdt: date | None = None
    todt: date | None = None
    publishedonly: bool | None = None
    storeid: Sequence[str] = ()
    store_group: str | None = None
    channel: str | None = None
    digital_property_code: str | None = None
    geo_radius: float | None = None
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    geo_gating: bool = False
    display_store: str | None = None

    def __post_init__(self) -> None:
        """Check each field, then their combinations."""
        self._check_dates()
        self._check_stores()
        self._check_position()
        for name in ("publishedonly", "geo_gating"):
            if getattr(self, name) not in (True, False, None):
                raise InputRejected("not_a_flag", fields=(name,))
        for name in ("store_group", "channel", "digital_property_code", "display_store"):
            if getattr(self, name) is not None:
                check_text(getattr(self, name), field=name)

    @property
    def asks_for_stores(self) -> bool:
        """Whether the response will say at which stores an offer is valid."""
        return bool(self.storeid) or self.geo_radius is not None

    def pairs(self, *, style: DateStyle) -> Pairs:
        """Return the parameters in the documented order, each with its values."""
        return [(name, values) for name, values in self._values(style=style) if values]

    def _values(self, *, style: DateStyle) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield "fromdt", _day(self.fromdt, style=style)
        yield "todt", _day(self.todt, style=style)
        yield "publishedonly", _one(_YES_OR_NO[self.publishedonly])
        yield "storeid", tuple(self.storeid)
        yield "store_group", _one(self.store_group)
        yield "channel", _one(self.channel)
        yield "digital_property_code", _one(self.digital_property_code)
        yield "geo_radius", _number(self.geo_radius)
        yield "latitude", _number(self.latitude)
        yield "longitude", _number(self.longitude)
        yield "geo_gating", ("1",) if self.geo_gating else ()
        yield "display_store", _one(self.display_store)

    def _check_dates(self) -> None:
        for name in ("fromdt", "todt"):
            value = getattr(self, name)
            if value is None:
                continue
            # A datetime is a date to Python, but which day it is depends on a zone.
            if not isinstance(value, date) or isinstance(value, datetime):
                raise InputRejected("not_a_date", fields=(name,))
            if not CENTURY <= value.year <= _CENTURY_END:
                raise InputRejected("out_of_range", fields=(name,))
        if self.fromdt and self.todt and self.fromdt > self.todt:
            raise InputRejected("ends_before_it_starts", fields=("fromdt", "todt"))

    def _check_stores(self) -> None:
        if isinstance(self.storeid, str):
            raise InputRejected("not_a_list", fields=("storeid",))
        if len(self.storeid) > STORE_IDS_MAX:
            raise InputRejected("too_many_ids", fields=("storeid",))
        for store in self.storeid:
            check_text(store, field="storeid")
            if "," in store:
                raise InputRejected("comma_in_id", fields=("storeid",))

    def _check_position(self) -> None:
        _check_range("latitude", self.latitude, most=_LATITUDE_MAX)
        _check_range("longitude", self.longitude, most=_LONGITUDE_MAX)
        _check_range("geo_radius", self.geo_radius, most=RADIUS_MAX_MILES)
        if (self.latitude is None) != (self.longitude is None):
            missing = "longitude" if self.longitude is None else "latitude"
            raise InputRejected("half_a_position", fields=(missing,))
        if self.geo_radius is None:
            return
        if self.geo_radius <= 0:
            raise InputRejected("out_of_range", fields=("geo_radius",))
        if self.storeid:
            raise InputRejected("ignored_beside_storeid", fields=("geo_radius",))
        if self.latitude is None:
            raise InputRejected("ignored_without_position", fields=("geo_radius",))


def _check_range(name: str, value: object, *, most: float) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputRejected("not_a_number", fields=(name,))
    if not math.isfinite(value) or abs(value) > most:
        raise InputRejected("out_of_range", fields=(name,))


def _day(day: date | None, *, style: DateStyle) -> tuple[str, ...]:
    return () if day is None else (written(day, style=style),)


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _number(value: float | None) -> tuple[str, ...]:
    if value is None:
        return ()
    # Never 1e-05: six places are a tenth of a metre.
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text,)
