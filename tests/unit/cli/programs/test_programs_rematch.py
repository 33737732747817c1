"""Unmatched sign-ups are processed after a rematch, and a dry run only counts them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.domain.copying import replace as changed
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus_cli.app.stage import Stage
from tests.factories import any_program, any_unmatched
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.programs import MemoryPrograms
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.stage import FakeStage

SHOP = replace(any_program(), name="shop", account="main", pattern={"source": ["shop"]})
EVENT = (
    '{"source":"SOURCE","detail-type":"CustomerSignedUp","detail":{"signup_id":"s1",'
    '"occurred_at":"2026-06-01T11:00:00Z","customer":{"coniq_customer_id":1}}}'
)


def kept(source: str, *, minutes_ago: int, now: datetime = NOON) -> UnmatchedSignUp:
    return changed(
        any_unmatched(),
        source=source,
        arrived_at=now - timedelta(minutes=minutes_ago),
        message=EVENT.replace("SOURCE", source),
    ).written("issue_barcodes")


def stage_of(*rows: UnmatchedSignUp, programs: tuple[Program, ...] = (SHOP,)) -> FakeStage:
    return FakeStage(MemoryLedger(*rows), MemoryPrograms(*programs))


def due(stage: FakeStage) -> list[str]:
    return [key for key, row in stage.ledger.rows.items() if row.due_at is not None]


def test_those_that_a_program_matches_now_are_due_at_once() -> None:
    mine, other, old = (
        kept("shop", minutes_ago=60),
        kept("app", minutes_ago=60),
        kept("shop", minutes_ago=180),
    )
    stage = stage_of(mine, other, old)

    code, data = stage.run_json("programs", "rematch", "--since", "2h")

    assert code == 0
    assert data == {
        "kept": 2,
        "matching": 1,
        "programs": {"shop": 1},
        "rematched": 1,
        "unreadable": [],
    }
    assert due(stage) == [mine.key]


def test_a_dry_run_counts_and_changes_nothing() -> None:
    stage = stage_of(kept("shop", minutes_ago=1), programs=(SHOP, replace(SHOP, name="twin")))

    outcome = stage.run("programs", "rematch", "--since", "2h", "--dry-run")

    assert outcome.code == 0
    assert "shop: 1 sign-up" in outcome.out
    assert "twin: 1 sign-up" in outcome.out
    assert "1 of them match one now" in outcome.out
    assert due(stage) == []


def test_one_that_cannot_be_read_is_named_and_stops_no_other() -> None:
    mine, broken = kept("shop", minutes_ago=60), kept("shop", minutes_ago=59)
    stage = stage_of(mine, broken)
    stage.ledger.broken.add(broken.key)

    outcome = stage.run("programs", "rematch", "--since", "2h")

    assert outcome.code == 0
    assert f"cannot read these sign-ups, which stay as they are: {broken.key}" in outcome.err
    assert due(stage) == [mine.key]


def test_with_none_kept_there_is_nothing_to_do() -> None:
    outcome = stage_of().run("programs", "rematch", "--since", "7d")

    assert outcome.code == 0
    assert "0 sign-ups are kept" in outcome.out


@pytest.mark.parametrize("wrong", ["yesterday", "0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00"])
def test_what_is_no_time_is_refused(wrong: str) -> None:
    assert stage_of().run("programs", "rematch", "--since", wrong).code == 2


def test_status_asks_for_a_rematch_and_why_explains_it() -> None:
    row = kept("shop", minutes_ago=1)
    stage = stage_of(row)

    status, story = stage.run("status"), stage.run("why", row.signup_id)

    assert status.code == 1
    assert "1 sign-up matches no program" in status.out
    assert "couponbus programs rematch --since" in " ".join(story.out.split())
    stage.run("programs", "rematch", "--since", "2h")
    assert "it is matched against the programs as soon as" in stage.run("why", row.signup_id).out
    found = stage.ledger.rows[row.key]
    assert isinstance(found, UnmatchedSignUp)
    stage.ledger.rows[row.key] = found.matched(now=NOON)
    assert "A program matched it" in stage.run("why", row.signup_id).out
    assert stage.run("status").code == 0


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


def test_on_a_table_they_are_found_and_made_due(deployed: Deployed) -> None:
    row = kept("shop", minutes_ago=10, now=datetime.now(UTC))
    deployed.store(changed(row, revision=0))
    deployed.open(Stage("dev")).programs.put(SHOP)

    code, said = deployed.run("programs", "rematch", "--since", "2h")

    assert code == 0
    assert "1 of them match one now" in said
    assert deployed.read(row).due_at is not None
