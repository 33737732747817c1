"""The whole CLI against moto: the real adapters, the table, the queues."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from couponbus.aws.queues import SqsSignUps
from couponbus.domain.errors import QueueUnavailable
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.look_up_results import failed_look_up
from couponbus.domain.issuing.program import Program
from couponbus.domain.outbox.backlog import Backlog
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import open_world
from couponbus_cli.main import app
from tests.factories import any_issuance, any_resolution
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.programs.test_programs_file import SAMPLE
from tests.unit.cli.rows import NUMBER, an_issuance, requested

LATER = timedelta(seconds=60)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


@pytest.fixture
def program(deployed: Deployed) -> Program:
    code, _ = deployed.run("programs", "apply", str(SAMPLE))
    assert code == 0
    [program] = open_world(Stage("dev")).programs.active().readable
    return program


def now() -> datetime:
    return datetime.now(UTC)


def ambiguous(row: Issuance) -> Issuance:
    at = now()
    claimed = row.claimed(claim_id="claim-1", now=at, deadline=at + LATER, ready_at=at + LATER)
    return claimed.ambiguous(
        numbers=(NUMBER, "6330000000000043"), reason="several_found", now=at, publish_by=at + LATER
    )


def test_programs_come_back_from_the_table_as_they_were_applied(
    deployed: Deployed, program: Program, tmp_path: Path
) -> None:
    dry = deployed.run("programs", "apply", str(SAMPLE), "--dry-run")
    empty = tmp_path / "empty.yaml"
    empty.write_text("programs: []")

    pruned = deployed.run("programs", "apply", str(empty), "--prune")

    assert program.name == "welcome"
    assert "welcome: unchanged" in dry[1]
    assert pruned[0] == 0
    assert "There are no programs" in deployed.run("programs", "list")[1]


def test_status_counts_what_is_there_and_needs_a_person_for_an_ambiguous_one(
    deployed: Deployed, program: Program
) -> None:
    fresh = [replace(any_issuance(), due_at=now() + LATER, trail=()) for _ in range(3)]
    deployed.store(*fresh, replace(any_resolution(), due_at=now() + LATER))
    calm = deployed.run("status", "--json")
    counted = deployed.run("status", "--counts", "--json")[1]
    stuck = ambiguous(an_issuance(program))
    deployed.store(stuck)
    sqs = deployed.target.sqs()
    dead = sqs.get_queue_url(QueueName="couponbus-dev-signups-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="{}")

    alarmed = deployed.run("status", "--json")

    assert (calm[0], alarmed[0]) == (0, 1)
    counts = json.loads(counted[: counted.rindex("}") + 1])["counts"]
    assert (counts["ISSUANCE"], counts["RESOLUTION"]) == ({"PENDING": 3}, {"WAITING": 1})
    assert json.loads(calm[1])["counts"] is None
    data = json.loads(alarmed[1])
    assert data["ambiguous"] == [stuck.issuance_id]
    assert data["unpublished"] == 1
    assert data["queues"]["signups-dead"] == {"visible": 1, "in_flight": 0}
    assert len(data["attention"]) == 2
    assert data["attention"][1].endswith(
        ": aws sqs start-message-move-task --source-arn"
        " arn:aws:sqs:eu-west-1:123456789012:couponbus-dev-signups-dead"
    )


def test_status_reads_a_table_of_several_pages(
    deployed: Deployed, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.dynamodb.models.table.RESULT_SIZE_LIMIT", 2000)
    rows = [ambiguous(an_issuance(program, customer_id=each)) for each in range(1, 31)]
    deployed.store(*rows)

    data = json.loads(deployed.run("status", "--json")[1])

    assert data["ambiguous"] == sorted(row.issuance_id for row in rows)
    assert data["backlogs"]["outbox"]["more"]


@pytest.mark.parametrize("query", ["tracking code", "customer", "sign-up"])
def test_an_ambiguous_issuance_is_found_and_settled(
    deployed: Deployed, program: Program, query: str
) -> None:
    row = ambiguous(an_issuance(program)).announced(now=now())
    deployed.store(row)
    at_hand = {"tracking code": row.tracking_code, "customer": "4001", "sign-up": row.signup_id}

    why = deployed.run("why", at_hand[query])
    settled = deployed.run(
        "resolve", row.issuance_id, "--choose", "0042", "--reason", "seen", "--yes"
    )
    again = deployed.run("resolve", row.issuance_id, "--reissue", "--reason", "seen", "--yes")

    after = deployed.read(row)
    assert (why[0], settled[0], again[0]) == (0, 0, 1)
    assert "barcodes found: ************0042, ************0043" in why[1]
    assert (after.state, after.revision) == (IssuanceState.ISSUED, 2)
    assert after.barcode is not None
    assert after.barcode.number == NUMBER
    assert NUMBER not in why[1] + settled[1] + again[1]


def test_a_reissue_is_due_for_the_sweeper(deployed: Deployed, program: Program) -> None:
    row = ambiguous(an_issuance(program)).announced(now=now())
    deployed.store(row)

    code, _ = deployed.run("resolve", row.tracking_code, "--reissue", "--reason", "x", "--yes")

    [due] = open_world(Stage("dev")).report.backlogs()[Backlog.ISSUING].first
    assert code == 0
    assert (due.key, due.due_at <= now()) == (row.key, True)


def test_a_stage_without_its_table_is_not_deployed_here(deployed: Deployed) -> None:
    result = CliRunner().invoke(app, ["status", "--stage", "prod"], obj=open_world)

    assert result.exit_code == 3
    assert "is it deployed, in this region?" in result.stderr


def test_a_stage_without_its_functions_cannot_say_its_accounts(deployed: Deployed) -> None:
    result = CliRunner().invoke(
        app, ["programs", "apply", str(SAMPLE), "--stage", "dev"], obj=open_world
    )

    assert result.exit_code == 3
    assert "is it deployed, in this region?" in result.stderr


def test_an_account_is_paused_and_resumed_and_look_ups_in_vain_are_found(
    deployed: Deployed, program: Program
) -> None:
    at = now()
    claimed = an_issuance(program).claimed(
        claim_id="claim-1", now=at, deadline=at + LATER, ready_at=at + LATER
    )
    in_vain = claimed.unproven(since=at, now=at, until=at + LATER, why="unreadable_answer")
    search = any_resolution().unproven(since=at, now=at, until=at + LATER, why="unreadable_answer")
    waiting = replace(an_issuance(program, customer_id=4002), due_at=at + LATER)
    failing = failed_look_up(waiting, why="status_400", now=at)
    found = failed_look_up(an_issuance(program, customer_id=4003), why="status_400", now=at)
    deployed.store(in_vain, search, failing, requested(found))

    paused = deployed.run("account", "pause", "main", "--reason", "a sale")
    status = json.loads(deployed.run("status", "--json")[1])
    resumed = deployed.run("account", "resume", "main", "--yes")

    assert (paused[0], resumed[0]) == (0, 0)
    assert (status["issuing"][0]["braked"], status["issuing"][0]["seen"]) == ("operator", "a sale")
    unproven = {in_vain.issuance_id: at.isoformat(), search.resolution_id: at.isoformat()}
    assert status["unproven"] == unproven
    assert status["failing_look_ups"] == {failing.issuance_id: at.isoformat()}
    assert json.loads(deployed.run("status", "--json")[1])["issuing"][0]["braked"] is None


def test_messages_without_a_sign_up_id_are_sent_again_and_only_then_deleted(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = [f'{{"number": {number}' for number in range(23)]
    sqs = deployed.target.sqs()
    url = sqs.get_queue_url(QueueName=deployed.target.part("unidentified"))["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    with monkeypatch.context() as patch:
        patch.setattr(SqsSignUps, "send", _refuses)
        code, _ = deployed.run("redrive")
    assert code == 3
    depths = deployed.open(Stage("dev")).queues.depths()
    (kept,) = (each for each in depths if each.queue == "unidentified")
    assert (kept.visible, kept.in_flight) == (13, 10)
    assert deployed.bodies_in("signups") == []

    code, shown = deployed.run("redrive")

    assert (code, shown.startswith("13 messages were sent")) == (0, True)
    assert set(deployed.bodies_in("signups")) < set(bodies)
    assert len(deployed.bodies_in("signups")) == 13
    assert deployed.bodies_in("unidentified") == []


def _refuses(self: SqsSignUps, messages: Sequence[str]) -> None:
    raise QueueUnavailable("send_message_batch: AccessDenied")
