"""The invariants of an issuance hold after any sequence of steps."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.look_up_results import nothing_found
from couponbus.domain.issuing.reopening import allowed_again, reopened, retried
from couponbus.domain.row import TRAIL_LIMIT
from tests import factories
from tests.fakes.clock import NOON
from tests.thorough import thorough

type Step = Callable[[Issuance, datetime, datetime], Issuance]

STEPS: dict[str, Step] = {
    "postponed": lambda row, now, soon: row.postponed(now=now, until=soon, why="busy"),
    "claimed": lambda row, now, soon: row.claimed(
        claim_id="c", now=now, deadline=now, ready_at=soon
    ),
    "issued": lambda row, now, soon: row.issued(
        barcode=factories.any_barcode(of=row.request, seed=1),
        origin=Origin.ISSUED,
        now=now,
        publish_by=soon,
    ),
    "rejected": lambda row, now, soon: row.rejected(reason="no", now=now, publish_by=soon),
    "ambiguous": lambda row, now, soon: row.ambiguous(
        numbers=("1",), reason="several", now=now, publish_by=soon
    ),
    "released": lambda row, now, soon: row.released(
        now=now, until=soon, why="proven", batch_limit=None
    ),
    "doubted": lambda row, now, soon: row.doubted(
        now=now, ready_at=soon, why="?", refusal=None, batch_limit=3
    ),
    "refused item": lambda row, now, soon: row.doubted(
        now=now, ready_at=soon, why="?", refusal="bad", batch_limit=None
    ),
    "not found": lambda row, now, _: nothing_found(row, now=now, timing=factories.any_timing()),
    "reopened": lambda row, now, _: reopened(row, by=factories.any_issuance(seed=2), now=now),
    "retried": lambda row, now, _: retried(row, program="renamed", now=now, why="mended"),
    "refused for long": lambda row, now, soon: row.doubted(
        now=now,
        ready_at=soon,
        why="?",
        refusal=None,
        contradiction="?",
        refused_since=now,
        batch_limit=1,
    ),
    "allowed again": lambda row, now, _: allowed_again(row, now=now, why="not theirs"),
    "left to its batch": lambda row, *_: (
        row.left_to_batch(claim_id="c") if row.unpublished and _is_plain(row) else row
    ),
    "published": lambda row, now, _: row.announced(now=now) if row.unpublished else row,
    "handed over": lambda row, _, soon: row.handed_over(until=soon) if row.due_at else row,
}


def _is_plain(row: Issuance) -> bool:
    return row.state is IssuanceState.ISSUED and not row.was_in_doubt


WALKS = st.lists(st.sampled_from(list(STEPS)), max_size=60)


def take(row: Issuance, step: str, now: datetime) -> Issuance:
    return STEPS[step](row, now, now + timedelta(seconds=30))


@thorough(400, few=120)
@given(WALKS)
def test_no_walk_leaves_a_row_that_is_never_due_or_an_outcome_that_is_not_owed(
    walk: list[str],
) -> None:
    row, now = factories.any_issuance(seed=3), NOON
    for step in walk:
        before, now = row, now + timedelta(seconds=1)
        try:
            row = take(row, step, now)
        except TransitionRefused:
            assert row is before
            continue
        started = row.state is not IssuanceState.PENDING or row.trail[-1].what != "accepted"

        assert row.key == before.key
        assert row.attempt >= before.attempt
        assert row.outcomes - before.outcomes in (0, 1)
        assert not row.unpublished or row.is_final
        assert (row.state is IssuanceState.ISSUED) == (row.barcode is not None)
        in_batch = row.claim_id is not None and row.due_at is None
        assert not in_batch or row.state in (IssuanceState.REQUESTED, IssuanceState.ISSUED)
        owed = not row.is_final or row.unpublished or row.was_in_doubt
        assert not started or in_batch or (row.due_at is not None) == owed
        assert len(row.trail) <= TRAIL_LIMIT


@given(WALKS)
def test_nothing_is_claimed_twice_without_proof_in_between(walk: list[str]) -> None:
    row, now, proofs = factories.any_issuance(seed=3), NOON, 1
    for step in walk:
        before, now = row, now + timedelta(seconds=1)
        try:
            row = take(row, step, now)
        except TransitionRefused:
            continue
        proofs += before.state is not IssuanceState.PENDING and row.state is IssuanceState.PENDING

        assert row.attempt <= proofs
