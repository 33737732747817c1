"""Client and simulator of Coniq agree on how barcodes are issued, through every fault."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, Channel
from couponbus_sandbox.coniq import (
    ConiqSandbox,
    ConiqSettings,
    FaultKind,
    FaultRule,
    NewCustomer,
    coniq_server,
)
from tests.contracts.coniq import applied, barcode_requests, client, find, issue

OPEN = (Outcome.UNKNOWN, Blame.TRANSIENT)


@pytest.fixture(scope="module")
def running() -> Iterator[ConiqSandbox]:
    with coniq_server(ConiqSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: ConiqSandbox) -> ConiqSandbox:
    running.reset()
    return running


def outcomes(answer: BatchAnswer) -> set[tuple[Outcome, Blame]]:
    return {(attempt.outcome, attempt.blame) for attempt in answer.attempts}


def as_the_simulator_has_it(barcode: Barcode) -> dict[str, object]:
    created = barcode.created_at
    return {
        "barcode_number": barcode.number,
        "offer_id": barcode.offer_id,
        "customer_id": barcode.customer_id,
        "channel": barcode.channel,
        "tracking_code": barcode.tracking_code,
        "image_url": barcode.image_url,
        "active": barcode.active,
        "expiry_date": barcode.expires_on and barcode.expires_on.isoformat(),
        "created_datetime_utc": created and created.isoformat(timespec="seconds"),
    }


@pytest.mark.parametrize("offer_id", [101, 102, 201, 202])
@pytest.mark.parametrize("channel", list(Channel))
def test_every_field_survives_the_way_there_and_back(
    sandbox: ConiqSandbox, offer_id: int, channel: Channel
) -> None:
    coniq = client(sandbox)
    request = replace(barcode_requests(1, channel=channel)[0], offer_id=offer_id)

    answer = issue(coniq, [request])

    (stored,) = sandbox.barcodes()
    (barcode,) = applied(list(answer.attempts))
    assert as_the_simulator_has_it(barcode) == stored
    assert find(coniq, request) == [barcode]
    assert answer.health is Health.GOOD


@pytest.mark.parametrize("style", ["offset", "naive"])
@pytest.mark.parametrize("absent", ["null", "omit"])
@pytest.mark.parametrize(
    "envelope", ["array", "barcodes_errors", "data_errors", "successes_failures"]
)
def test_each_form_of_an_answer_means_the_same(
    sandbox: ConiqSandbox, envelope: str, absent: str, style: str
) -> None:
    sandbox.change(batch_answer=envelope, absent_fields=absent, datetime_style=style)
    requests = barcode_requests(3)

    barcodes = applied(list(issue(client(sandbox), requests).attempts))

    assert [one.tracking_code for one in barcodes] == ["sig-0", "sig-1", "sig-2"]
    for barcode in barcodes:
        assert barcode.created_at is not None
        assert abs(barcode.created_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_two_hundred_travel_in_one_call(sandbox: ConiqSandbox) -> None:
    answer = issue(client(sandbox), barcode_requests(200), seconds=10)

    assert outcomes(answer) == {(Outcome.APPLIED, Blame.TRANSIENT)}
    assert sandbox.state.items_per_batch == [200]
    assert answer.anomalies == 0


def test_the_request_may_be_in_an_envelope(sandbox: ConiqSandbox) -> None:
    sandbox.change(batch_request_envelope="barcodes")

    answer = issue(client(sandbox, envelope="barcodes"), barcode_requests(2))

    assert outcomes(answer) == {(Outcome.APPLIED, Blame.TRANSIENT)}


@pytest.mark.parametrize(
    ("fault", "outcome", "health", "issued"),
    [
        (
            FaultRule(kind=FaultKind.UNAUTHORIZED),
            (Outcome.REFUSED, Blame.ACCOUNT),
            Health.UNAUTHORISED,
            0,
        ),
        (
            FaultRule(kind=FaultKind.RATE_LIMITED),
            (Outcome.REFUSED, Blame.ACCOUNT),
            Health.THROTTLED,
            0,
        ),
        (FaultRule(kind=FaultKind.SERVER_ERROR), OPEN, Health.FAILING, 0),
        (FaultRule(kind=FaultKind.SERVER_ERROR, commit=True), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.BAD_GATEWAY, commit=True), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.UNAVAILABLE), OPEN, Health.FAILING, 0),
        (FaultRule(kind=FaultKind.GATEWAY_TIMEOUT, commit=True), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.DRIP, seconds=0.05), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.RESET_BEFORE_COMMIT), OPEN, Health.FAILING, 0),
        (FaultRule(kind=FaultKind.RESET_AFTER_COMMIT), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.COMMIT_THEN_DROP), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.LATE_COMMIT, seconds=60), OPEN, Health.FAILING, 0),
        (FaultRule(kind=FaultKind.TRUNCATED_JSON), OPEN, Health.GOOD, 3),
        (FaultRule(kind=FaultKind.TRUNCATED_JSON, framing="short"), OPEN, Health.FAILING, 3),
        (FaultRule(kind=FaultKind.HTML), OPEN, Health.GOOD, 0),
        (FaultRule(kind=FaultKind.HTML, status=201, commit=True), OPEN, Health.GOOD, 3),
        (FaultRule(kind=FaultKind.REDIRECT), OPEN, Health.FAILING, 0),
        (
            FaultRule(kind=FaultKind.POISON, customer_id=5001),
            (Outcome.UNKNOWN, Blame.BATCH),
            Health.REFUSING,
            0,
        ),
        (
            FaultRule(kind=FaultKind.K_OF_N, items=2, status=422),
            (Outcome.UNKNOWN, Blame.BATCH),
            Health.REFUSING,
            2,
        ),
        (
            FaultRule(kind=FaultKind.SLOW, seconds=60),
            OPEN,
            Health.FAILING,
            0,
        ),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, FaultRule) else "",
)
def test_each_fault_of_a_whole_call_is_classified(
    sandbox: ConiqSandbox,
    fault: FaultRule,
    outcome: tuple[Outcome, Blame],
    health: Health,
    issued: int,
) -> None:
    sandbox.faults(fault)

    answer = issue(client(sandbox), barcode_requests(3), seconds=0.8)

    assert outcomes(answer) == {outcome}
    assert answer.health is health
    assert len(sandbox.barcodes()) == issued


@pytest.mark.parametrize(
    ("fault", "silent", "anomalies"),
    [
        (FaultRule(kind=FaultKind.K_OF_N, items=2), {"sig-2"}, 0),
        (FaultRule(kind=FaultKind.SHORT, items=1), {"sig-2"}, 0),
        (FaultRule(kind=FaultKind.REORDERED), set(), 0),
        (FaultRule(kind=FaultKind.DUPLICATED, items=2), set(), 2),
        (FaultRule(kind=FaultKind.FOREIGN, items=2), set(), 2),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, FaultRule) else "",
)
def test_each_fault_of_the_items_leaves_each_customer_their_own(
    sandbox: ConiqSandbox, fault: FaultRule, silent: set[str], anomalies: int
) -> None:
    sandbox.faults(fault)
    requests = barcode_requests(3)
    stored_number = {}

    answer = issue(client(sandbox), requests)

    for stored in sandbox.barcodes():
        stored_number[stored["tracking_code"]] = stored["barcode_number"]
    for request, attempt in zip(requests, answer.attempts, strict=True):
        if request.tracking_code in silent:
            assert attempt.reason == "missing_in_answer"
            assert (attempt.outcome, attempt.blame) == (Outcome.UNKNOWN, Blame.BATCH)
        else:
            assert attempt.barcode is not None
            assert attempt.barcode.number == stored_number[request.tracking_code]
    assert answer.anomalies == anomalies
    assert answer.health is Health.GOOD


def test_an_item_error_that_names_its_request_is_blamed_on_it(sandbox: ConiqSandbox) -> None:
    sandbox.change(open_world=False, error_items="index_and_ids")
    good, bad, other = barcode_requests(3)
    sandbox.add_customers(*(NewCustomer(customer_id=one.customer_id) for one in (good, other)))

    answer = issue(client(sandbox), [good, bad, other])

    assert [(one.outcome, one.blame) for one in answer.attempts] == [
        (Outcome.APPLIED, Blame.TRANSIENT),
        (Outcome.UNKNOWN, Blame.ITEM),
        (Outcome.APPLIED, Blame.TRANSIENT),
    ]
    assert answer.attempts[1].reason == "provider_404"


@pytest.mark.parametrize("form", ["array", "data_errors"])
def test_an_item_error_that_names_a_place_only_is_blamed_on_no_item(
    sandbox: ConiqSandbox, form: str
) -> None:
    sandbox.change(open_world=False, error_items="index", batch_answer=form)
    good, bad = barcode_requests(2)
    sandbox.add_customers(NewCustomer(customer_id=good.customer_id))

    answer = issue(client(sandbox), [bad, good])

    assert [one.reason for one in answer.attempts] == ["missing_in_answer", "issued"]


@pytest.mark.parametrize("style", ["list", "symfony", "error", "text"])
def test_one_request_that_is_refused_shows_not_yet_who_is_to_blame(
    sandbox: ConiqSandbox, style: str
) -> None:
    sandbox.change(open_world=False, error_style=style)

    answer = issue(client(sandbox), barcode_requests(1))

    in_its_own_form = style != "text"
    assert outcomes(answer) == {(Outcome.UNKNOWN, Blame.BATCH) if in_its_own_form else OPEN}
    assert answer.health is (Health.REFUSING if in_its_own_form else Health.FAILING)
    assert answer.attempts[0].reason == "status_404"


@pytest.mark.parametrize(
    ("form", "least", "most"), [("seconds", 30.0, 30.0), ("date", 28.0, 32.0), ("garbage", 0, 0)]
)
def test_retry_after_is_understood(
    sandbox: ConiqSandbox, form: str, least: float, most: float
) -> None:
    rule = FaultRule(kind=FaultKind.RATE_LIMITED, retry_after=30.0)
    sandbox.faults(replace(rule, retry_after_as=form))  # type: ignore[arg-type]

    answer = issue(client(sandbox), barcode_requests(1))

    assert least <= (answer.retry_after or 0.0) <= most


def test_a_post_is_never_repeated(sandbox: ConiqSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.SERVER_ERROR, count=1))

    issue(client(sandbox), barcode_requests(1))

    assert len(sandbox.calls()) == 1
