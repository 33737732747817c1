"""`couponbus resolve` settles AMBIGUOUS issuances only, with an optimistic lock and a reason."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from couponbus_cli.app.failing import Failed
from couponbus_cli.resolve.settling import REASON_LIMIT, safe_reason
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.rows import NUMBER, ambiguous, an_issuance, issued
from tests.unit.cli.stage import FakeStage

OTHER = "6330000000000043"


class ChangedMeanwhile(MemoryLedger):
    """A ledger in which another writer changes the row between a read and a write."""

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        for key, row in self.rows.items():
            self.rows[key] = row.written("another-writer")
        return super().write(rows)


@pytest.fixture
def row() -> Issuance:
    return ambiguous(an_issuance()).announced(now=NOON)


@pytest.fixture
def stage(row: Issuance) -> FakeStage:
    return FakeStage(MemoryLedger(row))


def stored(stage: FakeStage, row: Issuance) -> Issuance:
    found = stage.ledger.rows[row.key]
    assert isinstance(found, Issuance)
    return found


@pytest.mark.parametrize("choice", ["0042", "000042", NUMBER])
def test_a_barcode_is_chosen_by_its_last_digits_or_as_a_whole(
    stage: FakeStage, row: Issuance, choice: str
) -> None:
    outcome = stage.run(
        "resolve", row.tracking_code, "--choose", choice, "--reason", "Customer showed it", "--yes"
    )

    after = stored(stage, row)
    assert outcome.code == 0
    assert "has the barcode ************0042 now" in outcome.out
    assert (after.state, after.origin, after.revision) == (IssuanceState.ISSUED, Origin.CHOSEN, 1)
    assert after.unpublished
    assert after.candidates == ()
    assert after.barcode is not None
    assert (after.barcode.number, after.barcode.tracking_code) == (NUMBER, row.tracking_code)
    assert (after.barcode.customer_id, after.barcode.offer_id) == (row.customer_id, row.offer_id)
    assert after.barcode.created_at is None
    assert [(step.what, step.detail) for step in after.trail[-2:]] == [
        ("operator", "Customer showed it"),
        ("issued", "chosen"),
    ]
    assert NUMBER not in outcome.out + outcome.err


def test_a_reissue_makes_it_pending_and_due_at_once(stage: FakeStage, row: Issuance) -> None:
    arguments = ("resolve", row.issuance_id, "--reissue", "--reason", "both are void", "--yes")

    code, data = stage.run_json(*arguments)

    after = stored(stage, row)
    assert (code, data["state"], data["reason"]) == (0, "PENDING", "both are void")
    assert (after.state, after.due_at) == (IssuanceState.PENDING, NOON)
    assert after.trail[-1].detail == "both are void"


def test_it_asks_first_and_takes_no_for_an_answer(stage: FakeStage, row: Issuance) -> None:
    arguments = ("resolve", row.issuance_id, "--choose", "0042", "--reason", "seen")

    refused = stage.run(*arguments, typed="n\n")
    silent = stage.run(*arguments)
    after_refusals = stored(stage, row)
    agreed = stage.run(*arguments, typed="y\n")

    assert (refused.code, silent.code, agreed.code) == (1, 1, 0)
    assert f"record ************0042 as the barcode of customer {row.customer_id}" in refused.err
    assert "nothing was changed" in refused.err
    assert after_refusals == row
    assert stored(stage, row).state is IssuanceState.ISSUED


def test_a_reissue_warns_of_two_barcodes(stage: FakeStage, row: Issuance) -> None:
    outcome = stage.run("resolve", row.issuance_id, "--reissue", "--reason", "void", typed="n\n")

    assert "the customer will have two" in outcome.err


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("9999", "the choice is none of the barcodes found: ************0042, ************0043"),
        ("042", "the choice is none of"),
        ("", "the choice is none of"),
    ],
)
def test_a_choice_that_fits_nothing_is_refused(
    stage: FakeStage, row: Issuance, choice: str, said: str
) -> None:
    outcome = stage.run("resolve", row.issuance_id, "--choose", choice, "--reason", "x", "--yes")

    assert outcome.code == 1
    assert said in outcome.err
    assert stored(stage, row) == row


def test_a_choice_that_fits_several_is_refused(row: Issuance) -> None:
    twins = replace(row, candidates=("1110000000000042", NUMBER))
    stage = FakeStage(MemoryLedger(twins))

    outcome = stage.run("resolve", row.issuance_id, "--choose", "0042", "--reason", "x", "--yes")

    assert "the choice fits several of the barcodes found" in outcome.err


def test_without_candidates_nothing_can_be_chosen(row: Issuance) -> None:
    stage = FakeStage(MemoryLedger(replace(row, candidates=())))

    outcome = stage.run("resolve", row.issuance_id, "--choose", "0042", "--reason", "x", "--yes")

    assert "is none of the barcodes found: none" in outcome.err


def test_what_was_not_announced_yet_is_not_settled_behind_the_subscribers_backs() -> None:
    row = ambiguous(an_issuance())
    stage = FakeStage(MemoryLedger(row))

    code, data = stage.run_json("resolve", row.issuance_id, "--reissue", "--reason", "x", "--yes")

    assert code == 1
    assert isinstance(data["error"], dict)
    assert "not published as ambiguous yet" in str(data["error"]["message"])
    assert stored(stage, row) == row


def test_only_an_ambiguous_one_is_resolved() -> None:
    row = issued(an_issuance())
    stage = FakeStage(MemoryLedger(row))

    code, data = stage.run_json("resolve", row.issuance_id, "--reissue", "--reason", "x", "--yes")

    assert code == 1
    assert isinstance(data["error"], dict)
    assert data["error"]["kind"] == "not_allowed"
    assert "is ISSUED; only AMBIGUOUS ones can be resolved" in str(data["error"]["message"])
    assert stored(stage, row) == row


def test_a_row_that_changed_meanwhile_is_left_as_it_is(row: Issuance) -> None:
    stage = FakeStage(ChangedMeanwhile(row))

    outcome = stage.run("resolve", row.issuance_id, "--reissue", "--reason", "x", "--yes")

    assert outcome.code == 1
    assert "it was changed meanwhile: check it again" in outcome.err
    assert stored(stage, row).state is IssuanceState.AMBIGUOUS


@pytest.mark.parametrize("query", ["A" * 26, "4001", "RESOLUTION#A"])
def test_what_is_no_issuance_is_not_found(stage: FakeStage, query: str) -> None:
    outcome = stage.run("resolve", query, "--reissue", "--reason", "x", "--yes")

    assert outcome.code == 1
    assert f"there is no issuance {query}" in outcome.err


@pytest.mark.parametrize("arguments", [(), ("--reissue", "--choose", "0042")])
def test_it_is_either_a_choice_or_a_reissue(stage: FakeStage, arguments: tuple[str, ...]) -> None:
    outcome = stage.run("resolve", "A" * 26, "--reason", "x", *arguments)

    assert outcome.code == 2
    assert "either --choose" in outcome.err


def test_a_reason_is_needed_and_a_blank_one_is_none(stage: FakeStage, row: Issuance) -> None:
    assert stage.run("resolve", row.issuance_id, "--reissue", "--yes").code == 2
    blank = stage.run("resolve", row.issuance_id, "--reissue", "--reason", " \t", "--yes")

    assert (blank.code, blank.err) == (1, "--reason must say why\n")


def test_a_reason_is_kept_without_what_does_not_belong_there() -> None:
    assert safe_reason("  asked\x1b[31m\nada@customer.example \u202e now ") == (
        "asked [31m (e-mail hidden) now"
    )
    assert safe_reason(f"it is {NUMBER}, not {OTHER}") == (
        "it is ************0042, not ************0043"
    )
    assert safe_reason("ticket 4711") == "ticket 4711"
    assert len(safe_reason("x" * 1000)) == REASON_LIMIT
    with pytest.raises(Failed):
        safe_reason("\u200b")
