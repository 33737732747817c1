"""Old rules about what an answer proves: each lets one answer duplicate or lose barcodes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from couponbus.domain.errors import SeveralCustomers
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.attempt import Attempt, BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.domain.issuing.issuance import Issuance
from couponbus.providers.coniq import client, matching
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.coniq.customers import customer_with
from couponbus.providers.coniq.gets import ConiqGets
from couponbus.providers.coniq.matching import Matched
from couponbus.providers.coniq.wire import ConiqReading
from couponbus.providers.http.transport import HttpAnswer
from couponbus.usecases.issuing.request_barcodes import RequestBarcodes
from tests.simulation.mutant import Mutant, Patch

NOT_FOUND = 404
OF_BATCHES = ("status_400", "status_404", "status_413", "status_422")


def _not_found_is_absence() -> Patch:
    answer_to = ConiqGets._answer

    def _answer(
        self: ConiqGets,
        account: Account,
        path: str,
        criteria: Mapping[str, str],
        *,
        route: str,
        deadline: datetime,
    ) -> tuple[HttpAnswer, str]:
        answer, key = answer_to(self, account, path, criteria, route=route, deadline=deadline)
        if answer.status == NOT_FOUND and _is_json(answer.body):
            answer = HttpAnswer(status=200, headers=answer.headers, body=b"[]")
        return answer, key

    return Patch(ConiqGets, "_answer", _answer)


def _reference_is_identity() -> Sequence[Patch]:
    match_all = matching.match

    def match(
        requests: Sequence[BarcodeRequest], reading: ConiqReading, *, account: Account
    ) -> Matched:
        ours = {request.tracking_code for request in requests}
        known = [one for one in reading.barcodes if one.tracking_code in (None, *ours)]
        return match_all(requests, replace(reading, barcodes=known), account=account)

    def exactly(find: Callable[..., Sequence[Barcode]]) -> Callable[..., Sequence[Barcode]]:
        def found_exactly(
            self: ConiqBarcodes, *, account: str, request: BarcodeRequest, deadline: datetime
        ) -> Sequence[Barcode]:
            found = find(self, account=account, request=request, deadline=deadline)
            return [one for one in found if one.tracking_code in (None, request.tracking_code)]

        return found_exactly

    return (
        Patch(client, "match", match),
        Patch(ConiqBarcodes, "find", exactly(ConiqBarcodes.find)),
        Patch(ConiqBarcodes, "existing", exactly(ConiqBarcodes.existing)),
    )


def _all_refused_is_each_refused() -> Patch:
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
        if attempt.reason in OF_BATCHES and attempt.outcome is not Outcome.APPLIED:
            alone = len(answer.attempts) == 1
            blame = Blame.ITEM if alone else Blame.BATCH
            attempt = replace(attempt, outcome=Outcome.REFUSED, blame=blame)
        return after(self, issuance, attempt, answer=answer, healed_at=healed_at, now=now)

    return Patch(RequestBarcodes, "_after", _after)


def _unfiltered(
    found: Sequence[Barcode],
    request: BarcodeRequest,
    *,
    meets: Callable[[Barcode, BarcodeRequest], bool],
) -> Sequence[Barcode]:
    return [one for one in found if meets(one, request)]


def _first_customer(body: bytes, *, email: str) -> int | None:
    try:
        return customer_with(body, email=email)
    except SeveralCustomers:
        return int(json.loads(body)[0]["customer_id"])


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


OLD_RULES = (
    Mutant(
        name="a 404 in JSON is absence",
        shows=("I1", "I2", "I6"),
        patches=(_not_found_is_absence(),),
    ),
    Mutant(
        name="the reference alone is identity",
        shows=("I1",),
        patches=_reference_is_identity(),
    ),
    Mutant(
        name="a refusal of all is a refusal of each",
        shows=("I2", "I3"),
        patches=(_all_refused_is_each_refused(),),
    ),
    Mutant(
        name="a list that Coniq did not filter proves absence",
        shows=("I1", "I6"),
        patches=(Patch(client, "relevant", _unfiltered),),
    ),
    Mutant(
        name="several customers behind an e-mail: the first is taken",
        shows=("I3",),
        patches=(Patch(client, "customer_with", _first_customer),),
    ),
)
