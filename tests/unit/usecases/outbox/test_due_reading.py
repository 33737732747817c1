"""The entries of the due index that are read grow with the rows that wait, and no faster."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.domain.webhooks.parking import Parking
from couponbus.ports.shared import DuePage
from couponbus.usecases.issuing import audit_barcodes
from couponbus.usecases.outbox import sweep_due
from couponbus.usecases.polling.poll_redemptions import PAUSED_FOR
from couponbus_cli.watch import pauses
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.ledger import due_page
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.fakes.webhooks import answered
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.watches import a_starting_watch
from tests.unit.usecases.decided import issued
from tests.unit.usecases.outbox.sweeping import waiting
from tests.unit.usecases.webhooks.webhook_world import WebhookWorld, url_of
from tests.unit.usecases.world import World
from tests.webhook_factories import any_event_record, delivery_of

PAGE = 25
SIZES = (100, 300)
LATE = NOON - timedelta(hours=1)

type Reader = Callable[[int], "CountedLedger"]


class CountedLedger(UnreliableLedger):
    """Counts the entries of the index that were read; it lags behind until time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.entries = 0
        self._shown: tuple[datetime, Sequence[Row]] | None = None

    def has(self, row: Row) -> None:
        self.rows[row.key] = row.written("another-worker")

    def due(self, *, backlog: str, now: datetime, limit: int, after: str | None = None) -> DuePage:
        if self._shown is None or self._shown[0] != now:
            self._shown = now, list(self.rows.values())
        page = due_page(self._shown[1], backlog, now=now, limit=limit, after=after)
        self.entries += len(page.keys)
        return page


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_due, "PAGE", PAGE)
    monkeypatch.setattr(audit_barcodes, "DUE_PAGE", PAGE)
    monkeypatch.setattr(pauses, "PAGE", PAGE)


def sweep_sign_ups(rows: int) -> CountedLedger:
    world = World(ledger=(ledger := CountedLedger()))
    waiting(world, rows)
    assert world.sweep().handed_over == rows
    return ledger


def sweep_late(any_row: Callable[[], Row], rows: int) -> CountedLedger:
    world = World(ledger=(ledger := CountedLedger()))
    for _ in range(rows):
        ledger.has(replace(any_row(), due_at=LATE))
    world.sweep()
    assert not any(row.due_at == LATE for row in ledger.rows.values())
    return ledger


def sweep_missed_events(rows: int) -> CountedLedger:
    return sweep_late(factories.any_issued, rows)


def sweep_watches(rows: int) -> CountedLedger:
    return sweep_late(factories.any_active_watch, rows)


def sweep_deliveries(rows: int) -> CountedLedger:
    return sweep_late(factories.any_delivery, rows)


def wake_parked_deliveries(rows: int) -> CountedLedger:
    world = WebhookWorld(ledger=(ledger := CountedLedger()))
    world.has(endpoint := world.make())
    world.webhooks.always(url_of("shop"), answered(204))
    for _ in range(rows):
        event = any_event_record(event_at=NOON)
        ledger.has(event)
        ledger.has(delivery_of(event, endpoint).park(now=NOON))
    ledger.has(Parking(parking_id=endpoint.endpoint_id, due_at=NOON))
    while len(world.arrived()) < rows:
        world.cycle()
    return ledger


def audit_doubted(rows: int) -> CountedLedger:
    world = World(ledger=(ledger := CountedLedger()))
    issued(world, rows)
    assert world.audit(within=900.0).checked == rows
    return ledger


def wake_watches_of_a_pause(rows: int) -> CountedLedger:
    stage = FakeStage(ledger := CountedLedger())
    account = ("--provider", "uniqodo", "--account", "main")
    stage.run("watch", "pause", *account, "--reason", "test")
    for number in range(rows):
        ledger.has(a_starting_watch(f"user-{number}").put_off(until=NOON + PAUSED_FOR))
    stage.run("watch", "resume", *account)
    woken = [row for row in ledger.rows.values() if isinstance(row, Watch) and row.revision > 1]
    assert len(woken) == rows
    return ledger


@pytest.mark.parametrize(
    "reader",
    [
        sweep_sign_ups,
        sweep_missed_events,
        sweep_watches,
        sweep_deliveries,
        wake_parked_deliveries,
        audit_doubted,
        wake_watches_of_a_pause,
    ],
)
def test_each_reader_reads_an_entry_about_once_however_many_rows_wait(reader: Reader) -> None:
    small, large = (reader(rows).entries / rows for rows in SIZES)

    assert large <= small <= 1.1
