"""The watch commands against moto: the table, its indexes, and the polls queue."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from couponbus.aws.clock import SystemClock
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.polling.cohort import CohortSize
from couponbus.domain.polling.pause import pause_key
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Limits
from couponbus.events.commands import ContinueWork, EndWatches, WatchCustomers
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import open_world
from couponbus_cli.watch.scan import WatchFilter
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.rows import an_issuance
from tests.unit.cli.watches import (
    DAY,
    HOUR,
    USER,
    a_pause,
    a_redemption,
    a_starting_watch,
    a_watching_program,
    an_active_watch,
)

COMMANDS: TypeAdapter[ContinueWork | EndWatches | WatchCustomers] = TypeAdapter(
    ContinueWork | EndWatches | WatchCustomers
)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


def a_fresh_watch() -> Watch:
    """Return one that began an hour before the real present."""
    began = datetime.now(UTC) - HOUR
    return replace(an_active_watch(), started_at=began, cohort_at=began, ends_at=began + 90 * DAY)


def sent(deployed: Deployed) -> list[ContinueWork | EndWatches | WatchCustomers]:
    return [COMMANDS.validate_json(body) for body in deployed.bodies_in("polls")]


def test_a_file_of_customers_reaches_the_queue(deployed: Deployed, tmp_path: Path) -> None:
    open_world(Stage("dev")).programs.put(a_watching_program())
    file = tmp_path / "customers.csv"
    lines = "".join(f"a-{number},{USER}-{number}\n" for number in range(1, 601))
    file.write_text(f"reference,uniqodo_user_id\n{lines}")

    code, said = deployed.run("watch", "add", str(file), "--program", "watched")

    commands = [each for each in sent(deployed) if isinstance(each, WatchCustomers)]
    references = {one.reference for each in commands for one in each.customers}
    assert (code, len(commands), len(references)) == (0, 24, 600)
    assert USER not in said


def test_watches_are_listed_ended_and_polled(deployed: Deployed) -> None:
    watch, other = a_fresh_watch(), a_starting_watch("b", provider=Provider.KOUPON)
    deployed.store(watch, other, an_issuance())

    code, listed = deployed.run("watch", "list", "--json")
    _, active = deployed.run("watch", "list", "--json", "--state", "ACTIVE", "--account", "main")
    cancelled = deployed.run("watch", "cancel", "signup-1")
    polled = deployed.run("watch", "poll", watch.watch_id)

    rows = json.loads(listed)["watches"]
    assert code == 0
    assert {row["watch_id"] for row in rows} == {watch.watch_id, other.watch_id}
    assert [row["watch_id"] for row in json.loads(active)["watches"]] == [watch.watch_id]
    assert (cancelled[0], polled[0]) == (0, 0)
    ending, look = sent(deployed)
    assert isinstance(ending, EndWatches)
    assert set(ending.keys) == {watch.key, other.key}
    assert look == ContinueWork(keys=(watch.key,))
    assert USER not in listed + active


def test_a_scan_of_several_pages_stops_when_it_has_enough(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.dynamodb.models.table.RESULT_SIZE_LIMIT", 3000)
    rows = [an_active_watch(f"user-{number}") for number in range(60)]
    deployed.store(*rows, a_starting_watch("b"))
    scan = open_world(Stage("dev")).watches

    everything = scan.keys(WatchFilter(state=WatchState.ACTIVE), limit=1000)
    some = scan.keys(WatchFilter(), limit=7)

    assert set(everything) == {row.key for row in rows}
    assert len(some) == 7


def test_an_account_is_paused_and_resumed_in_the_table(deployed: Deployed) -> None:
    account = ("--provider", "koupon", "--account", "main")

    paused = deployed.run("watch", "pause", *account)
    status = deployed.run("status", "--json")
    listed = deployed.run("watch", "pauses")
    resumed = deployed.run("watch", "resume", *account)

    assert (paused[0], listed[0], resumed[0]) == (0, 0, 0)
    [sentence] = json.loads(status[1])["attention"]
    assert sentence.startswith("koupon main is paused (by an operator)")
    assert "by an operator" in listed[1]
    row = deployed.read(a_pause(Provider.KOUPON))
    assert (row.key, row.revision) == (pause_key(Provider.KOUPON, "main"), 2)
    assert row.reason is None


def test_a_watch_is_explained_with_its_redemptions_and_its_next_poll(deployed: Deployed) -> None:
    watch = a_fresh_watch()
    cohort = watch.age_cohort
    assert cohort is not None
    deployed.store(watch, a_redemption(watch))
    DynamoCohorts(client=deployed.target.dynamodb(), table=deployed.target.table).enter({cohort: 3})

    code, said = deployed.run("why", "signup-1")

    assert list(open_world(Stage("dev")).cohorts.sizes().readable) == [
        CohortSize(cohort=cohort, watches=3)
    ]
    assert code == 0
    assert f"Watch {watch.watch_id}: ACTIVE" in said
    assert "Redemption " in said
    assert "its next poll is about" in said
    assert USER not in said


def test_the_calls_of_today_are_those_that_workers_have_leased(deployed: Deployed) -> None:
    workers = DynamoRateLimiter(
        client=deployed.target.dynamodb(),
        table=deployed.target.table,
        clock=SystemClock(),
        provider=Provider.UNIQODO,
        limits={"main": Limits(calls_per_second=100.0, calls_per_day=None)},
    )
    workers.reserve(account="main", calls=7, within=5.0)

    _, said = deployed.run("status", "--json")

    accounts = json.loads(said)["polling"]["accounts"]
    assert [(each["provider"], each["calls_today"]) for each in accounts] == [
        ("uniqodo", 7),
        ("koupon", 0),
    ]
