"""Reports at once what must never happen in a run (docs/reliability.md#invariants)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.issuing.attempt import BatchAnswer, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.domain.row import Row
from couponbus.ports.issuing import Barcodes
from tests.simulation.coniq import Coniq, Sold
from tests.simulation.ledger import Change, SimulatedLedger
from tests.simulation.publishing import PublishingWitness
from tests.simulation.settings import LIMIT, TIMING
from tests.simulation.world import Invocation, World

CLOCKS_APART = 10.0


@dataclass(slots=True)
class Claim:
    """The right of one invocation to POST for a row; `done` once it has written the outcome."""

    by: Invocation
    done: bool = False


@dataclass(slots=True)
class Attempt:
    """A POST whose effect is not proven; `lookups` are the times of empty look-ups since."""

    lookups: list[float] = field(default_factory=list)
    applied: bool = False

    @property
    def proven_absent(self) -> bool:
        apart = TIMING.between_look_ups - CLOCKS_APART
        return (
            len(self.lookups) > 1
            and self.lookups[-1] - self.lookups[0] >= apart
            and not self.applied
        )


class Witness(PublishingWitness):
    """Sees every change, event, barcode and POST of a run at the moment that it happens."""

    def __init__(self, world: World, ledger: SimulatedLedger, coniq: Coniq) -> None:
        super().__init__(world)
        self.claims = 0
        self.issued_at: dict[str, float] = {}
        self.posted: set[str] = set()
        self.silences: Counter[str] = Counter()
        self.posting: list[Callable[[str], None]] = []
        self._ledger = ledger
        self._coniq = coniq
        self._claims: dict[str, Claim] = {}
        self._keys: dict[str, str] = {}
        self._attempts: dict[str, Attempt] = {}

    def changed(self, change: Change) -> None:
        row, before = change.row, change.before
        self._stepped(row, before)
        outcomes = 0 if before is None else before.outcomes
        if row.outcomes > outcomes:
            self._decided(row, _detail_type(row))
        if not isinstance(row, Issuance):
            return
        self._keys[row.tracking_code] = row.key
        older = before if isinstance(before, Issuance) else None
        if older and _is_settled(older) and row.state != older.state:
            self.report_violation(f"I2 {row.key}: {older.state}, then {row.state} again")
        if row.state is IssuanceState.ISSUED:
            self.issued_at.setdefault(row.key, change.at)
        self._claimed(change.by, row, None if older is None else older.claim_id)

    def _claimed(self, by: Invocation, row: Issuance, claimed: str | None) -> None:
        claim = self._claims.get(row.key)
        if row.claim_id is not None and row.claim_id != claimed:
            self.claims += 1
            if claim and not claim.done and not claim.by.over:
                self.report_violation(f"I6 {row.key}: claimed while another claim is alive")
            self._claims[row.key] = Claim(by)
        elif claim is not None and claim.by is by:
            claim.done = True

    def sold(self, sold: Sold) -> None:
        self._world.note("sold", f"{sold.customer_id} {sold.tracking_code}")
        code = sold.tracking_code
        if code is not None and len(self._coniq.coded(code)) > 1:
            self.report_violation(f"I1 {code}: a second barcode")

    def sending(self, requests: Sequence[BarcodeRequest], *, account: str) -> None:
        for watch in self.posting:
            watch(account)
        invocation = self._world.current()
        if self._world.now + TIMING.post > invocation.started + LIMIT:
            self.report_violation("I6 a POST that may outlive its claim")
        for request in requests:
            code = request.tracking_code
            self.posted.add(code)
            if not self._may_post(code, invocation):
                self.report_violation(f"I6 {code}: a POST without a claim")
            attempt = self._attempts.get(code)
            if attempt is not None and not attempt.proven_absent:
                self.report_violation(f"I6 {code}: a POST again without proof")
            self._attempts[code] = Attempt()

    def answered(self, requests: Sequence[BarcodeRequest], answer: BatchAnswer) -> None:
        for request, attempt in zip(requests, answer.attempts, strict=True):
            code = request.tracking_code
            self.silences[code] += attempt.reason == "missing_in_answer"
            if attempt.outcome in (Outcome.NOT_SENT, Outcome.REFUSED):
                self._attempts.pop(code, None)
            if attempt.outcome is Outcome.APPLIED and code in self._attempts:
                self._attempts[code].applied = True

    def looked_up(self, request: BarcodeRequest, found: Sequence[Barcode]) -> None:
        attempt = self._attempts.get(request.tracking_code)
        known = [one for one in found if one.number not in self._coniq.forgotten]
        if attempt and not any(one.tracking_code == request.tracking_code for one in known):
            attempt.lookups.append(self._world.now)

    def forget(self, key: str) -> None:
        """Forget an expired row; a later issuance of the same customer and offer is a new one."""
        super().forget(key)
        for code in [code for code, known in self._keys.items() if known == key]:
            self._coniq.forget(code)
            self._attempts.pop(code, None)
            self.posted.discard(code)
        self._claims.pop(key, None)
        self.issued_at.pop(key, None)

    def _may_post(self, code: str, invocation: Invocation) -> bool:
        key = self._keys.get(code)
        if key is None:
            return False
        row, claim = self._ledger.rows.get(key), self._claims.get(key)
        return (
            isinstance(row, Issuance)
            and row.state is IssuanceState.REQUESTED
            and claim is not None
            and claim.by is invocation
            and not claim.done
        )


class ObservedBarcodes:
    """The port Barcodes, observed by the witness."""

    def __init__(self, barcodes: Barcodes, witness: Witness) -> None:
        self._barcodes = barcodes
        self._witness = witness

    def issue(
        self, *, account: str, requests: Sequence[BarcodeRequest], deadline: datetime
    ) -> BatchAnswer:
        self._witness.sending(requests, account=account)
        answer = self._barcodes.issue(account=account, requests=requests, deadline=deadline)
        self._witness.answered(requests, answer)
        return answer

    def find(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        found = self._barcodes.find(account=account, request=request, deadline=deadline)
        self._witness.looked_up(request, found)
        return found

    def existing(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        found = self._barcodes.existing(account=account, request=request, deadline=deadline)
        self._witness.looked_up(request, found)
        return found

    def find_customer(self, *, account: str, email: str, deadline: datetime) -> int | None:
        return self._barcodes.find_customer(account=account, email=email, deadline=deadline)


def _is_settled(row: Issuance) -> bool:
    """Whether only an operator, or a new sign-up after a refusal, may move it on."""
    is_refused = row.state is IssuanceState.REJECTED or row.refused_since is not None
    return row.is_final and not (is_refused and not row.candidates)


def _detail_type(row: Row) -> str:
    if isinstance(row, Rejection):
        return "SignUpRejected"
    if isinstance(row, UnmatchedTally):
        return "SignUpUnmatched"
    if isinstance(row, Issuance) and row.state is IssuanceState.ISSUED:
        return "BarcodeIssued"
    if isinstance(row, Issuance) and row.state is IssuanceState.AMBIGUOUS:
        return "BarcodeAmbiguous"
    return "BarcodeRefused"
