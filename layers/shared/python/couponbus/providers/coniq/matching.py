"""Matches the items of a response to the requests: by content, never by position."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.health import Health
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.attempt import Attempt, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.domain.issuing.reference import may_be_cut_from, plain
from couponbus.providers.coniq.wire import ConiqReading, ItemError

_PASSING = frozenset({408, 409, 425, 429})
_LOWEST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An attempt for each request; `unexplained` counts those that the response leaves open.

    `anomalies` counts items that match no request, second items, and changed tracking codes.
    `health` is REFUSING when the response is a single error that names no request.
    """

    attempts: Sequence[Attempt]
    anomalies: int
    health: Health = Health.GOOD
    unexplained: int = 0


def match(
    requests: Sequence[BarcodeRequest], reading: ConiqReading, *, account: Account
) -> Matched:
    """Return the attempt of each request; without clear evidence it is UNKNOWN.

    Items are matched by customer and offer, by tracking code only where those are ambiguous. A
    request without an item is CONTRADICTED while there are unmatched items, or while an item of
    another request has its tracking code: any of them may be its own.
    """
    book = _Book(requests, strays=reading.strays)
    for barcode in reading.barcodes:
        book.take_barcode(barcode)
    book.place_shared()
    for error in reading.errors:
        book.take_error(error)
    if len(requests) == len(reading.errors) == 1 and not reading.barcodes:
        book.take_only_error(reading.errors[0])
    shared = book.shared_numbers()
    attempts = [
        book.attempt(index, shared=shared, account=account) for index in range(len(requests))
    ]
    return Matched(
        attempts=attempts,
        health=Health.GOOD if book.refusal is None else Health.REFUSING,
        anomalies=book.anomalies,
        unexplained=sum(_is_unexplained(attempt) for attempt in attempts),
    )


