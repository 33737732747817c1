"""Which item of an answer belongs to which request: by content, never by position."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.account import Account
from couponbus.domain.attempt import Attempt, Blame, Outcome
from couponbus.domain.barcode import Barcode, BarcodeRequest
from couponbus.providers.coniq.wire import ItemError, Reading

_PASSING = frozenset({408, 409, 425, 429})
_LOWEST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An attempt for each request, and how many items found no place."""

    attempts: Sequence[Attempt]
    anomalies: int


def match(requests: Sequence[BarcodeRequest], reading: Reading, *, account: Account) -> Matched:
    """Give each request what the answer says about it; without a clear word it is UNKNOWN."""
    book = _Book(requests)
    for barcode in reading.barcodes:
        book.take_barcode(barcode)
    if len(requests) == len(reading.errors) == 1 and not reading.barcodes:
        book.take_only_error(reading.errors[0])
    else:
        for error in reading.errors:
            book.take_error(error)
    shared = book.shared_numbers()
    attempts = [
        book.attempt(index, shared=shared, account=account) for index in range(len(requests))
    ]
    return Matched(attempts=attempts, anomalies=book.anomalies + reading.strays)


class _Book:
    """What the answer has for each request, by its index."""

    def __init__(self, requests: Sequence[BarcodeRequest]) -> None:
        self.anomalies = 0
        self._requests = requests
        self._found: defaultdict[int, list[Barcode]] = defaultdict(list)
        self._errors: dict[int, ItemError] = {}
        self._contradicted: set[int] = set()
        self._by_code: dict[str, int] = {}
        self._by_pair: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            self._by_code[request.tracking_code] = index
            self._by_pair[request.customer_id, request.offer_id].append(index)

    def take_barcode(self, barcode: Barcode) -> None:
        index = self._owner(barcode.tracking_code, barcode.customer_id, barcode.offer_id)
        if index is None:
            self.anomalies += 1
        elif not _agree(barcode, self._requests[index]):
            self.anomalies += 1
            self._contradicted.add(index)
        else:
            self.anomalies += index in self._found
            self._found[index].append(barcode)

    def take_only_error(self, error: ItemError) -> None:
        """Take the one item of an answer to one request: there is nobody else to blame."""
        if error.names_nobody:
            self._errors[0] = error
        else:
            self.take_error(error)

    def take_error(self, error: ItemError) -> None:
        if error.names_nobody:
            return  # it stays open whose it is, and so does what became of the silent ones
        index = self._owner(error.tracking_code, error.customer_id, error.offer_id)
        if index is None:
            self.anomalies += 1
        else:
            self._errors[index] = error

    def shared_numbers(self) -> set[str]:
        """Return the numbers that the answer gives to several requests."""
        owners: defaultdict[str, set[int]] = defaultdict(set)
        for index, barcodes in self._found.items():
            for barcode in barcodes:
                owners[barcode.number].add(index)
        return {number for number, indexes in owners.items() if len(indexes) > 1}

    def attempt(self, index: int, *, shared: set[str], account: Account) -> Attempt:
        numbers = {barcode.number for barcode in self._found.get(index, ())}
        if index in self._contradicted:
            return _unknown("contradicted")
        if numbers & shared:
            return _unknown("number_of_another")
        if len(numbers) > 1:
            return _unknown("answered_twice")
        if numbers:
            barcode = self._found[index][0]
            return Attempt(outcome=Outcome.APPLIED, reason="issued", barcode=barcode)
        if index in self._errors:
            return _refusal(self._errors[index], account=account)
        return _unknown("missing_in_answer", blame=Blame.BATCH)

    def _owner(
        self, tracking_code: str | None, customer_id: int | None, offer_id: int | None
    ) -> int | None:
        if tracking_code is not None:
            return self._by_code.get(tracking_code)
        candidates = self._by_pair.get((customer_id or 0, offer_id or 0), [])
        return candidates[0] if len(candidates) == 1 else None


def _agree(barcode: Barcode, request: BarcodeRequest) -> bool:
    return barcode.customer_id == request.customer_id and barcode.offer_id == request.offer_id


def _unknown(reason: str, *, blame: Blame = Blame.NOBODY) -> Attempt:
    return Attempt(outcome=Outcome.UNKNOWN, reason=reason, blame=blame)


def _refusal(error: ItemError, *, account: Account) -> Attempt:
    if _is_passing(error.status):
        return _unknown(error.reason)
    outcome = Outcome.REFUSED if account.item_errors_trusted else Outcome.UNKNOWN
    return Attempt(outcome=outcome, reason=error.reason, blame=Blame.ITEM)


def _is_passing(status: int | None) -> bool:
    return status is not None and (status in _PASSING or status >= _LOWEST_SERVER_ERROR)
