"""Issuing at the simulated Coniq: one barcode, or a batch in each of its modes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from couponbus_sandbox.coniq.book import AccountBook, Barcode, NewBarcode
from couponbus_sandbox.coniq.checks import MESSAGES, Problem, RefusalError, check_item
from couponbus_sandbox.coniq.settings import ConiqSettings, Offer
from couponbus_sandbox.coniq.views import Json, barcode_json, error_item
from couponbus_sandbox.simulator.exchange import Answer
from couponbus_sandbox.simulator.references import changed_reference

_ANSWER_KEYS = {
    "barcodes_errors": ("barcodes", "errors"),
    "data_errors": ("data", "errors"),
    "successes_failures": ("successes", "failures"),
}


class Grant(NamedTuple):
    """A valid request, with its offer."""

    request: NewBarcode
    offer: Offer


class Issuer:
    """Issues barcodes into the book of one account."""

    def __init__(self, *, book: AccountBook, settings: ConiqSettings, now: datetime) -> None:
        self._book = book
        self._settings = settings
        self._now = now

    def single(self, item: object) -> Answer:
        """Answer POST /barcode; raises RefusalError (400, 404 if customer or offer is unknown)."""
        checked = self._check(item, index=0)
        if isinstance(checked, list):
            code = checked[0].code
            raise RefusalError(code, MESSAGES[code], *checked)
        existing = self._existing(checked)
        barcode = existing or self.issue(checked)
        status = 201 if existing is None else 200
        return Answer(status=status, body=self._shown(barcode))

    def batch(self, items: Sequence[object]) -> Answer:
        """Answer POST /barcode/batch; raises RefusalError, and then nothing was created."""
        if not 1 <= len(items) <= self._settings.batch_max:
            limits = f"This collection should contain 1 to {self._settings.batch_max} elements."
            raise RefusalError(400, "Validation Failed", Problem(field="", message=limits))
        checks = [self._check(item, index=index) for index, item in enumerate(items)]
        problems = [each for check in checks if isinstance(check, list) for each in check]
        if problems and self._settings.batch_mode == "atomic":
            raise RefusalError(400, "Validation Failed", *problems)
        results = [self._result(check, item) for check, item in zip(checks, items, strict=True)]
        failed = [isinstance(check, list) for check in checks]
        return Answer(status=207 if problems else 201, body=self._body(results, failed))

    def issue(self, grant: Grant) -> Barcode:
        """Issue the barcode."""
        delay = self._settings.barcode_delay_seconds
        kept = changed_reference(grant.request.tracking_code, self._settings.reference_kept)
        request = replace(grant.request, tracking_code=kept)
        return self._book.issue(request, offer=grant.offer, now=self._now, delay=delay)

    def _check(self, item: object, *, index: int) -> Grant | list[Problem]:
        request = check_item(item, settings=self._settings, index=index)
        if isinstance(request, list):
            return request
        offer = self._book.offer(request.offer_id, open_world=self._settings.open_world)
        unknown = Problem(index=index, field="", message="Unknown.", code=404)
        if offer is None:
            return [replace(unknown, field="offer_id")]
        if not self._settings.open_world and request.customer_id not in self._book.customers:
            return [replace(unknown, field="customer_id")]
        return Grant(request, offer)

    def _existing(self, grant: Grant) -> Barcode | None:
        if self._settings.duplicates == "new":
            return None
        owned = self._book.of_customer(grant.request.customer_id)
        return next(
            (each for each in owned if each.request.offer_id == grant.request.offer_id), None
        )

    def _result(self, check: Grant | list[Problem], item: object) -> Json:
        if isinstance(check, list):
            return error_item(check, item, settings=self._settings)
        return self._shown(self._existing(check) or self.issue(check))

    def _body(self, results: list[Json], failed: list[bool]) -> object:
        if self._settings.batch_answer == "array":
            return results
        good, bad = _ANSWER_KEYS[self._settings.batch_answer]
        paired = list(zip(results, failed, strict=True))
        return {
            good: [result for result, lost in paired if not lost],
            bad: [result for result, lost in paired if lost],
        }

    def _shown(self, barcode: Barcode) -> Json:
        return barcode_json(barcode, settings=self._settings)