class _Book:
    """The items of the response for each request, by the request's index."""

    def __init__(self, requests: Sequence[BarcodeRequest], *, strays: int) -> None:
        self.anomalies = strays
        self.refusal: ItemError | None = None
        self._unplaced = strays
        self._requests = requests
        self._found: defaultdict[int, list[Barcode]] = defaultdict(list)
        self._shared: list[Barcode] = []
        self._errors: dict[int, ItemError] = {}
        self._contradicted: defaultdict[int, list[str]] = defaultdict(list)
        self._misnamed: set[int] = set()
        self._by_code: dict[str, int] = {}
        self._by_pair: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            self._by_code[plain(request.tracking_code)] = index
            self._by_pair[request.customer_id, request.offer_id].append(index)

    def take_barcode(self, barcode: Barcode) -> None:
        """Match by customer and offer; what fits several requests waits for `place_shared`."""
        candidates = self._by_pair.get((barcode.customer_id, barcode.offer_id), ())
        named = self._named_by(barcode.tracking_code)
        if len(candidates) == 1:
            self._take(candidates[0], barcode)
        elif named is not None and named in candidates:
            self._take(named, barcode)
        elif candidates:
            self._shared.append(barcode)
        else:
            self.anomalies += 1
            self._unplaced += 1
        if named is not None and named not in candidates:
            self._misnamed.add(named)

    def place_shared(self) -> None:
        """Match what may be for several requests of one customer and offer."""
        owed = [(one, self._open_of(one)) for one in self._shared]
        for barcode, candidates in owed:
            index = _chosen(barcode, candidates, self._requests)
            if index is not None:
                self._take(index, barcode)
                continue
            self.anomalies += 1
            self._unplaced += 1
            for each in candidates:
                self._contradicted[each].append(barcode.number)

    def _take(self, index: int, barcode: Barcode) -> None:
        """Add it to a request; a second one may belong to a request without an item."""
        is_second = index in self._found
        reference = barcode.tracking_code
        is_changed = bool(reference) and reference != self._requests[index].tracking_code
        self.anomalies += is_second or is_changed
        self._unplaced += is_second
        self._found[index].append(barcode)

    def take_only_error(self, error: ItemError) -> None:
        """Take the only item of a response to one request: an error of the request or of all."""
        if error.names_no_request and _is_passing(error.status):
            self._errors[0] = error
        elif error.names_no_request and error.has_code:
            self.refusal = error

    def take_error(self, error: ItemError) -> None:
        if error.names_no_request:
            return  # its request stays open, and so does the outcome of requests without an item
        index = self._owner(error)
        if index is None:
            self.anomalies += 1
        else:
            self._errors[index] = error

    def shared_numbers(self) -> set[str]:
        """Return the barcode numbers that the response has for several requests."""
        owners: defaultdict[str, set[int]] = defaultdict(set)
        for index, barcodes in self._found.items():
            for barcode in barcodes:
                owners[barcode.number].add(index)
        return {number for number, indexes in owners.items() if len(indexes) > 1}

    def attempt(self, index: int, *, shared: set[str], account: Account) -> Attempt:
        numbers = {barcode.number for barcode in self._found.get(index, ())}
        contradiction = self._contradiction(index, numbers, shared)
        if contradiction is not None:
            return contradiction
        if numbers:
            barcode = self._found[index][0]
            return Attempt(outcome=Outcome.APPLIED, reason="issued", barcode=barcode)
        if index in self._errors:
            return _refusal(self._errors[index], account=account)
        if self.refusal is not None:
            return _unknown(self.refusal.reason, blame=Blame.BATCH)
        if self._unplaced:
            return _contradicted("unplaced_items")
        return _unknown("missing_in_answer", blame=Blame.BATCH)

    def _contradiction(self, index: int, numbers: set[str], shared: set[str]) -> Attempt | None:
        if index in self._contradicted:
            return _contradicted("contradicted", *numbers, *self._contradicted[index])
        if index in self._misnamed and not numbers:
            return _contradicted("contradicted")
        if numbers & shared:
            return _contradicted("number_of_another")
        if len(numbers) > 1:
            return _contradicted("answered_twice", *numbers)
        return None

    def _named_by(self, reference: str | None) -> int | None:
        return None if reference is None else self._by_code.get(plain(reference))

    def _open_of(self, barcode: Barcode) -> Sequence[int]:
        """Return the requests of its customer and offer that have no barcode yet."""
        of_pair = self._by_pair[barcode.customer_id, barcode.offer_id]
        return [index for index in of_pair if index not in self._found]

    def _owner(self, error: ItemError) -> int | None:
        if error.tracking_code is not None:
            return self._named_by(error.tracking_code)
        candidates = self._by_pair.get((error.customer_id or 0, error.offer_id or 0), [])
        return candidates[0] if len(candidates) == 1 else None


def _chosen(
    barcode: Barcode, candidates: Sequence[int], requests: Sequence[BarcodeRequest]
) -> int | None:
    """Return the only request that it fits, if need be by a truncated tracking code."""
    if len(candidates) > 1:
        reference = barcode.tracking_code
        candidates = [
            each for each in candidates if may_be_cut_from(reference, requests[each].tracking_code)
        ]
    return candidates[0] if len(candidates) == 1 else None


def _contradicted(reason: str, *numbers: str) -> Attempt:
    return Attempt(
        outcome=Outcome.CONTRADICTED, reason=reason, candidates=tuple(sorted(set(numbers)))
    )


def _is_unexplained(attempt: Attempt) -> bool:
    return attempt.outcome is Outcome.CONTRADICTED or attempt.reason == "missing_in_answer"


def _unknown(reason: str, *, blame: Blame = Blame.TRANSIENT) -> Attempt:
    return Attempt(outcome=Outcome.UNKNOWN, reason=reason, blame=blame)


def _refusal(error: ItemError, *, account: Account) -> Attempt:
    if _is_passing(error.status):
        return _unknown(error.reason)
    outcome = Outcome.REFUSED if account.item_errors_trusted else Outcome.UNKNOWN
    return Attempt(outcome=outcome, reason=error.reason, blame=Blame.ITEM)


def _is_passing(status: int | None) -> bool:
    return status is not None and (status in _PASSING or status >= _LOWEST_SERVER_ERROR)
