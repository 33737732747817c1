"""What shops and distributors do at the simulated Uniqodo: get, validate and redeem codes."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from couponbus_sandbox.simulator.exchange import Answer
from couponbus_sandbox.uniqodo.book import Book, Code, Record, Redeemed, redeemed_time
from couponbus_sandbox.uniqodo.promotions import Promotion
from couponbus_sandbox.uniqodo.query import own_error, redeemed, unrecognised
from couponbus_sandbox.uniqodo.settings import UniqodoSettings

CUSTOM_PARAMETERS = ("p1", "p2", "p3", "p4", "p5")

AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")

type OnRedeemed = Callable[[Redeemed], None]


class Shop:
    """Serves one call; `on_redeemed` is called with each redemption."""

    def __init__(
        self, *, book: Book, settings: UniqodoSettings, now: datetime, on_redeemed: OnRedeemed
    ) -> None:
        self._book = book
        self._settings = settings
        self._now = now
        self._on_redeemed = on_redeemed

    def code(self, offer_id: str, *, user_id: str | None, distributor_id: int) -> Answer:
        """Issue a code of an offer; a named user gets the same one each time."""
        promotion = self._book.of_offer(offer_id)
        if promotion is None:
            return failure({"message": "The offer is not recognised."})
        known = self._book.codes_of(promotion.promotion_id, user_id) if user_id else []
        if known:
            return _code_answer(known[-1], promotion)
        if self._book.remaining(promotion) == 0:
            return failure({"message": "There are no more codes of this offer."})
        code = self._book.issue(
            promotion, user_id=user_id, distributor_id=distributor_id, now=self._now
        )
        return _code_answer(code, promotion)

    def validate(self, text: str, merchant: str) -> Answer:
        """Return whether a code can be used now; the key that it returns need not be given back."""
        code, error = self._usable(text, merchant)
        if code is None:
            return failure(error)
        promotion = self._book.promotion(code.promotion_id)
        digest = hashlib.sha256(f"{text}/{merchant}".encode()).hexdigest()
        data: Record = {"val_key": digest[:16], "code": text, "offer_id": promotion.offer_id}
        return _success(data)

    def redeem(self, text: str, merchant: str, given: Mapping[str, str]) -> Answer:
        """Add a redemption; the user is the code's, or else the `email` that is given."""
        code, error = self._usable(text, merchant)
        if code is None:
            return failure(error)
        try:
            changes = self._changes(given)
        except ValueError:
            return failure({"message": "A value is not a number."})
        user_id = code.user_id or given.get("email")
        done = self._book.redeem(code, user_id=user_id, changes=changes)
        self._on_redeemed(done)
        return _success({"id": done.record["id"], "code": text})

    def _usable(self, text: str, merchant: str) -> tuple[Code | None, Record]:
        code = self._book.codes.get(text)
        if code is None:
            return None, unrecognised(self._settings)
        promotion = self._book.promotion(code.promotion_id)
        if merchant not in (str(promotion.merchant_id), promotion.merchant_name):
            return None, {"message": "The merchant is not recognised."}
        if promotion.errors:
            return None, own_error(promotion.errors[0])
        if self._book.uses(text) >= promotion.redemption_per_code:
            return None, redeemed()
        return code, {}

    def _changes(self, given: Mapping[str, str]) -> Record:
        parameters = {name: given[name] for name in CUSTOM_PARAMETERS if name in given}
        # Uniqodo's documentation spells it `disount` in the path and `discount` elsewhere.
        discount = given.get("discount", given.get("disount", "0"))
        changes: Record = {
            "order_value": number(given.get("orderValue", "0")),
            "discount_value": number(discount),
            "currency": given.get("currency", "GBP"),
            "custom_params": json.dumps(parameters, separators=(",", ":")) if parameters else None,
            "redeemed_at": redeemed_time(self._now),
        }
        return changes | ({"order_id": given["orderId"]} if "orderId" in given else {})


def failure(error: Record, *, status: int = HTTPStatus.OK) -> Answer:
    """Return the answer to a call that failed."""
    return Answer(status=status, body={"data": None, "errors": [error], "result": "failure"})


def number(text: str) -> int | float:
    """Return a JSON number for an amount; raises ValueError."""
    if not AMOUNT.fullmatch(text):
        raise ValueError
    return float(text) if "." in text else int(text)


def _success(data: Record) -> Answer:
    return Answer(status=HTTPStatus.OK, body={"result": "success", "data": data, "errors": []})


def _code_answer(code: Code, promotion: Promotion) -> Answer:
    end = code.expires_at or promotion.end_date
    url = f"https://codes.uniqodo.invalid/{code.code}"
    return _success({"code": code.code, "url": url, "endDate": end})
