"""Rows that wait for an operator are found without a scan, in memory and on DynamoDB alike."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.outbox.backlog import Attention
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus.ports.shared import Ledger
from tests import factories, webhook_factories
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud


@pytest.fixture(params=["memory", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    with a_cloud() as cloud:
        yield DynamoLedger(client=cloud.clients.dynamodb, table=TABLE, clock=ManualClock())


def stored[R: Row](ledger: Ledger, row: R) -> R:
    after = row.written(f"write-{factories.any_word()}")
    ledger.write([after])
    return after


def ambiguous() -> Issuance:
    return factories.any_requested().ambiguous(numbers=(), reason="any", now=NOON, publish_by=NOON)


def test_an_ambiguous_issuance_is_shown_until_it_is_settled(ledger: Ledger) -> None:
    row = stored(ledger, ambiguous())

    assert ledger.attention(Attention.AMBIGUOUS, limit=10) == [row.key]

    barcode = factories.any_barcode(of=row.request)
    stored(ledger, row.issued(barcode=barcode, origin=Origin.CHOSEN, now=NOON, publish_by=NOON))
    assert ledger.attention(Attention.AMBIGUOUS, limit=10) == []


def test_an_endpoint_is_shown_until_it_is_removed(ledger: Ledger) -> None:
    row = stored(ledger, webhook_factories.any_endpoint())

    assert ledger.attention(Attention.ENDPOINTS, limit=10) == [row.key]

    stored(ledger, replace(row, state=EndpointState.REMOVED))
    assert ledger.attention(Attention.ENDPOINTS, limit=10) == []


def test_no_other_row_is_shown(ledger: Ledger) -> None:
    stored(ledger, factories.any_issuance())

    assert [ledger.attention(kind, limit=10) for kind in Attention] == [[], []]


def test_no_more_keys_are_read_than_asked_for(ledger: Ledger) -> None:
    keys = {stored(ledger, ambiguous()).key for _ in range(7)}

    found = ledger.attention(Attention.AMBIGUOUS, limit=5)

    assert (len(found), set(found) <= keys) == (5, True)
    assert set(ledger.attention(Attention.AMBIGUOUS, limit=10)) == keys
