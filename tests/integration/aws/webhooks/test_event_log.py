"""The history on a table that returns small pages, or does not answer."""

from datetime import timedelta

import pytest

from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.webhooks.event_log import DynamoEventLog
from couponbus.domain.errors import LedgerUnavailable
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on

HOUR = timedelta(hours=1)


def test_each_page_of_an_hour_is_asked_for(
    cloud: Cloud, ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moto.dynamodb.models.table.RESULT_SIZE_LIMIT", 2_000)
    events = [
        factories.any_event_record(event_at=NOON + timedelta(seconds=number))
        for number in range(40)
    ]
    ledger.write([event.written("mine") for event in events])

    with faults_on(cloud.clients.dynamodb) as script:
        history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)
        found = list(history.between(since=NOON, until=NOON + HOUR))

    assert [one.key for one in found] == [event.key for event in events]
    assert len(script.calls) > 2


def test_an_hour_costs_one_call(cloud: Cloud) -> None:
    history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)

    with faults_on(cloud.clients.dynamodb) as script:
        list(history.between(since=NOON + HOUR / 2, until=NOON + 3 * HOUR))

    assert script.calls == ["Query"] * 3


def test_without_a_table_there_is_no_history(cloud: Cloud) -> None:
    history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, *[faults.connect_timeout] * 3)
        with pytest.raises(LedgerUnavailable, match=r"^history: ConnectTimeoutError$"):
            list(history.between(since=NOON, until=NOON + 3 * HOUR))


def test_what_ends_before_it_begins_is_not_asked_for(cloud: Cloud) -> None:
    history = DynamoEventLog(client=cloud.clients.dynamodb, table=TABLE)

    # DynamoDB refuses a range whose end lies before its beginning, moto does not.
    with faults_on(cloud.clients.dynamodb) as script:
        list(history.between(since=NOON + HOUR / 2, until=NOON + HOUR / 3))

    assert script.calls == []
