"""Which item of an answer belongs to which request: by content, never by position."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.account import Account
from couponbus.domain.attempt import Attempt, Blame, Health, Outcome
from couponbus.domain.barcode import Barcode, BarcodeRequest
from couponbus.domain.reference import is_same_reference, may_be_cut_from
from couponbus.providers.coniq.wire import ItemError, Reading

_PASSING = frozenset({408, 409, 425, 429})
_LOWEST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An attempt for each request; `unexplained` are those that nothing can be said of.

    `anomalies` are items that found no place, a second one, or one under another reference.
    `health` is REFUSING when all that is said is an error that names nobody.
    """

    attempts: Sequence[Attempt]
    anomalies: int
    health: Health = Health.GOOD
    unexplained: int = 0


def match(requests: Sequence[BarcodeRequest], reading: Reading, *, account: Account) -> Matched:
    """Give each request what the answer says about it; without a clear word it is UNKNOWN.

    Customer and offer say whose an item is, the reference only where they leave it open. What
    a success says nothing of, while it has items that found no place, is CONTRADICTED: any of
    them may be its own.
    """
    book = _Book(requests, strays=reading.strays)
    for barcode in reading.barcodes:
        book.take_barcode(barcode)
    book.place_changed()
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
    """What the answer has for each request, by its index."""

    def __init__(self, requests: Sequence[BarcodeRequest], *, strays: int) -> None:
        self.anomalies = strays
        self.refusal: ItemError | None = None
        self._unplaced = strays
        self._requests = requests
        self._found: defaultdict[int, list[Barcode]] = defaultdict(list)
        self._changed: list[Barcode] = []
        self._errors: dict[int, ItemError] = {}
        self._contradicted: defaultdict[int, list[str]] = defaultdict(list)
        self._by_code: dict[str, int] = {}
        self._by_pair: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            self._by_code[request.tracking_code] = index
            self._by_pair[request.customer_id, request.offer_id].append(index)

    def take_barcode(self, barcode: Barcode) -> None:
        """Take one under its own reference; those under others wait for `place_changed`."""
        index = self._by_reference(barcode.tracking_code)
        if index is None:
            self._changed.append(barcode)
            return
        wish = self._requests[index]
        if not _agree(barcode, wish):
            self.anomalies += 1
            self._contradicted[index] += []
            for each in self._of_pair(barcode):
                self._contradicted[each].append(barcode.number)
            return
        self.anomalies += index in self._found or barcode.tracking_code != wish.tracking_code
        self._found[index].append(barcode)

    def place_changed(self) -> None:
        """Place what came back under a reference that is none of ours, or under none."""
        owed = [(one, self._open_of(one)) for one in self._changed]
        for barcode, candidates in owed:
            index = _chosen(barcode, candidates, self._requests)
            if index is not None:
                self.anomalies += index in self._found or bool(barcode.tracking_code)
                self._found[index].append(barcode)
                continue
            self.anomalies += 1
            self._unplaced += not self._of_pair(barcode)
            for each in candidates:
                self._contradicted[each].append(barcode.number)

    def take_only_error(self, error: ItemError) -> None:
        """Take the one item of an answer to one request: it is refused, or everybody is."""
        if error.names_nobody and _is_passing(error.status):
            self._errors[0] = error
        elif error.names_nobody and error.has_code:
            self.refusal = error

    def take_error(self, error: ItemError) -> None:
        if error.names_nobody:
            return  # it stays open whose it is, and so does what became of the silent ones
        index = self._owner(error)
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
        if numbers & shared:
            return _contradicted("number_of_another")
        if len(numbers) > 1:
            return _contradicted("answered_twice", *numbers)
        return None

    def _by_reference(self, reference: str | None) -> int | None:
        if reference is None:
            return None
        index = self._by_code.get(reference)
        if index is not None:
            return index
        return next(
            (
                index
                for index, request in enumerate(self._requests)
                if is_same_reference(reference, request.tracking_code)
            ),
            None,
        )

    def _of_pair(self, barcode: Barcode) -> Sequence[int]:
        """Return the requests of its customer and offer."""
        return self._by_pair.get((barcode.customer_id, barcode.offer_id), ())

    def _open_of(self, barcode: Barcode) -> Sequence[int]:
        """Return those of its customer and offer that have none under their own reference."""
        return [index for index in self._of_pair(barcode) if index not in self._found]

    def _owner(self, error: ItemError) -> int | None:
        if error.tracking_code is not None:
            return self._by_code.get(error.tracking_code)
        candidates = self._by_pair.get((error.customer_id or 0, error.offer_id or 0), [])
        return candidates[0] if len(candidates) == 1 else None


def _chosen(
    barcode: Barcode, candidates: Sequence[int], requests: Sequence[BarcodeRequest]
) -> int | None:
    """Return the only request that it fits, if need be by what is left of its reference."""
    if len(candidates) > 1:
        reference = barcode.tracking_code
        candidates = [
            each for each in candidates if may_be_cut_from(reference, requests[each].tracking_code)
        ]
    return candidates[0] if len(candidates) == 1 else None


def _agree(barcode: Barcode, request: BarcodeRequest) -> bool:
    return barcode.customer_id == request.customer_id and barcode.offer_id == request.offer_id


def _contradicted(reason: str, *numbers: str) -> Attempt:
    return Attempt(
        outcome=Outcome.CONTRADICTED, reason=reason, candidates=tuple(sorted(set(numbers)))
    )


def _is_unexplained(attempt: Attempt) -> bool:
    return attempt.outcome is Outcome.CONTRADICTED or attempt.reason == "missing_in_answer"


def _unknown(reason: str, *, blame: Blame = Blame.NOBODY) -> Attempt:
    return Attempt(outcome=Outcome.UNKNOWN, reason=reason, blame=blame)


def _refusal(error: ItemError, *, account: Account) -> Attempt:
    if _is_passing(error.status):
        return _unknown(error.reason)
    outcome = Outcome.REFUSED if account.item_errors_trusted else Outcome.UNKNOWN
    return Attempt(outcome=outcome, reason=error.reason, blame=Blame.ITEM)


def _is_passing(status: int | None) -> bool:
    return status is not None and (status in _PASSING or status >= _LOWEST_SERVER_ERROR)
