"""Bugs about the effect of an attempt, and about when another attempt may be made."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from couponbus.aws.ledger import writes
from couponbus.aws.ledger.write_results import WriteResult, answered
from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.issuing import look_up_results
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.reopening import reopened
from couponbus.domain.rate_limit import Pace
from couponbus.domain.row import Row
from couponbus.providers.coniq import client
from couponbus.providers.coniq.matching import Matched
from couponbus.providers.coniq.wire import ConiqReading
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing import admission
from couponbus.usecases.issuing.reconcile import Reconcile
from couponbus.usecases.issuing.request_barcodes import RequestBarcodes
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.settings import TIMING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import BatchStatementResponseTypeDef


def _taken_for_refused(wrong: Callable[[Attempt], bool]) -> Patch:
    after = RequestBarcodes._after

    def _after(
        self: RequestBarcodes,
        issuance: Issuance,
        attempt: Attempt,
        *,
        answer: BatchAnswer,
        healed_at: float,
        now: datetime,
    ) -> Issuance:
        if attempt.outcome is Outcome.UNKNOWN and wrong(attempt):
            attempt = replace(attempt, outcome=Outcome.REFUSED, blame=Blame.TRANSIENT)
        return after(self, issuance, attempt, answer=answer, healed_at=healed_at, now=now)

    return Patch(RequestBarcodes, "_after", _after)


def _nothing_found(self: Reconcile, issuance: Issuance, until: datetime) -> Sequence[Barcode]:
    return ()


def _free_again(self: Reconcile, rows: Sequence[Issuance], *, run: Invocation) -> list[Issuance]:
    now = self.clock.now()
    free = [row.released(now=now, until=now, why="expired", batch_limit=None) for row in rows]
    return self._stored(free, run=run)


def _expires_early() -> Patch:
    claimed = Issuance.claimed

    def expiring(
        self: Issuance, *, claim_id: str, now: datetime, deadline: datetime, ready_at: datetime
    ) -> Issuance:
        return claimed(
            self,
            claim_id=claim_id,
            now=now,
            deadline=deadline,
            ready_at=now + timedelta(seconds=10),
        )

    return Patch(Issuance, "claimed", expiring)


def _by_position(
    requests: Sequence[BarcodeRequest], reading: ConiqReading, *, account: object
) -> Matched:
    missing = Attempt(outcome=Outcome.UNKNOWN, reason="missing_in_answer")
    found = [
        Attempt(outcome=Outcome.APPLIED, reason="issued", barcode=barcode)
        for barcode in reading.barcodes
    ]
    attempts = [*found, *[missing] * len(requests)]
    return Matched(attempts=attempts[: len(requests)], anomalies=0)


def _always_reopens(issuance: Issuance) -> bool:
    return issuance.state in (IssuanceState.REJECTED, IssuanceState.AMBIGUOUS)


def _sent_at_once(issuance: Issuance, *, by: Issuance, now: datetime) -> Issuance:
    return replace(reopened(issuance, by=by, now=now), state=IssuanceState.PENDING)


def _never_braked(self: Pace, purpose: Purpose) -> bool:
    return False


def _held_back_is_stored(
    rows: tuple[Row, ...], responses: "Sequence[BatchStatementResponseTypeDef]"
) -> WriteResult:
    return replace(answered(rows, responses), again=())


MUTANTS_OF_ISSUING = (
    Mutant(
        name="a timeout is taken for a failure",
        shows=("I1", "I6"),
        patches=(_taken_for_refused(lambda one: one.reason == "read_timeout"),),
    ),
    Mutant(
        name="reconciling without asking",
        shows=("I1", "I6"),
        patches=(Patch(Reconcile, "_look_up", _nothing_found),),
    ),
    Mutant(
        name="settling too short",
        shows=("I1",),
        timing=replace(TIMING, settle=6.0),
    ),
    Mutant(
        name="an item missing in the answer is taken for failed",
        shows=("I1", "I6"),
        patches=(_taken_for_refused(lambda one: one.reason == "missing_in_answer"),),
    ),
    Mutant(
        name="a server error is repeated blindly",
        shows=("I1", "I6"),
        patches=(_taken_for_refused(lambda one: one.reason.startswith("status_5")),),
    ),
    Mutant(
        name="an answer is matched by its order",
        shows=("I3",),
        patches=(Patch(client, "match", _by_position),),
    ),
    Mutant(
        name="an expired claim is claimed again without a look-up",
        shows=("I1", "I6"),
        patches=(_expires_early(), Patch(Reconcile, "reconcile", _free_again)),
    ),
    Mutant(
        name="the second look-up is skipped",
        shows=("I1", "I6"),
        patches=(Patch(look_up_results, "LOOK_UPS_NEEDED", 1),),
    ),
    Mutant(
        name="a braked account is posted to",
        shows=("I6",),
        patches=(Patch(Pace, "is_braked", _never_braked),),
    ),
    Mutant(
        name="what may be at the provider is sent again for a later sign-up",
        shows=("I1", "I2", "I6"),
        patches=(
            Patch(admission, "may_reopen", _always_reopens),
            Patch(admission, "reopened", _sent_at_once),
        ),
    ),
    Mutant(
        name="a row that other writers crowded out is taken for stored",
        shows=("I2", "I4", "I6"),
        patches=(Patch(writes, "answered", _held_back_is_stored),),
    ),
)
