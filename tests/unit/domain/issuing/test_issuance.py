"""An issuance moves along its states, and no other way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.look_up_results import is_last_look_up, nothing_found, nothing_proven
from couponbus.domain.issuing.reopening import allowed_again, may_reopen, reopened, retried
from couponbus.domain.masking import masked
from couponbus.domain.row import Transition
from tests import factories
from tests.fakes.clock import NOON

SOON = NOON + timedelta(seconds=10)
LATER = NOON + timedelta(seconds=60)
TIMING = replace(factories.any_timing(), between_look_ups=60.0, publish_grace=10.0)
A_MINUTE = timedelta(seconds=TIMING.between_look_ups)
STEPS: dict[str, Transition[Issuance]] = {
    "postponed": lambda one: one.postponed(now=NOON, until=SOON, why="busy"),
    "claimed": lambda one: one.claimed(claim_id="c", now=NOON, deadline=SOON, ready_at=LATER),
    "issued": lambda one: one.issued(
        barcode=factories.any_barcode(of=one.request),
        origin=Origin.RECONCILED,
        now=NOON,
        publish_by=SOON,
    ),
    "rejected": lambda one: one.rejected(reason="no", now=NOON, publish_by=SOON),
    "ambiguous": lambda one: one.ambiguous(
        numbers=("1234567890123456",), reason="several", now=NOON, publish_by=SOON
    ),
    "released": lambda one: one.released(now=NOON, until=SOON, why="proven", batch_limit=None),
    "doubted": lambda one: one.doubted(
        now=NOON, ready_at=SOON, why="timeout", refusal=None, batch_limit=None
    ),
    "not_found": lambda one: nothing_found(one, now=NOON, timing=TIMING),
    "reopened": lambda one: reopened(one, by=factories.any_issuance(), now=NOON),
    "retried": lambda one: retried(one, program="renamed", now=NOON, why="mended"),
    "allowed_again": lambda one: allowed_again(one, now=NOON, why="not theirs"),
}
PENDING = factories.any_issuance()
REQUESTED = STEPS["claimed"](PENDING)
REFUSED_ALONE = REQUESTED.doubted(
    now=NOON,
    ready_at=SOON,
    why="status_400",
    refusal=None,
    contradiction="status_400",
    refused_since=NOON,
    batch_limit=1,
)
ROWS = {
    "pending": PENDING,
    "requested": REQUESTED,
    "issued": STEPS["issued"](REQUESTED),
    "refused at the gate": STEPS["rejected"](PENDING),
    "refused by the provider": STEPS["rejected"](REQUESTED),
    "refused for a day": STEPS["not_found"](STEPS["not_found"](REFUSED_ALONE)),
    "ambiguous": STEPS["ambiguous"](REQUESTED),
}
LEGAL = {
    "pending": {"postponed", "claimed", "issued", "rejected", "ambiguous"},
    "requested": {"issued", "rejected", "ambiguous", "released", "doubted", "not_found"},
    "issued": set[str](),
    "refused at the gate": {"reopened", "retried"},
    "refused by the provider": {"reopened", "retried"},
    "refused for a day": {"reopened", "retried", "issued", "allowed_again"},
    "ambiguous": {"issued", "allowed_again"},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("row", ROWS)
def test_only_the_steps_of_the_state_machine_are_possible(row: str, step: str) -> None:
    if step in LEGAL[row]:
        assert STEPS[step](ROWS[row]).key == ROWS[row].key
        return
    with pytest.raises(TransitionRefused, match="ISSUANCE#"):
        STEPS[step](ROWS[row])


def test_a_claim_counts_the_attempt_and_keeps_all_others_away() -> None:
    claimed = PENDING.claimed(claim_id="c-1", now=NOON, deadline=SOON, ready_at=LATER)

    assert claimed.state is IssuanceState.REQUESTED
    assert (claimed.attempt, claimed.claim_id, claimed.requested_at) == (1, "c-1", NOON)
    assert claimed.claim_deadline == SOON
    assert claimed.ready_at == LATER
    assert claimed.due_at is None  # its batch is due instead
    assert not claimed.is_ready(SOON)
    assert claimed.is_ready(LATER)


def test_a_second_claim_forgets_the_doubts_of_the_first() -> None:
    doubted = REQUESTED.doubted(
        now=NOON, ready_at=SOON, why="status_400", refusal="bad_offer", batch_limit=7
    )
    searched = nothing_found(doubted, now=NOON, timing=TIMING)
    released = searched.released(now=NOON, until=SOON, why="proven", batch_limit=7)

    claimed = STEPS["claimed"](released)

    assert claimed.attempt == 2
    assert (claimed.lookups, claimed.doubt, claimed.refusal) == (0, None, None)
    assert claimed.batch_limit == 7


def test_an_issued_row_has_its_barcode_and_owes_an_event() -> None:
    barcode = factories.any_barcode(of=REQUESTED.request)

    issued = REQUESTED.issued(barcode=barcode, origin=Origin.ISSUED, now=NOON, publish_by=SOON)

    assert (issued.state, issued.barcode, issued.origin) == (
        IssuanceState.ISSUED,
        barcode,
        Origin.ISSUED,
    )
    assert (issued.outcomes, issued.unpublished, issued.due_at) == (1, True, SOON)
    assert (issued.claim_id, issued.claim_deadline, issued.ready_at) == (None, None, None)
    assert issued.is_final


def test_one_empty_look_up_proves_nothing() -> None:
    searched = nothing_found(REQUESTED, now=NOON, timing=TIMING)

    assert searched.state is IssuanceState.REQUESTED
    assert searched.lookups == 1
    assert searched.ready_at == searched.due_at == NOON + A_MINUTE


def test_the_second_empty_look_up_lets_it_be_asked_for_again_at_once() -> None:
    twice = STEPS["not_found"](STEPS["not_found"](REQUESTED))

    assert twice.state is IssuanceState.PENDING
    assert twice.is_ready(NOON)
    assert (twice.claim_id, twice.claim_deadline) == (None, None)


def test_the_second_empty_look_up_lets_what_the_provider_said_stand() -> None:
    doubted = REQUESTED.doubted(
        now=NOON, ready_at=SOON, why="offer_unknown", refusal="offer_unknown", batch_limit=None
    )

    twice = STEPS["not_found"](STEPS["not_found"](doubted))

    assert twice.state is IssuanceState.REJECTED
    assert twice.reason == "offer_unknown"


def test_a_batch_limit_survives_two_empty_look_ups() -> None:
    doubted = REQUESTED.doubted(
        now=NOON, ready_at=SOON, why="status_400", refusal=None, batch_limit=100
    )

    assert STEPS["not_found"](STEPS["not_found"](doubted)).batch_limit == 100


def test_an_ambiguous_row_keeps_the_numbers_but_its_history_hides_them() -> None:
    numbers = ("1234567890123456", "9876543210987654")

    row = REQUESTED.ambiguous(numbers=numbers, reason="several", now=NOON, publish_by=SOON)

    assert row.candidates == numbers
    assert row.trail[-1].detail == f"several: {masked(numbers[0])}, {masked(numbers[1])}"
    assert not any(number in str(row.trail) for number in numbers)


def test_an_operator_chooses_a_barcode() -> None:
    chosen = ROWS["ambiguous"].issued(
        barcode=factories.any_barcode(), origin=Origin.CHOSEN, now=SOON, publish_by=LATER
    )

    assert (chosen.state, chosen.reason, chosen.candidates) == (IssuanceState.ISSUED, None, ())
    assert chosen.outcomes == 2


def test_an_operator_allows_another_attempt() -> None:
    allowed = allowed_again(ROWS["ambiguous"], now=SOON, why="not theirs")

    assert allowed.state is IssuanceState.PENDING
    assert (allowed.due_at, allowed.candidates, allowed.reason) == (SOON, (), None)
    assert allowed.trail[-1].detail == "not theirs"


def test_a_later_sign_up_starts_a_refused_one_again_with_its_own_facts() -> None:
    later = replace(factories.any_issuance(), consents=("tobacco",), age=40)

    again = reopened(ROWS["refused at the gate"], by=later, now=SOON)

    assert again.state is IssuanceState.PENDING
    assert (again.issuance_id, again.customer_id) == (PENDING.issuance_id, PENDING.customer_id)
    assert (again.signup_id, again.program, again.channel) == (
        later.signup_id,
        later.program,
        later.channel,
    )
    assert (again.consents, again.age, again.reason) == (("tobacco",), 40, None)
    assert again.is_ready(NOON)


@pytest.mark.parametrize("row", ["refused by the provider", "refused for a day"])
def test_what_was_sent_before_is_looked_up_once_more_before_it_is_sent_again(row: str) -> None:
    later = replace(factories.any_issuance(), tracking_code="of-another-program")

    again = reopened(ROWS[row], by=later, now=SOON)
    searched = STEPS["not_found"](again)

    assert (again.state, again.claim_id) == (IssuanceState.REQUESTED, None)
    assert again.is_ready(NOON)
    assert is_last_look_up(again)
    assert (again.tracking_code, again.first_requested_at) == (PENDING.tracking_code, NOON)
    assert searched.state is IssuanceState.PENDING
    assert (searched.batch_limit, searched.refused_since) == (None, None)


def test_what_contradicts_itself_may_not_start_again_although_it_was_refused_before() -> None:
    proves_nothing = nothing_proven(
        REFUSED_ALONE.unproven(since=NOON, now=NOON, until=SOON, why="status_400"),
        why="status_400",
        now=LATER,
        timing=replace(TIMING, resolve_for=60.0),
    )

    assert proves_nothing.state is IssuanceState.AMBIGUOUS
    assert not may_reopen(proves_nothing)


def test_an_operator_has_it_tried_again_by_the_program_that_wants_it_now() -> None:
    refused = replace(ROWS["refused at the gate"], koupon_consumer="consumer").announced(now=SOON)

    again = retried(refused, program="renamed", now=SOON, why="mended")

    assert (again.state, again.program, again.reason) == (IssuanceState.PENDING, "renamed", None)
    assert (again.signup_id, again.koupon_consumer) == (PENDING.signup_id, "consumer")
    assert again.trail[-1].detail == "mended"


@pytest.mark.parametrize(
    "again",
    [
        lambda: retried(ROWS["refused for a day"], program="welcome", now=SOON, why="mended"),
        lambda: reopened(ROWS["refused at the gate"], by=factories.any_issuance(), now=SOON),
        lambda: allowed_again(ROWS["ambiguous"], now=SOON, why="not theirs"),
    ],
)
def test_one_that_starts_again_does_not_owe_its_old_outcome(
    again: Callable[[], Issuance],
) -> None:
    row = again()

    assert not row.unpublished
    assert row.outcomes == 1


def test_the_request_is_what_makes_the_barcode_ours() -> None:
    request = PENDING.request

    assert (request.customer_id, request.offer_id) == (PENDING.customer_id, PENDING.offer_id)
    assert (request.channel, request.tracking_code) == (PENDING.channel, PENDING.tracking_code)
