"""Koupon's Store Connect, where redemptions happen (docs/providers.md#neighbouring-apis)."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from couponbus_sandbox.koupon.book import Book, Consumer
from couponbus_sandbox.koupon.consumer_calls import json_object
from couponbus_sandbox.koupon.gate import RefusalError
from couponbus_sandbox.koupon.world import Offer
from couponbus_sandbox.simulator.exchange import Answer, Call

ASSET = re.compile(r"1=(\d{1,9})&2=(\d{1,9})&3=1", re.ASCII)
QUANTITY_MAX = 1000
NOTHING_TO_VOID = "No Redemptions to Void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """Redeems and voids the offer that a barcode stands for."""

    book: Book

    def redeem(self, call: Call) -> Answer:
        """Redeem each line as often as limit and stock allow."""
        results = []
        for line in _lines(call):
            who = self._scanned(line)
            wanted = _quantity(line)
            done = 0 if who is None else self.book.redeem(*who, times=wanted)
            problem = "UNKNOWN_ASSET" if who is None else "LIMIT_REACHED"
            results.append(_result(line, done, None if done == wanted else problem))
        return Answer(status=HTTPStatus.OK, body={"results": results})

    def void(self, call: Call) -> Answer:
        """Void redemptions; 403 in plain text when there are none."""
        results = []
        for line in _lines(call):
            who = self._scanned(line)
            done = 0
            if who is not None:
                done = self.book.void(who[0], who[1].offer_id, times=_quantity(line))
            results.append(_result(line, done, None if done else "NO_REDEMPTIONS"))
        if not any(result["redeemedQty"] for result in results):
            return Answer(status=HTTPStatus.FORBIDDEN, body=NOTHING_TO_VOID)
        return Answer(status=HTTPStatus.OK, body={"results": results})

    def _scanned(self, line: dict[str, object]) -> tuple[Consumer, Offer] | None:
        found = ASSET.fullmatch(str(line.get("discountAsset")))
        if found is None:
            return None
        offer = self.book.offers.get(int(found[1]))
        consumers = {each.serial: each for each in self.book.consumers.values()}
        consumer = consumers.get(int(found[2]))
        return None if offer is None or consumer is None else (consumer, offer)


def _lines(call: Call) -> list[dict[str, object]]:
    lines = json_object(call).get("redemptions")
    if not isinstance(lines, list) or not lines or not all(isinstance(x, dict) for x in lines):
        raise RefusalError(HTTPStatus.BAD_REQUEST, "redemptions must be a list of objects")
    return lines


def _quantity(line: dict[str, object]) -> int:
    quantity = line.get("qty", 1)
    if type(quantity) is not int or not 1 <= quantity <= QUANTITY_MAX:
        raise RefusalError(HTTPStatus.BAD_REQUEST, "qty must be a positive number")
    return quantity


def _result(line: dict[str, object], done: int, problem: str | None) -> dict[str, object]:
    return {
        "discountAsset": line.get("discountAsset"),
        "couponCode": line.get("couponCode"),
        "redeemedQty": done,
        "exceptionCode": problem,
    }
