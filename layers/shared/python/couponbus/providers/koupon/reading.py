"""A strict reader of Koupon's responses: one invalid offer rejects the whole response."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.envelope import failure_field
from couponbus.providers.koupon.lenient import Unreadable
from couponbus.providers.koupon.wire import WireEnvelope, WireOffer, WireSummary

_BOM = b"\xef\xbb\xbf"
_SUCCESS = range(200, 300)


class BrokenAnswer(Exception):
    """The response cannot be used; the text is a reason code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOffer:
    """An offer as it arrived, and the names of its unreadable fields."""

    wire: WireOffer
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KouponReading:
    """The offers of a response, each once, and its summary."""

    offers: tuple[ReadOffer, ...]
    summary: WireSummary

    @property
    def short_by(self) -> int:
        """How many offers the summary counts beyond those listed; 0 without all its counts."""
        counts = (
            self.summary.num_coupon,
            self.summary.num_native_ad,
            self.summary.num_redirect,
            self.summary.num_loyalty_card,
        )
        if None in counts:
            return 0
        return max(sum(count or 0 for count in counts) - len(self.offers), 0)

    @property
    def tobacco_brands(self) -> dict[int, bool]:
        """The ids of tobacco brands, and whether the consumer is authenticated for them."""
        tobacco = self.summary.tobacco
        return {
            brand.cpg_brand_id: brand.is_authenticated is True
            for brand in (tobacco.brands if tobacco else None) or ()
            if brand.cpg_brand_id is not None
        }


def read_answer(body: bytes) -> KouponReading:
    """Parse a success. Raises BrokenAnswer, also for an offer without an id."""
    value = _json(body)
    envelope = _envelope(value)
    if envelope.code is not None and envelope.code not in _SUCCESS:
        raise BrokenAnswer("code_contradicts_status")
    if isinstance(value, dict) and failure_field(value) is not None:
        raise BrokenAnswer("contradicted_list")
    offers: dict[str, ReadOffer] = {}
    for one in _offers(envelope):
        if offers.setdefault(one.wire.offer_id, one) != one:
            raise BrokenAnswer("offer_twice")
    summary = envelope.summary or WireSummary()
    return KouponReading(offers=tuple(offers.values()), summary=summary)


def _json(body: bytes) -> object:
    try:
        return strict_answer(body.removeprefix(_BOM))
    except InputRejected:
        raise BrokenAnswer("unreadable_answer") from None


def _envelope(value: object) -> WireEnvelope:
    unreadable = Unreadable()
    try:
        envelope = WireEnvelope.read(value, unreadable=unreadable)
    except ValidationError:
        envelope = None
    # A code that cannot be read may be the code of an error.
    if envelope is None or "code" in unreadable.names:
        raise BrokenAnswer("unreadable_answer")
    return envelope


def _offers(envelope: WireEnvelope) -> Iterator[ReadOffer]:
    for item in envelope.offers:
        unreadable = Unreadable()
        try:
            wire = WireOffer.read(item, unreadable=unreadable)
        except ValidationError:
            wire = None
        if wire is None:
            raise BrokenAnswer("offer_without_id")
        yield ReadOffer(wire=wire, unreadable=unreadable.names)
