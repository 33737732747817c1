"""A batch names the issuances of one POST for as long as one of them needs it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.aws.ledger.retention import CLOSED, kept_until
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.issuing_batch import batch_of
from couponbus.domain.outbox.backlog import Backlog, backlog_of
from tests import factories
from tests.fakes.clock import NOON

SOON = NOON + timedelta(seconds=60)
SETTLED = NOON + timedelta(seconds=600)
WAITING = [factories.any_issuance() for _ in range(3)]
CLAIMED = [
    one.claimed(claim_id="mine", now=NOON, deadline=SOON, ready_at=SETTLED) for one in WAITING
]
BATCH = batch_of(WAITING, claim_id="mine", due_at=SOON, settled_at=SETTLED)


def issued(one: Issuance) -> Issuance:
    return one.issued(
        barcode=factories.any_barcode(of=one.request),
        origin=Origin.ISSUED,
        now=NOON,
        publish_by=SOON,
    )


OWED = issued(CLAIMED[0])
LEFT = OWED.left_to_batch(claim_id="mine")


def test_it_names_what_is_to_be_claimed_and_is_due_for_all_of_it() -> None:
    assert BATCH.key == "BATCH#mine"
    assert BATCH.issuance_keys == [one.key for one in WAITING]
    assert (BATCH.due_at, backlog_of(BATCH)) == (SOON, Backlog.OUTBOX)


@pytest.mark.parametrize(
    ("issuance", "claimed", "issued"),
    [
        (CLAIMED[0], True, False),
        (replace(CLAIMED[0], claim_id="theirs"), False, False),
        (replace(CLAIMED[0], due_at=SETTLED), False, False),
        (WAITING[0], False, False),
        (LEFT, False, True),
        (replace(LEFT, claim_id="theirs"), False, False),
        (OWED, False, False),
    ],
    ids=["claimed", "theirs", "due", "waiting", "left", "left to theirs", "owed by its row"],
)
def test_what_needs_it_waits_for_its_outcome_or_for_its_event(
    issuance: Issuance, *, claimed: bool, issued: bool
) -> None:
    assert (BATCH.has_claimed(issuance), BATCH.has_issued(issuance)) == (claimed, issued)


def test_an_issuance_that_is_left_to_its_batch_owes_nothing_itself() -> None:
    assert not LEFT.unpublished
    assert (LEFT.due_at, LEFT.claim_id) == (None, "mine")
    assert (LEFT.outcomes, LEFT.published_at) == (1, None)


def test_what_shows_neither_its_claim_nor_an_outcome_is_missing() -> None:
    elsewhere = replace(CLAIMED[1], claim_id="theirs")

    assert BATCH.missing([CLAIMED[0], elsewhere]) == {WAITING[1].key, WAITING[2].key}
    assert BATCH.missing([LEFT, *CLAIMED[1:]]) == set()


def test_what_is_dropped_from_it_leaves_the_others_in_their_order() -> None:
    left = BATCH.left_with({WAITING[2].key, WAITING[0].key}, due_at=SETTLED, now=NOON)

    assert left.issuance_keys == [WAITING[0].key, WAITING[2].key]
    assert (left.due_at, left.closed_at, kept_until(left)) == (SETTLED, None, None)


def test_a_batch_that_nothing_needs_is_closed_and_kept_for_a_week() -> None:
    closed = BATCH.left_with(set(), due_at=SOON, now=NOON)

    assert (closed.due_at, closed.closed_at) == (None, NOON)
    assert kept_until(closed) == NOON + CLOSED
    assert kept_until(BATCH) is None


def test_a_batch_that_every_issuance_needs_stays_as_it_is() -> None:
    assert BATCH.left_with(set(BATCH.issuance_keys), due_at=SOON, now=NOON) == BATCH
