"""`couponbus status` shows no problem when all is well, and says what to do when it is not."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from couponbus.domain.issuing.issuing_batch import batch_of
from couponbus.domain.issuing.look_up_results import failed_look_up
from couponbus_cli.app.queues import QUEUES, WORK
from tests.factories import any_rejection, any_resolution
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.page.seeing import with_commands
from tests.unit.cli.rows import ambiguous, an_issuance, issued, requested
from tests.unit.cli.stage import FakeQueues, FakeStage

SECOND = timedelta(seconds=1)


def attention(stage: FakeStage) -> list[str]:
    code, data = stage.run_json("status")
    found = with_commands(cast("list[str]", data["attention"]))
    assert code == (1 if found else 0)
    return found


def test_an_empty_stage_is_well() -> None:
    outcome = FakeStage().run("status")

    assert outcome.code == 0
    assert "Oldest due: nothing is due" in outcome.out
    assert "All is well." in outcome.out


def test_rows_and_queues_are_counted() -> None:
    rows = (
        issued(an_issuance(customer_id=1)),
        issued(an_issuance(customer_id=2)),
        an_issuance(customer_id=3),
        replace(any_resolution(), due_at=None),
        replace(any_rejection(), due_at=NOON + 40 * SECOND),
    )
    stage = FakeStage(MemoryLedger(*rows), queues=FakeQueues({"signups": 1234}))

    outcome = stage.run("status")
    code, data = stage.run_json("status", "--counts")

    assert (outcome.code, code) == (0, 0)
    assert "1,234" in outcome.out
    assert "Oldest due: ISSUANCE#" in outcome.out
    assert data["stage"] == "local"
    assert data["counts"] == {
        "ISSUANCE": {"ISSUED": 2, "PENDING": 1},
        "RESOLUTION": {"WAITING": 1},
        "REJECTION": {"REJECTED": 1},
    }
    assert data["unpublished"] == 3
    assert data["queues"] == {
        queue: {"visible": 1234 if queue == "signups" else 0, "in_flight": 0} for queue in QUEUES
    }
    assert data["attention"] == []
    due = data["oldest_due"]
    assert isinstance(due, dict)
    assert due["due_at"] == "2026-06-01T12:00:20+00:00"


@pytest.mark.parametrize(("late", "expected"), [(119 * SECOND, 0), (120 * SECOND, 1)])
def test_look_ups_that_keep_failing_need_a_person_although_others_succeed(
    late: timedelta, expected: int
) -> None:
    row = failed_look_up(replace(an_issuance(), due_at=NOON), why="status_400", now=NOON - late)
    stage = FakeStage(MemoryLedger(row))

    code, data = stage.run_json("status")

    assert (code, len(cast("list[str]", data["attention"]))) == (expected, expected)
    assert ("All is well." in stage.run("status").out) is (not expected)
    assert data["failing_look_ups"] == {row.issuance_id: (NOON - late).isoformat()}
    for need in cast("list[str]", data["attention"]):
        assert need == (
            "1 row waits for look-ups at Coniq that fail, the first since 2026-06-01 11:58:00 UTC"
            f" (2 min ago): see couponbus why: {row.issuance_id}"
        )


def test_an_ambiguous_issuance_needs_a_person() -> None:
    row = ambiguous(an_issuance())
    stage = FakeStage(MemoryLedger(row))

    outcome = stage.run("status")
    code, data = stage.run_json("status")

    assert (outcome.code, code) == (1, 1)
    assert (
        "! 1 issuance is ambiguous: inspect with couponbus why ID, settle with couponbus resolve ID"
        " --choose LAST4 --reason TEXT, or couponbus resolve ID --reissue --reason TEXT:"
        f" {row.issuance_id}" in outcome.out
    )
    assert "All is well" not in outcome.out
    assert data["ambiguous"] == [row.issuance_id]


def test_only_the_first_ambiguous_ones_are_named() -> None:
    rows = [ambiguous(an_issuance(customer_id=number)) for number in range(11)]
    stage = FakeStage(MemoryLedger(*rows))

    [sentence] = attention(stage)

    assert sentence.startswith("11 issuances are ambiguous")
    assert sentence.endswith(f"{sorted(row.issuance_id for row in rows)[9]}, ...")


@pytest.mark.parametrize(("late", "expected"), [(300, 0), (301, 1)])
def test_a_row_that_is_long_overdue_points_to_the_sweeper(late: int, expected: int) -> None:
    row = replace(an_issuance(), due_at=NOON - late * SECOND)

    sentences = attention(FakeStage(MemoryLedger(row)))

    assert len(sentences) == expected
    assert all(f"{row.key} is overdue by 5 min: sweep_due" in text for text in sentences)


@pytest.mark.parametrize("queue", [queue for queue in QUEUES if queue not in WORK])
def test_a_message_in_a_last_stop_needs_a_person(queue: str) -> None:
    stage = FakeStage(queues=FakeQueues({queue: 1}))

    code, data = stage.run_json("status")

    assert code == 1
    [sentence] = with_commands(cast("list[str]", data["attention"]))
    assert sentence.startswith(f"{queue}: 1 message ")


@pytest.mark.parametrize("queue", WORK)
def test_a_long_queue_of_work_is_just_work(queue: str) -> None:
    assert FakeStage(queues=FakeQueues({queue: 100_000})).run("status").code == 0


def test_a_batch_is_one_of_what_is_not_yet_published_and_that_is_said() -> None:
    rows = [an_issuance(customer_id=number) for number in (1, 2)]
    batch = batch_of(rows, claim_id="c", due_at=NOON, settled_at=NOON)

    outcome = FakeStage(MemoryLedger(batch, *map(requested, rows))).run("status")

    said = "Not yet published: 1 (a batch of up to 200 barcodes counts as one)"
    assert said in " ".join(outcome.out.split())
