"""A replay is restricted, counted and confirmed before it sends, and can be continued."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, delivery_id_of, delivery_key
from couponbus.domain.webhooks.replay import Replay
from couponbus.ports.shared import Conflict
from couponbus.usecases.webhooks.replay_selection import Selection, Which
from couponbus_cli.app.failing import Failed
from couponbus_cli.deliveries.selection_text import selection_of, text_of
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.webhooks import (
    DAY,
    HOUR,
    a_stage,
    an_endpoint,
    an_event,
    disabled,
    exhausted,
    taken,
)

SHOP, ERP = an_endpoint("shop"), an_endpoint("erp")
OLD = an_event(hours_ago=50)
MIDDLE = an_event(hours_ago=5, detail_type="WatchEnded")
NEW = an_event(hours_ago=1)
ISSUANCE = replace(issued(an_issuance()), customer_ref=str(NEW.customer_ref))
RETRY = ("deliveries", "retry")


def the_stage() -> FakeStage:
    """Return a stage where the shop got all events but one, and other endpoints none."""
    deliveries = (taken(OLD, SHOP), exhausted(MIDDLE, SHOP), taken(NEW, SHOP))
    return a_stage(SHOP, ERP, rows=(ISSUANCE, OLD, MIDDLE, NEW, *deliveries))


def audits(stage: FakeStage) -> list[Replay]:
    return [row for row in stage.ledger.rows.values() if isinstance(row, Replay)]


def due(stage: FakeStage) -> list[Delivery]:
    rows = stage.ledger.rows.values()
    return [row for row in rows if isinstance(row, Delivery) and row.due_at is not None]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--since", "90d"), 6),
        (("--since", "24h"), 4),
        (("--until", "24h"), 2),
        (("--endpoint", "erp"), 3),
        (("--undelivered",), 4),
        (("--undelivered", "--endpoint", "shop"), 1),
        (("--type", "WatchEnded"), 2),
        (("--event", OLD.event_id, "--event", NEW.event_id, "--endpoint", "shop"), 2),
        (("--customer", ISSUANCE.signup_id), 2),
        ((delivery_id_of(endpoint_id="shop", event_id=NEW.event_id),), 1),
        ((delivery_id_of(endpoint_id="shop", event_id=OLD.event_id), "--since", "1h"), 1),
        (("--type", "BarcodeRefused"), 0),
    ],
)
def test_a_dry_run_counts_what_a_run_then_sends(arguments: Sequence[str], expected: int) -> None:
    stage = the_stage()

    dry_code, dry = stage.run_json(*RETRY, *arguments, "--dry-run")
    before = len(audits(stage)), len(due(stage))
    code, run = stage.run_json(*RETRY, *arguments, "--yes")

    assert (dry_code, code) == (0, 0)
    assert (dry["deliveries"], run["deliveries"], len(due(stage))) == (expected,) * 3
    assert before == (0, 0)


def test_it_is_shown_and_asked_about_then_kept() -> None:
    stage = the_stage()
    asked = (*RETRY, "--endpoint", "erp", "--since", "24h", "--rate", "5", "--as", "night shift")

    declined = stage.run(*asked, typed="n\n")
    nothing = audits(stage)
    done = stage.run(*asked, typed="y\n")

    [audit] = audits(stage)
    assert (declined.code, done.code, nothing) == (1, 0, [])
    assert "send 2 webhooks again, 5 a second" in declined.err
    assert "published from 2026-05-31 12:00:00 UTC to 2026-06-01 12:00:00 UTC" in declined.err
    assert "endpoints: erp" in declined.err
    assert (audit.requested_by, audit.planned, audit.sent, audit.rate) == ("night shift", 2, 2, 5)
    assert audit.ended_at == NOON
    assert json.loads(audit.selection)["endpoint_ids"] == ["erp"]
    assert f"replay {audit.replay_id} begins; if it is interrupted: couponbus" in done.err
    assert f"Replay {audit.replay_id}: 2 webhooks are due, 5 a second" in done.out
    assert "couponbus deliveries list --since 2026-05-31T12:00:00Z" in done.out


def test_what_was_delivered_is_sent_in_a_second_round() -> None:
    stage = the_stage()

    stage.run(*RETRY, "--event", NEW.event_id, "--endpoint", "shop", "--yes")

    [again] = due(stage)
    assert (again.round, again.attempt, again.state) == (2, 0, DeliveryState.PENDING)


def test_a_dry_run_says_what_would_be_sent() -> None:
    outcome = the_stage().run(*RETRY, "--undelivered", "--type", "WatchEnded", "--dry-run")

    assert outcome.code == 0
    assert "2 webhooks would be sent again:" in outcome.out
    assert "types: WatchEnded" in outcome.out
    assert "only what was never delivered" in outcome.out


@pytest.mark.parametrize("more", [("--dry-run",), ("--yes",)])
def test_nothing_to_send_is_said_with_the_likely_reason(more: tuple[str, ...]) -> None:
    stage = the_stage()

    outcome = stage.run(*RETRY, "--type", "BarcodeRefused", *more)

    assert (outcome.code, "No webhook matches." in outcome.out) == (0, True)
    assert audits(stage) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "select webhooks (at least one of"),
        (("--continue", "x", "--since", "1h"), 2, "or --continue a replay"),
        (("--continue", "x", "--dry-run"), 2, "--continue sends: leave --dry-run out"),
        (("--since", "1h", "--as", " "), 2, "--as: name who asks for the replay"),
        (("--continue", "missing"), 1, "there is no replay missing"),
        (("A" * 26,), 1, f"there is no delivery {'A' * 26} of the tenant default"),
        (("shop",), 1, "there is no delivery shop of the tenant default"),
        (("--endpoint", "missing"), 1, "there is no endpoint missing"),
        (("--endpoint", "gone"), 1, "gone is DISABLED (gone) since 2026-06-01 10:00:00 UTC, so"),
        (("--endpoint", "gone"), 1, "first couponbus endpoints resume gone"),
        (("--endpoint", "removed"), 1, "removed was removed"),
        (("--event", "f" * 32), 1, "is stored: events are kept for 90 days"),
        (("--event", *["x"] * 1), 1, "--event: write the id of an event"),
        (tuple(["A" * 26] * 1001), 1, "name at most 1000 deliveries and events"),
    ],
)
def test_what_cannot_be_sent_again_is_said(arguments: Sequence[str], code: int, said: str) -> None:
    gone, removed = disabled(an_endpoint("gone")), an_endpoint("removed").removed(now=NOON)
    stage = a_stage(SHOP, gone, removed, rows=(NEW,))

    outcome = stage.run(*RETRY, *arguments, "--yes")

    assert (outcome.code, said in " ".join(outcome.err.replace("│", " ").split())) == (code, True)


class Faltering(MemoryLedger):
    """A ledger that stores the first of several deliveries and then fails, until it is repaired."""

    is_mended = False

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        if not self.is_mended and any(isinstance(row, Delivery) for row in rows):
            super().write(rows[:1])
            raise LedgerUnavailable("write: ThrottlingException")
        return super().write(rows)


def test_an_interrupted_replay_is_continued_and_sends_nothing_twice() -> None:
    ledger = Faltering(*the_stage().ledger.rows.values())
    stage = FakeStage(ledger)

    broken = stage.run(*RETRY, "--endpoint", "shop", "--yes")
    [half] = audits(stage)
    begun = len(due(stage))
    ledger.is_mended = True
    on = stage.run(*RETRY, "--continue", half.replay_id, "--yes")
    over = stage.run(*RETRY, "--continue", half.replay_id, "--yes")

    assert (broken.code, on.code, over.code) == (3, 0, 1)
    assert (
        f"it was sent in part. To continue: couponbus deliveries retry --continue {half.replay_id}"
        in (broken.err)
    )
    assert (half.ended_at, begun) == (None, 1)
    assert sorted(row.round for row in due(stage)) == [2, 2, 2]
    assert f"the replay {half.replay_id} ended" in over.err


def test_a_continuation_is_asked_about_too() -> None:
    stage = the_stage()
    selection = Selection(tenant="default", since=NOON - DAY, until=NOON)
    audit = Replay(
        replay_id="replay-1",
        tenant="default",
        selection=text_of(selection),
        requested_by="operator",
        began_at=NOON,
        planned=4,
        rate=50,
    )
    stage.ledger.write([audit.written("test")])

    outcome = stage.run(*RETRY, "--continue", "replay-1", typed="n\n")

    assert (outcome.code, "continue this replay of 4 webhooks" in outcome.err) == (1, True)
    assert due(stage) == []


@pytest.mark.parametrize(
    "selection",
    [
        Selection(tenant="default", since=NOON - HOUR, until=NOON),
        Selection(
            tenant="default",
            since=NOON - HOUR,
            until=NOON,
            event_ids=("b", "a"),
            customer_refs=frozenset({"cus_1"}),
            detail_types=frozenset({"WatchEnded", "BarcodeIssued"}),
            endpoint_ids=frozenset({"shop"}),
            delivery_ids=frozenset({"d"}),
            which=Which.UNDELIVERED,
        ),
    ],
)
def test_the_selection_of_a_replay_is_read_as_it_was_written(selection: Selection) -> None:
    assert selection_of(text_of(selection), tenant="default") == selection


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"since": 1, "until": "2026-06-01T12:00:00+00:00"}',
        '{"since": "2026-06-01T12:00:00Z", "until": "2026-06-01T12:00:00Z", "which": "x"}',
        '{"since": "2026-06-01T12:00:00+00:00", "until": "2026-06-01T12:00:00+00:00",'
        ' "event_ids": "all"}',
    ],
)
def test_what_another_version_wrote_is_not_guessed_at(text: str) -> None:
    with pytest.raises(Failed, match="stored by another version"):
        selection_of(text, tenant="default")


def test_the_deliveries_of_another_tenant_are_not_named_by_accident() -> None:
    brand = an_endpoint("brand", tenant="brand")
    theirs = replace(NEW, tenant="brand")
    stage = a_stage(brand, rows=(theirs, taken(theirs, brand)))
    identity = delivery_id_of(endpoint_id="brand", event_id=NEW.event_id)

    mine = stage.run(*RETRY, identity, "--yes")
    right = stage.run(*RETRY, identity, "--yes", "--tenant", "brand")

    assert (mine.code, right.code) == (1, 0)
    assert getattr(stage.ledger.rows[delivery_key(identity)], "round", 0) == 2
