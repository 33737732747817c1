"""`couponbus resolve --retry` starts refused issuances again: one, or many after a count."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import Resolution
from couponbus_cli.app.stage import Stage
from tests.factories import any_program, any_resolution
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.rows import ambiguous, an_issuance, issued, requested
from tests.unit.cli.stage import FakeStage

PROGRAM = replace(any_program(), name="welcome")
RENAMED = replace(PROGRAM, name="renamed")
ALL = ("resolve", "--retry", "--reason", "status_404", "--since", "2h")


def refused(
    *, customer_id: int = 4001, reason: str = "status_404", at: datetime = NOON
) -> Issuance:
    """Return one that was refused after an attempt, and published."""
    row = requested(an_issuance(PROGRAM, customer_id=customer_id))
    return row.rejected(reason=reason, now=at, publish_by=at).announced(now=at)


def refused_at_the_gate() -> Issuance:
    row = an_issuance(PROGRAM)
    return row.rejected(reason="program_removed", now=NOON, publish_by=NOON).announced(now=NOON)


def refused_for_a_day(*, customer_id: int = 4001) -> Issuance:
    """Return one that was left to an operator because the refusal went on for a day."""
    doubted = requested(an_issuance(PROGRAM, customer_id=customer_id)).doubted(
        now=NOON,
        ready_at=NOON,
        why="status_404",
        refusal=None,
        contradiction="status_404",
        refused_since=NOON - timedelta(days=1),
        batch_limit=1,
    )
    return doubted.ambiguous(numbers=(), reason="status_404", now=NOON, publish_by=NOON).announced(
        now=NOON
    )


def refused_sign_up(*, reason: str = "status_404", at: datetime = NOON) -> Resolution:
    row = any_resolution().refused(reason=reason, now=at, publish_by=at).announced(now=at)
    return replace(row, program=PROGRAM.name)


def a_stage(*rows: Issuance | Resolution, programs: Sequence[Program] = (PROGRAM,)) -> FakeStage:
    stage = FakeStage(MemoryLedger(*rows), MemoryPrograms(*programs))
    stage.clock.pass_time(1)
    return stage


def stored(stage: FakeStage, row: Issuance) -> Issuance:
    found = stage.ledger.rows[row.key]
    assert isinstance(found, Issuance)
    return found


@pytest.mark.parametrize("row", [refused(), refused_for_a_day()], ids=["refused", "for a day"])
def test_what_was_sent_is_due_for_a_look_up(row: Issuance) -> None:
    stage = a_stage(row)

    code, data = stage.run_json("resolve", row.issuance_id, "--retry", "--yes")

    after = stored(stage, row)
    assert (code, data["state"]) == (0, "REQUESTED")
    assert (after.due_at, after.claim_id) == (stage.clock.now(), None)
    assert not after.unpublished


def test_what_was_never_sent_is_due_to_be_asked_for() -> None:
    row = refused_at_the_gate()
    stage = a_stage(row)

    outcome = stage.run("resolve", row.tracking_code, "--retry", "--reason", "back", typed="y\n")

    assert outcome.code == 0
    assert "is requested within a minute or two" in outcome.out
    assert stored(stage, row).state is IssuanceState.PENDING
    assert stored(stage, row).trail[-1].detail == "back"


def test_it_goes_to_the_program_that_has_its_offer_now() -> None:
    row = refused_at_the_gate()
    stage = a_stage(row, programs=(RENAMED,))

    stage.run("resolve", row.issuance_id, "--retry", "--yes")

    assert stored(stage, row).program == "renamed"


def test_what_belongs_to_a_program_that_cannot_be_read_is_not_given_to_another() -> None:
    row = refused()
    stage = a_stage(row, programs=(PROGRAM, RENAMED))
    stage.programs.unreadable.add(PROGRAM.name)

    outcome = stage.run("resolve", row.issuance_id, "--retry", "--yes")

    assert (outcome.code, stored(stage, row)) == (1, row)
    assert "cannot read these programs: welcome" in outcome.err


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (issued(an_issuance(PROGRAM)), "is ISSUED; only what was refused can be retried"),
        (ambiguous(an_issuance(PROGRAM)).announced(now=NOON), "Coniq may have a barcode for it"),
        (replace(refused(), published=0), "is not published yet; try again in a minute"),
    ],
)
def test_nothing_else_is_retried(row: Issuance, said: str) -> None:
    stage = a_stage(row)

    outcome = stage.run("resolve", row.issuance_id, "--retry", "--yes")

    assert outcome.code == 1
    assert said in outcome.err
    assert stored(stage, row) == row


@pytest.mark.parametrize("programs", [(), (RENAMED, replace(RENAMED, name="twin"))])
def test_what_no_program_wants_or_several_do_is_not_retried(programs: tuple[Program, ...]) -> None:
    row = refused()
    stage = a_stage(row, programs=programs)

    outcome = stage.run("resolve", row.issuance_id, "--retry", "--yes")
    many = stage.run(*ALL, "--yes")

    assert (outcome.code, stored(stage, row)) == (1, row)
    assert "no program in force issues the offer" in outcome.err
    assert "Left out: 1 of no program in force" in many.out


def test_many_are_counted_and_asked_about_before() -> None:
    mine = [refused(customer_id=each) for each in range(1, 251)]
    others = [
        refused(customer_id=1001, reason="status_400"),
        refused(customer_id=1002, at=NOON - timedelta(hours=3)),
        ambiguous(an_issuance(PROGRAM, customer_id=1003)),
        issued(an_issuance(PROGRAM, customer_id=1004)),
    ]
    stage = a_stage(*mine, *others, refused_for_a_day(customer_id=1005))

    no = stage.run(*ALL, typed="n\n")
    untouched = [stored(stage, row) for row in mine]
    yes = stage.run(*ALL, typed="y\n")
    again, data = stage.run_json(*ALL, "--yes")

    assert (no.code, yes.code, again) == (1, 0, 0)
    assert "request 251 barcodes at Coniq again" in no.err
    assert untouched == mine
    assert "welcome: 251" in yes.out
    assert {stored(stage, row).state for row in mine} == {IssuanceState.REQUESTED}
    assert [stored(stage, row) for row in others] == others
    assert (data["retryable"], data["retried"]) == (0, 0)


def test_a_dry_run_only_counts() -> None:
    row = refused()
    stage = a_stage(row)

    code, data = stage.run_json(*ALL, "--dry-run")

    assert (code, data["retryable"], data["retried"]) == (0, 1, 0)
    assert data["programs"] == {"welcome": 1}
    assert stored(stage, row) == row


@pytest.mark.parametrize(
    ("options", "met"),
    [
        (("--program", "welcome"), 1),
        (("--program", "other"), 0),
        (("--account", PROGRAM.account or ""), 1),
        (("--account", "other"), 0),
        (("--until", "5min"), 0),
    ],
)
def test_they_are_narrowed_by_program_account_and_time(options: tuple[str, ...], met: int) -> None:
    _, data = a_stage(refused()).run_json(*ALL, *options, "--dry-run")

    assert data["retryable"] == met


def test_what_is_not_announced_or_not_settled_is_left_out_and_counted() -> None:
    unpublished = replace(refused(customer_id=1), published=0)
    unsettled = replace(ambiguous(an_issuance(PROGRAM, customer_id=2)), reason="status_404")

    outcome = a_stage(unpublished, unsettled).run(*ALL, "--yes")

    assert outcome.code == 0
    assert "0 issuances refused as status_404 can be retried" in outcome.out
    assert "Left out: 1 whose refusal is not published yet" in outcome.out
    assert "Left out: 1 AMBIGUOUS" in outcome.out


def test_sign_ups_that_waited_for_their_customer_are_counted_and_left_to_their_producer() -> None:
    other = refused_sign_up(reason="customer_unknown")
    earlier = refused_sign_up(at=NOON - timedelta(hours=3))
    stage = a_stage(refused_sign_up(), other, earlier, any_resolution())

    outcome = stage.run(*ALL, "--yes")
    _, data = stage.run_json(*ALL, "--program", "welcome", "--dry-run")

    assert "Left out: 1 that waited for a customer id" in outcome.out
    assert "under another sign-up id" in outcome.out
    assert (data["retryable"], data["sign_ups"]) == (0, 1)


def test_rows_that_cannot_be_read_or_stored_are_named() -> None:
    damaged, unfit, sound = (refused(customer_id=each) for each in range(1, 4))
    stage = a_stage(damaged, unfit, sound)
    stage.ledger.broken.add(damaged.key)
    stage.ledger.unfit.add(unfit.key)

    code, data = stage.run_json(*ALL, "--yes")
    outcome = stage.run(*ALL, "--dry-run")

    assert (code, data["retried"]) == (0, 1)
    assert data["unreadable"] == sorted([damaged.key, unfit.key])
    assert damaged.key in outcome.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--retry",),
        ("--retry", "--reason", "status_404"),
        ("--retry", "--since", "2h"),
        ("--reissue", "--since", "2h", "--reason", "status_404"),
        ("A" * 26, "--retry", "--since", "2h"),
        ("A" * 26, "--retry", "--dry-run"),
        ("A" * 26, "--retry", "--reissue"),
        ("A" * 26, "--reissue"),
    ],
)
def test_what_is_meant_must_be_clear(arguments: tuple[str, ...]) -> None:
    assert a_stage(refused()).run("resolve", *arguments).code == 2


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


def test_they_are_found_and_retried_in_a_table_of_several_pages(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.dynamodb.models.table.RESULT_SIZE_LIMIT", 2000)
    now = datetime.now(UTC)
    mine = [refused(customer_id=each, at=now) for each in range(1, 31)]
    other = refused(customer_id=1001, reason="status_400", at=now)
    waited = refused_sign_up(at=now)
    deployed.store(*mine, other, waited, refused_sign_up(reason="status_400", at=now))
    deployed.open(Stage("dev")).programs.put(PROGRAM)

    code, said = deployed.run(*ALL, "--yes")

    assert code == 0
    assert "30 issuances refused as status_404 can be retried. 30 are" in said
    assert "Left out: 1 that waited for a customer id" in said
    assert {deployed.read(row).state for row in mine} == {IssuanceState.REQUESTED}
    assert deployed.read(other).state is IssuanceState.REJECTED
