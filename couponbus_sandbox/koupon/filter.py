"""The query parameters of the Offers API, applied to offers (docs/providers.md#koupon-requests)."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from couponbus_sandbox.koupon.gate import RefusalError
from couponbus_sandbox.koupon.settings import KouponSettings
from couponbus_sandbox.koupon.world import Offer, Store

DATE_STYLES = ("%m-%d-%y", "%m-%d-%Y", "%m/%d/%Y", "%Y-%m-%d")
EARTH_MILES = 3958.8


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFilter:
    """The stores that a call is about, by id with the distance from the caller if known."""

    is_set: bool
    distances: Mapping[str, float | None]


class OfferFilter:
    """The parameters of one call; a malformed one is refused with 400."""

    def __init__(
        self,
        query: Mapping[str, str],
        *,
        stores: Mapping[str, Store],
        settings: KouponSettings,
        now: datetime,
    ) -> None:
        self._query = query
        self._stores = stores
        self._settings = settings
        self._now = now
        self._zone = ZoneInfo(settings.timezone)
        self._from, self._to = self._date("fromdt"), self._date("todt")
        self._position = self._read_position()
        self.stores = self._read_stores()
        if query.get("publishedonly", "yes") not in ("yes", "no"):
            raise _bad("publishedonly")

    def matches(self, offer: Offer) -> bool:
        """Whether the offer passes the filter."""
        return all(self._verdicts(offer))

    @property
    def display_store(self) -> Store | None:
        """The store of `display_store`, which the documented table of parameters lacks."""
        return self._stores.get(self._query.get("display_store", ""))

    def _verdicts(self, offer: Offer) -> Iterator[bool]:
        query = self._query
        yield self._from is None or self._day(offer.ends) >= self._from
        yield self._to is None or self._day(offer.starts) <= self._to
        yield self._is_published(offer)
        yield query.get("channel", offer.channel) == offer.channel
        code = offer.digital_property_code
        yield "digital_property_code" not in query or query["digital_property_code"] == code
        yield query.get("geo_gating") != "1" or offer.geogating
        yield "store_group" not in query or query["store_group"] in self._groups(offer)
        yield self._position != (0.0, 0.0) or not offer.store_ids
        yield not self.stores.is_set or self._is_near(offer)

    def _is_near(self, offer: Offer) -> bool:
        return not offer.store_ids or not self.stores.distances.keys().isdisjoint(offer.store_ids)

    def _is_published(self, offer: Offer) -> bool:
        if self._query.get("publishedonly") != "yes":
            return True
        # Read literally, it selects offers yet to be published (docs/providers.md#koupon-requests).
        literal = self._settings.publishedonly == "literal"
        return offer.published >= self._now if literal else offer.published <= self._now

    def _groups(self, offer: Offer) -> set[str | None]:
        return {self._stores[name].group for name in offer.store_ids if name in self._stores}

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _read_stores(self) -> StoreFilter:
        if listed := self._query.get("storeid"):
            known = [name for name in listed.split(",") if name in self._stores]
            return StoreFilter(is_set=True, distances={n: self._distance(n) for n in known})
        radius = self._number("geo_radius", most=math.inf)
        if radius is None or self._position in (None, (0.0, 0.0)):
            return StoreFilter(is_set=False, distances={})
        distances = {name: self._distance(name) for name in self._stores}
        near = {n: miles for n, miles in distances.items() if miles is not None and miles <= radius}
        return StoreFilter(is_set=True, distances=near)

    def _read_position(self) -> tuple[float, float] | None:
        latitude, longitude = self._number("latitude", most=90), self._number("longitude", most=180)
        if latitude is None or longitude is None:
            return None
        return latitude, longitude

    def _distance(self, name: str) -> float | None:
        if self._position is None:
            return None
        store = self._stores[name]
        return round(_miles(self._position, (store.lat, store.lon)), 3)

    def _number(self, name: str, *, most: float) -> float | None:
        if name not in self._query:
            return None
        try:
            value = float(self._query[name])
        except ValueError:
            raise _bad(name) from None
        if not abs(value) <= most:
            raise _bad(name)
        return value

    def _date(self, name: str) -> date | None:
        text = self._query.get(name)
        if text is None:
            return None
        for style in DATE_STYLES:
            try:
                day = datetime.strptime(text, style).replace(tzinfo=self._zone).date()
            except ValueError:
                continue
            # A two-digit year is in this century; Python would put some in the last one.
            return day.replace(year=2000 + day.year % 100) if style.endswith("%y") else day
        raise _bad(name)


def _miles(here: tuple[float, float], there: tuple[float, float]) -> float:
    lat1, lon1, lat2, lon2 = map(math.radians, (*here, *there))
    chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_MILES * math.asin(math.sqrt(chord))


def _bad(name: str) -> RefusalError:
    return RefusalError(HTTPStatus.BAD_REQUEST, f"{name} is not valid")
