"""`couponbus restore`: the steps of a restore in order; a step out of order is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.issuing.issuing_batch import batch_of
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore
from couponbus.domain.row import Row
from couponbus.domain.webhooks.parking import Parking, parking_key
from couponbus.ports.shared import Conflict
from couponbus.usecases.issuing.last_restore import MARK_FRESH_FOR
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.rows import an_issuance, requested
from tests.unit.cli.stage import FakeStage
from tests.webhook_factories import any_endpoint

TABLE = "couponbus-local-restored"


def mark_of(stage: FakeStage) -> Restore:
    mark = stage.ledger.rows[RESTORE_KEY]
    assert isinstance(mark, Restore)
    return mark


def begun(stage: FakeStage, *, to: str = "3h") -> Restore:
    outcome = stage.run("restore", "begin", "--to", to)
    assert outcome.code == 0, outcome.err
    return mark_of(stage)


def wait_until(stage: FakeStage, at: datetime) -> None:
    stage.clock.pass_time((at - stage.clock.now()).total_seconds())


def test_it_begins_by_stopping_the_workers_and_marking_the_table() -> None:
    stage = FakeStage()
    now = stage.clock.now()

    outcome = stage.run("restore", "begin", "--to", "3h")

    mark = mark_of(stage)
    assert (mark.to, mark.done_at) == (now - timedelta(hours=3), None)
    assert mark.at > now  # running invocations may last a while
    assert stage.triggers.state == "Disabled"
    assert "signups → issue_barcodes: switched off" in outcome.out


def test_where_no_invocation_runs_any_more_nothing_is_waited_for() -> None:
    stage = FakeStage()

    stage.run("restore", "begin", "--to", "2026-06-01T09:00Z", "--idle")

    assert mark_of(stage).at == stage.clock.now()


def test_a_moment_to_come_is_refused_and_stops_nothing() -> None:
    stage = FakeStage()

    outcome = stage.run("restore", "begin", "--to", "2099-01-01T00:00Z")

    assert (outcome.code, stage.triggers.state) == (1, "Enabled")
    assert "not in the past" in outcome.err


def test_the_copy_fills_what_is_gone_and_leaves_what_is_newer() -> None:
    kept, gone = factories.any_issuance(seed=1), factories.any_issuance(seed=2)
    newer = kept.written("newer")
    stage = FakeStage(MemoryLedger(newer), restored={TABLE: {kept.key: kept, gone.key: gone}})
    wait_until(stage, begun(stage).at)

    code, data = stage.run_json("restore", "copy", "--from", TABLE)

    assert (code, data) == (0, {"read": 2, "written": 1})
    assert stage.ledger.rows[kept.key] == newer
    assert stage.ledger.rows[gone.key].revision > gone.revision + 10**9


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1)])
def test_the_copy_replaces_what_there_is_only_when_a_person_says_so(typed: str, code: int) -> None:
    kept = factories.any_issuance()
    newer = kept.written("newer")
    stage = FakeStage(MemoryLedger(newer), restored={TABLE: {kept.key: kept}})
    wait_until(stage, begun(stage).at)

    outcome = stage.run("restore", "copy", "--from", TABLE, "--over", typed=typed)

    assert outcome.code == code
    assert (stage.ledger.rows[kept.key] == newer) is bool(code)


def test_nothing_is_copied_before_a_restore_has_begun() -> None:
    outcome = FakeStage().run("restore", "copy", "--from", TABLE)

    assert outcome.code == 1
    assert "begin one first" in outcome.err


def test_nothing_is_copied_while_workers_run() -> None:
    stage = FakeStage(restored={TABLE: {}})
    wait_until(stage, begun(stage).at)
    stage.triggers.state = "Enabled"

    outcome = stage.run("restore", "copy", "--from", TABLE)

    assert outcome.code == 1
    assert "signups → issue_barcodes" in outcome.err


def test_nothing_is_copied_while_the_last_invocations_may_run() -> None:
    stage = FakeStage(restored={TABLE: {}})
    begun(stage)

    outcome = stage.run("restore", "copy", "--from", TABLE)

    assert outcome.code == 1
    assert "repeat this then" in outcome.err


def test_the_workers_start_once_each_of_them_must_read_the_mark_again() -> None:
    stage = FakeStage()
    mark = begun(stage)
    wait_until(stage, mark.at)

    early = stage.run("restore", "start")
    wait_until(stage, mark.at + MARK_FRESH_FOR)
    outcome = stage.run("restore", "start")

    assert (early.code, outcome.code) == (1, 0)
    assert stage.triggers.state == "Enabled"
    assert "restore done" in outcome.out


@pytest.mark.parametrize("how", [["--over", "--yes"], []])
def test_what_is_parked_is_looked_for_whatever_the_copy_made_of_the_row_that_wakes_it(
    how: list[str],
) -> None:
    shop, cafe = (any_endpoint(seed=each) for each in (1, 2))
    rests = Parking(parking_id=shop.endpoint_id, due_at=None)
    kept = Parking(parking_id=shop.endpoint_id, due_at=factories.SPRING)
    stage = FakeStage(MemoryLedger(shop, cafe, kept), restored={TABLE: {rests.key: rests}})
    wait_until(stage, begun(stage).at + MARK_FRESH_FOR)
    stage.run("restore", "copy", "--from", TABLE, *how)

    assert stage.run("restore", "start").code == 0

    for each in (shop, cafe):
        parking = stage.ledger.rows[parking_key(each.endpoint_id)]
        assert parking.due_at is not None
        assert parking.due_at <= stage.clock.now()


def test_an_endpoint_whose_parked_webhooks_cannot_be_woken_is_named() -> None:
    shop = any_endpoint()
    parking = Parking(parking_id=shop.endpoint_id)
    stage = FakeStage(MemoryLedger(shop, parking))
    stage.ledger.broken.add(parking.key)
    wait_until(stage, begun(stage).at + MARK_FRESH_FOR)

    outcome = stage.run("restore", "start")

    assert (outcome.code, stage.triggers.state) == (0, "Enabled")
    assert shop.endpoint_id in outcome.err


def test_an_attempt_whose_batch_is_not_of_the_same_moment_is_due_once_workers_start() -> None:
    lost = requested(an_issuance()).written("w")
    due = replace(requested(an_issuance(customer_id=2)), due_at=NOON).written("w")
    batch = batch_of([lost], claim_id="claim-1", due_at=NOON, settled_at=NOON)
    closed = batch.left_with((), due_at=None, now=NOON).written("w")
    stage = FakeStage(MemoryLedger(closed, due), restored={TABLE: {lost.key: lost}})
    wait_until(stage, begun(stage).at + MARK_FRESH_FOR)
    stage.run("restore", "copy", "--from", TABLE)

    assert stage.run("restore", "start").code == 0

    assert stage.ledger.rows[lost.key].due_at == stage.clock.now()
    assert stage.ledger.rows[due.key] == due


def test_an_attempt_that_cannot_be_made_due_is_named() -> None:
    row = requested(an_issuance()).written("w")
    stage = FakeStage(MemoryLedger(row))
    stage.ledger.broken.add(row.key)
    wait_until(stage, begun(stage).at + MARK_FRESH_FOR)

    outcome = stage.run("restore", "start")

    assert (outcome.code, stage.triggers.state) == (0, "Enabled")
    assert row.issuance_id in outcome.err


def test_it_is_done_when_a_person_says_that_the_producers_have_sent_again() -> None:
    stage = FakeStage()
    begun(stage)

    refused = stage.run("restore", "done", typed="n\n")
    outcome = stage.run("restore", "done", typed="y\n")
    again = stage.run("restore", "done", "--yes")

    assert (refused.code, outcome.code, again.code) == (1, 0, 1)
    assert "sent again all sign-ups since 2026-06-01 09:00:00 UTC" in outcome.err
    assert mark_of(stage).done_at == stage.clock.now()
    assert "no restore is under way" in again.err


def test_a_restore_within_a_restore_goes_back_to_the_earlier_of_both() -> None:
    stage = FakeStage()
    first = begun(stage, to="5h")
    stage.clock.pass_time(600)

    second = begun(stage, to="1h")

    assert (second.to, second.at > first.at) == (first.to, True)


def test_its_status_says_how_far_it_is() -> None:
    stage = FakeStage()

    never = stage.run("restore", "status")
    begun(stage)
    open_still = stage.run("restore", "status")
    stage.run("restore", "done", "--yes")
    code, data = stage.run_json("restore", "status")

    assert "never restored" in never.out
    assert "until: couponbus restore done" in open_still.out
    assert "signups → issue_barcodes: disabled" in open_still.out
    assert (code, data["done_at"]) == (0, stage.clock.now().isoformat())


def test_the_status_of_the_stage_names_a_restore_that_is_not_done() -> None:
    stage = FakeStage()
    begun(stage)

    during = stage.run("status")
    stage.triggers.start()
    stage.run("restore", "done", "--yes")
    after = stage.run("status")

    assert (during.code, after.code) == (1, 0)
    assert "couponbus restore done" in during.out
    assert "restore" not in after.out


def test_two_operators_at_once_do_not_overwrite_each_other() -> None:
    stage = FakeStage()
    mark = begun(stage)

    class Overtaken(MemoryLedger):
        def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
            self.rows[RESTORE_KEY] = mark.written("another")
            return super().write(rows)

    stage.ledger = Overtaken(mark)

    outcome = stage.run("restore", "done", "--yes")

    assert outcome.code == 1
    assert "check it again" in outcome.err
