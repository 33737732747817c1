"""Calls that change a consumer: register, target, report (docs/providers.md#neighbouring-apis)."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from couponbus_sandbox.koupon.book import Book, Consumer
from couponbus_sandbox.koupon.gate import RefusalError
from couponbus_sandbox.koupon.settings import KouponSettings
from couponbus_sandbox.koupon.views import IMAGES, asset_of, envelope
from couponbus_sandbox.koupon.world import Offer
from couponbus_sandbox.simulator.exchange import Answer, Call

STATES = ("access", "viewed", "presented")
_IDENTITIES = uuid.UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerCalls:
    """Carries out signed POSTs and PUTs."""

    book: Book
    settings: KouponSettings

    def register(self, call: Call) -> Answer:
        """Register a consumer; a known loyalty number returns the same consumer."""
        loyalty = json_object(call).get("loyalty")
        if not isinstance(loyalty, str) or not loyalty:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "loyalty is required")
        identity = str(uuid.uuid5(_IDENTITIES, f"{self.settings.seed}/{loyalty}"))
        consumer = self.book.add_consumer(identity)
        consumer.loyalty = loyalty
        body = {
            **envelope(self.settings),
            "consumer_identity": identity,
            "loyalty_barcode": f"LB{consumer.serial:08d}",
            "loyalty_barcode_image": f"{IMAGES}/consumers/{consumer.serial}.png",
        }
        return Answer(status=HTTPStatus.OK, body=body)

    def target(self, call: Call, consumer: Consumer, listed: Sequence[str]) -> Answer:
        """Give offers to the consumer, also private ones."""
        names = listed or json_object(call).get("offerList")
        if not isinstance(names, list) or not names:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "offerList is required")
        for offer in [self._offer(str(name)) for name in names]:
            consumer.targeted.add(offer.offer_id)
        # Koupon documents this answer with its code as a text.
        return Answer(status=HTTPStatus.OK, body={**envelope(self.settings), "code": "200"})

    def report(self, call: Call, consumer: Consumer, listed: Sequence[str]) -> Answer:
        """Record what the consumer did with offers."""
        state = json_object(call).get("state")
        if state not in STATES:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "state is not valid")
        offers = [self._offer(name) for name in listed]
        consumer.states += [(offer.offer_id, str(state)) for offer in offers]
        shown: list[object] = [
            {
                "OfferId": offer.offer_id,
                "BarcodeString": asset_of(offer, consumer),
                "redemptionAssets": [{"DiscountAsset": asset_of(offer, consumer)}],
                "TimerSecs": 600,
            }
            for offer in offers
        ]
        response: object = shown[0] if state == "presented" else shown
        return Answer(
            status=HTTPStatus.OK, body={**envelope(self.settings), "kmstateresp": response}
        )

    def _offer(self, name: str) -> Offer:
        offer = self.book.offers.get(int(name)) if name.isdecimal() and name.isascii() else None
        if offer is None:
            raise RefusalError(HTTPStatus.NOT_FOUND, "no such offer")
        return offer


def json_object(call: Call) -> dict[str, object]:
    """Return the object in the body, an empty one for an empty body; raises RefusalError (400)."""
    try:
        value = json.loads(call.body or b"{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise RefusalError(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
    return value
