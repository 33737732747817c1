"""The nightly look at what cannot happen: two barcodes for one issuance, or one that is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.barcode import Barcode
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.timing import Timing
from couponbus.ports import Barcodes, Clock, Ids, Ledger
from couponbus.usecases.questions import Questions, by_account
from couponbus.usecases.round import Round

PAGE = 200
SINGLE_OUT = 20  # of those that went smoothly, every so-manieth is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """Tracking codes with more than one barcode, and those whose barcode is not there."""

    checked: int
    duplicates: Sequence[str]
    missing: Sequence[str]


class AuditBarcodes:
    """Compares a sample of the ledger with the provider; those once in doubt come first."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        barcodes: Barcodes,
        questions: Questions,
        clock: Clock,
        ids: Ids,
        timing: Timing,
    ) -> None:
        """Ask by these questions."""
        self._ledger = ledger
        self._barcodes = barcodes
        self._questions = questions
        self._clock = clock
        self._ids = ids
        self._timing = timing

    def handle(self, *, deadline: datetime) -> AuditReport:
        """Look from a place chosen by chance until the time is used up or all was seen."""
        turn = Round(deadline=deadline)
        duplicates: list[str] = []
        missing: list[str] = []
        checked: set[str] = set()
        start = self._ids.new()
        seen: set[str] = set()
        while self._clock.now() + timedelta(seconds=10) < deadline:
            page = self._page(start)
            fresh = [row for row in page if row.key not in seen]
            if not fresh:
                break
            seen.update(row.key for row in fresh)
            start = fresh[-1].issuance_id
            for account, group in by_account(self._worth_a_look(fresh)):
                for issuance, found in self._questions.ask(account, group, self._find, turn=turn):
                    checked.add(issuance.key)
                    ours = _ours(issuance, found)
                    if len(ours) > 1:
                        duplicates.append(issuance.tracking_code)
                    if issuance.barcode is not None and issuance.barcode.number not in ours:
                        missing.append(issuance.tracking_code)
        return AuditReport(checked=len(checked), duplicates=duplicates, missing=missing)

    def _page(self, start: str) -> list[Issuance]:
        try:
            rows = self._ledger.sample(start=start, limit=PAGE)
        except LedgerUnavailable:
            return []
        return [row for row in rows if isinstance(row, Issuance)]

    def _worth_a_look(self, issuances: Sequence[Issuance]) -> list[Issuance]:
        """Skip what an attempt may still be changing, and what somebody else had issued."""
        settled = self._clock.now() - timedelta(seconds=self._timing.settle)
        final = [
            one
            for one in issuances
            if one.state is IssuanceState.ISSUED
            and one.origin is not Origin.EXISTING
            and one.decided_at is not None
            and one.decided_at <= settled
        ]
        doubted = [one for one in final if _was_in_doubt(one)]
        smooth = [one for one in final if not _was_in_doubt(one)]
        return doubted + smooth[::SINGLE_OUT]

    def _find(self, issuance: Issuance, until: datetime) -> Sequence[Barcode]:
        return self._barcodes.find(
            account=issuance.account, request=issuance.request, deadline=until
        )


def _was_in_doubt(issuance: Issuance) -> bool:
    return issuance.attempt > 1 or issuance.origin in (Origin.RECONCILED, Origin.CHOSEN)


def _ours(issuance: Issuance, found: Sequence[Barcode]) -> set[str]:
    return {one.number for one in found if one.tracking_code == issuance.tracking_code}
