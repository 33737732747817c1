"""Of a barcode whose event its batch owes, `couponbus why` says when it is published."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.issuing_batch import IssuingBatch, batch_of
from couponbus.domain.issuing.program import Refusal
from couponbus.domain.issuing.reopening import reopened
from couponbus.domain.row import Row, Rows
from couponbus_cli.why.story import story
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.rows import SECOND, an_issuance, issued, requested
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.why.test_story import UNPOLLED

CLAIM = "claim-1"
PUBLISHED = "BarcodeIssued was published on the bus, with its batch."


class CountingLedger(MemoryLedger):
    """Counts how often rows are read."""

    reads = 0

    def read(self, keys: Sequence[str]) -> Rows:
        self.reads += 1
        return super().read(keys)


def left(row: Issuance) -> Issuance:
    return issued(row).left_to_batch(claim_id=CLAIM)


def open_batch(*rows: Issuance, due_at: datetime = NOON + 60 * SECOND) -> IssuingBatch:
    return batch_of(rows, claim_id=CLAIM, due_at=due_at, settled_at=NOON + 600 * SECOND)


def closed(batch: IssuingBatch) -> IssuingBatch:
    return batch.left_with((), due_at=None, now=NOON - 30 * SECOND)


def shown(row: Row, *batches: IssuingBatch) -> tuple[list[str], list[str], str]:
    by_id = {batch.batch_id: batch for batch in batches}
    found = story(row, now=NOON, polling=UNPOLLED, batches=by_id)
    return [event.text for event in found.timeline[-1:]], [*found.known], found.next


def test_once_the_batch_is_closed_it_says_when_its_event_was_published() -> None:
    row = left(an_issuance())

    found = story(row, now=NOON, polling=UNPOLLED, batches={CLAIM: closed(open_batch(row))})

    assert (found.timeline[-1].at, found.timeline[-1].text) == (NOON - 30 * SECOND, PUBLISHED)
    assert (found.known, found.next) == ([], "nothing; it is done.")


def test_once_the_batch_is_deleted_or_names_it_no_more_it_was_published_some_time() -> None:
    row, other = left(an_issuance()), an_issuance(customer_id=77)
    issued_only = (["Coniq issued the barcode."], [PUBLISHED], "nothing; it is done.")

    assert shown(row) == issued_only
    assert shown(row, open_batch(other)) == issued_only


def test_while_the_batch_owes_its_event_it_says_by_when_it_is_published() -> None:
    row = left(an_issuance())

    assert shown(row, open_batch(row)) == (
        ["Coniq issued the barcode."],
        [],
        "what its batch has issued is published on the bus, by the sweeper 2026-06-01 12:01:00 UTC"
        " (in 60 s).",
    )
    assert shown(row, open_batch(row, due_at=NOON - 5 * SECOND))[2] == (
        "what its batch has issued is published on the bus, by the sweeper within a minute or two;"
        " that is overdue since 2026-06-01 11:59:55 UTC (5 s ago)."
    )


def test_an_attempt_that_is_under_way_says_when_it_is_taken_over() -> None:
    row = requested(an_issuance())
    late = replace(row, claim_deadline=NOON - SECOND)

    assert shown(row, open_batch(row))[2] == (
        "an attempt is under way; if its outcome stays unknown, the sweeper takes it over"
        " 2026-06-01 12:01:00 UTC (in 60 s), and it is looked up from 2026-06-01 12:10:00 UTC"
        " (in 10 min) on."
    )
    assert shown(late, open_batch(late))[2] == (
        "it is looked up at Coniq from 2026-06-01 12:10:00 UTC (in 10 min) on."
    )


def test_the_publication_of_an_earlier_refusal_is_not_taken_for_that_of_the_barcode() -> None:
    refused = an_issuance().rejected(reason=Refusal.CONSENT_MISSING, now=NOON, publish_by=NOON)
    published = refused.announced(now=NOON - 55 * SECOND)
    row = left(reopened(published, by=an_issuance(), now=NOON - 52 * SECOND))

    texts = [
        event.text
        for event in story(
            row, now=NOON, polling=UNPOLLED, batches={CLAIM: closed(open_batch(row))}
        ).timeline
    ]

    assert texts.count("An outcome was published on the bus.") == 1
    assert texts[-1] == PUBLISHED


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_batch_is_explained_by_its_key(*, is_closed: bool) -> None:
    rows = [an_issuance(customer_id=number) for number in range(1, 26)]
    batch = open_batch(*rows)
    stage = FakeStage(MemoryLedger(closed(batch) if is_closed else batch))

    outcome = stage.run("why", "BATCH#claim-1")
    code, data = stage.run_json("why", "BATCH#claim-1")

    state = "CLOSED" if is_closed else "OPEN"
    assert f"Batch claim-1: {state}; 25 issuances" in outcome.out
    assert f"Issuance {rows[0].issuance_id}" in outcome.out
    assert "and 5 more" in outcome.out
    assert code == 0
    found = data["rows"]
    assert isinstance(found, list)
    assert [(each["key"], each["state"]) for each in found] == [("BATCH#claim-1", state)]


def test_the_batches_of_all_rows_are_one_read() -> None:
    rows = [replace(left(an_issuance(customer_id=n)), claim_id=f"c-{n}") for n in (1, 2, 3)]
    rows = [replace(row, signup_id="one") for row in rows]
    batches = [
        batch_of([row], claim_id=str(row.claim_id), due_at=NOON, settled_at=NOON) for row in rows
    ]
    without, beside = (
        CountingLedger(*(replace(row, claim_id=None) for row in rows)),
        CountingLedger(*rows, *batches),
    )

    for ledger in (without, beside):
        assert FakeStage(ledger).run("why", "one").code == 0

    assert beside.reads == without.reads + 1
