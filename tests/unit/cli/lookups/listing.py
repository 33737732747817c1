"""Providers that list what a test sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.polling.offer import OfferList
from couponbus.providers.koupon.parameters import OfferFilter


@dataclass(slots=True)
class FakeProviders:
    """Lists what a test sets, and keeps the questions."""

    listed: Sequence[Barcode] = ()
    offered: OfferList = field(default_factory=OfferList)
    failure: Exception | None = None
    asked: list[tuple[str | None, object]] = field(default_factory=list)

    def barcodes(self, *, account: str | None, criteria: Mapping[str, str]) -> tuple[Barcode, ...]:
        self.asked.append((account, dict(criteria)))
        if self.failure is not None:
            raise self.failure
        return tuple(self.listed)

    def offers(self, *, account: str | None, consumer: str, wanted: OfferFilter) -> OfferList:
        self.asked.append((account, (consumer, wanted)))
        return self.offered
