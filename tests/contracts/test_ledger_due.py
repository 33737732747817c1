"""Due rows are found by their backlog, page by page, in memory and on DynamoDB alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.outbox.backlog import TO_AUDIT, Backlog, parked_for
from couponbus.domain.row import Row
from couponbus.ports.shared import Ledger
from tests import factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud

SOON = timedelta(milliseconds=1)


@pytest.fixture(params=["memory", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    with a_cloud() as cloud:
        yield DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock())


def first(row: Row) -> Row:
    return row.written(f"write-{factories.any_word()}")


def issuances(count: int) -> list[Issuance]:
    return [factories.any_issuance().written("first") for _ in range(count)]


def due(ledger: Ledger, *backlogs: str, now: datetime = NOON) -> Iterator[str]:
    """Yield the keys that are due in these backlogs, or in all."""
    for backlog in backlogs or Backlog:
        page = ledger.due(backlog=backlog, now=now, limit=10)
        yield from page.keys
        while page.after is not None:
            page = ledger.due(backlog=backlog, now=now, limit=10, after=page.after)
            yield from page.keys


def test_a_row_is_due_from_its_time_on(ledger: Ledger) -> None:
    row = replace(first(factories.any_issuance()), due_at=NOON)
    ledger.write([row])

    assert list(due(ledger, now=NOON - SOON)) == []
    assert list(due(ledger, now=NOON)) == [row.key]
    assert list(due(ledger, now=NOON + SOON)) == [row.key]


def test_a_row_without_a_due_time_is_never_due(ledger: Ledger) -> None:
    ledger.write([replace(first(factories.any_issuance()), due_at=None)])

    assert list(due(ledger, now=NOON + timedelta(days=999))) == []


def test_a_row_that_was_put_off_is_due_later(ledger: Ledger) -> None:
    row = replace(first(factories.any_issuance()), due_at=NOON)
    ledger.write([row])
    ledger.write([row.handed_over(until=NOON + timedelta(minutes=5)).written("swept")])

    assert list(due(ledger, now=NOON)) == []
    assert list(due(ledger, now=NOON + timedelta(minutes=5))) == [row.key]


def test_an_announced_row_is_due_no_more(ledger: Ledger) -> None:
    row = first(factories.any_issued())
    ledger.write([row])
    ledger.write([row.announced(now=NOON).written("published")])

    assert list(due(ledger, now=NOON + timedelta(days=999))) == []


def test_rows_of_every_kind_can_be_due(ledger: Ledger) -> None:
    rows = [
        replace(first(row), due_at=NOON)
        for row in (factories.any_issued(), factories.any_resolution(), factories.any_rejection())
    ]
    ledger.write(rows)

    assert sorted(due(ledger, now=NOON)) == sorted(row.key for row in rows)


def test_each_kind_of_work_has_a_backlog_of_its_own(ledger: Ledger) -> None:
    rows = {
        Backlog.OUTBOX: first(factories.any_issued()),
        Backlog.ISSUING: first(factories.any_issuance()),
        Backlog.LOOKUPS: first(factories.any_requested()),
        Backlog.POLLS: first(factories.any_active_watch()),
        Backlog.RETRIES: first(factories.any_delivery()),
    }
    ledger.write([replace(row, due_at=NOON) for row in rows.values()])

    assert {backlog: list(due(ledger, backlog)) for backlog in Backlog} == {
        backlog: [row.key] for backlog, row in rows.items()
    }


def test_what_was_in_doubt_is_due_for_the_audit_once_it_is_published(ledger: Ledger) -> None:
    row = first(replace(factories.any_issued(), origin=Origin.RECONCILED))
    ledger.write([row])
    ledger.write([row.announced(now=NOON).written("published")])

    assert list(due(ledger)) == []
    assert list(due(ledger, TO_AUDIT)) == [row.key]
    assert list(due(ledger, TO_AUDIT, now=NOON - SOON)) == []


def test_a_row_changes_its_backlog_with_its_state(ledger: Ledger) -> None:
    issuance = factories.any_issuance()
    pending = replace(first(issuance), due_at=NOON)
    requested = replace(factories.any_requested(), issuance_id=issuance.issuance_id, due_at=NOON)
    ledger.write([pending])
    ledger.write([replace(requested, revision=2, write_id="claimed")])

    assert list(due(ledger, Backlog.ISSUING)) == []
    assert list(due(ledger, Backlog.LOOKUPS)) == [pending.key]


def test_what_is_parked_is_found_by_its_endpoint_alone(ledger: Ledger) -> None:
    rows = [
        first(replace(factories.any_parked(), endpoint_id=one, due_at=NOON))
        for one in ("shop", "shop", "erp")
    ]
    ledger.write(rows)

    assert list(due(ledger)) == []
    assert list(due(ledger, parked_for("erp"))) == [rows[2].key]
    assert sorted(due(ledger, parked_for("shop"))) == sorted(row.key for row in rows[:2])
    assert list(due(ledger, parked_for("shop"), now=NOON - SOON)) == []


def test_a_backlog_is_read_on_from_page_to_page_and_each_key_once(ledger: Ledger) -> None:
    rows = [replace(row, due_at=NOON + number * SOON) for number, row in enumerate(issuances(60))]
    ledger.write(rows)
    now = NOON + timedelta(days=1)

    page = ledger.due(backlog=Backlog.ISSUING, now=now, limit=25)
    pages = [list(page.keys)]
    while page.after is not None:
        page = ledger.due(backlog=Backlog.ISSUING, now=now, limit=25, after=page.after)
        pages.append(list(page.keys))

    assert all(len(keys) <= 25 for keys in pages)
    assert sorted(key for keys in pages for key in keys) == sorted(row.key for row in rows)


def test_a_backlog_is_read_on_while_what_was_read_is_put_off(ledger: Ledger) -> None:
    rows = [replace(row, due_at=NOON) for row in issuances(60)]
    ledger.write(rows)
    later = NOON + timedelta(hours=1)
    swept: list[str] = []

    after = None
    while True:
        page = ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=7, after=after)
        swept.extend(page.keys)
        read = ledger.read(page.keys).values()
        ledger.write([row.handed_over(until=later).written("swept") for row in read])
        if (after := page.after) is None:
            break

    assert sorted(swept) == sorted(row.key for row in rows)
    assert list(due(ledger, Backlog.ISSUING)) == []


def test_one_key_is_asked_for_and_no_more_are_given(ledger: Ledger) -> None:
    ledger.write([replace(row, due_at=NOON) for row in issuances(9)])

    assert len(ledger.due(backlog=Backlog.ISSUING, now=NOON, limit=1).keys) == 1
